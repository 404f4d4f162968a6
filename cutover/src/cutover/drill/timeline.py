"""The timeline of a drill as one SVG: share, faults, answers a second; for light and dark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape

from cutover.drill.findings import Findings

WIDTH, HEIGHT = 960, 330
LEFT, RIGHT = 60, 20
SHARE_TOP, SHARE_HEIGHT = 40, 90
LOAD_TOP, LOAD_HEIGHT = 190, 90
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#444}"
    ".share{fill:none;stroke:#2b6cb0;stroke-width:2}"
    ".fault{fill:#c53030;opacity:.16}.faultname{fill:#c53030}"
    ".good{fill:#2f855a}.bad{fill:#c53030}"
    ".axis{stroke:#999;stroke-width:1}"
    "@media(prefers-color-scheme:dark){text{fill:#ccc}.faultname{fill:#fc8181}}"
)


def svg(findings: Findings) -> str:
    """Return the picture."""
    parts = [
        *_faults(findings),
        *_shares(findings),
        *_answers(findings),
        *_time_axis(findings),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Timeline of the drill"><style>{STYLE}</style>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _x(findings: Findings, at: float) -> float:
    span = max(findings.ended - findings.began, 1.0)
    return LEFT + (at - findings.began) / span * (WIDTH - LEFT - RIGHT)


def _shares(findings: Findings) -> Iterator[str]:
    def y(share: int) -> float:
        return SHARE_TOP + SHARE_HEIGHT * (1 - share / 100)

    path, share = [f"M {LEFT} {y(0):.1f}"], 0
    for at, _, after in findings.stages:
        x = _x(findings, at)
        path.append(f"L {x:.1f} {y(share):.1f} L {x:.1f} {y(after):.1f}")
        share = after
    path.append(f"L {WIDTH - RIGHT} {y(share):.1f}")
    yield f'<text x="{LEFT}" y="{SHARE_TOP - 12}">creates to the candidate</text>'
    for level in (0, 50, 100):
        yield f'<text x="{LEFT - 8}" y="{y(level) + 4:.1f}" text-anchor="end">{level} %</text>'
    yield f'<path class="share" d="{" ".join(path)}"/>'


def _faults(findings: Findings) -> Iterator[str]:
    for index, fault in enumerate(findings.faults):
        left, right = _x(findings, fault.began), _x(findings, fault.healed)
        height = LOAD_TOP + LOAD_HEIGHT - SHARE_TOP
        yield (
            f'<rect class="fault" x="{left:.1f}" y="{SHARE_TOP}" width="{right - left:.1f}" '
            f'height="{height}"><title>the candidate {escape(fault.says)}</title></rect>'
        )
        y = SHARE_TOP + SHARE_HEIGHT + 16 + 14 * (index % 2)
        yield f'<text class="faultname" x="{left:.1f}" y="{y}">{escape(fault.name)}</text>'


def _answers(findings: Findings) -> Iterator[str]:
    good = Counter(int(one.at - findings.began) for one in findings.sent if not one.failed)
    bad = Counter(int(one.at - findings.began) for one in findings.sent if one.failed)
    seconds = sorted(good.keys() | bad.keys())
    most = max((good[second] + bad[second] for second in seconds), default=1)
    bottom, scale = LOAD_TOP + LOAD_HEIGHT, LOAD_HEIGHT / most
    width = max((WIDTH - LEFT - RIGHT) / max(len(seconds), 1) - 0.5, 0.5)
    yield f'<text x="{LEFT}" y="{LOAD_TOP - 6}">answers a second, failed ones red</text>'
    yield f'<text x="{LEFT - 8}" y="{LOAD_TOP + 8}" text-anchor="end">{most}</text>'
    for second in seconds:
        x = _x(findings, findings.began + second)
        failed, fine = bad[second] * scale, good[second] * scale
        yield _bar("good", x, bottom - fine, width, fine)
        if failed:
            yield _bar("bad", x, bottom - fine - failed, width, failed)


def _bar(kind: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.2f}" height="{height:.1f}"/>'
    )


def _time_axis(findings: Findings) -> Iterator[str]:
    y = LOAD_TOP + LOAD_HEIGHT
    yield f'<line class="axis" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>'
    span = findings.ended - findings.began
    for part in range(5):
        at = findings.began + span * part / 4
        yield (
            f'<text x="{_x(findings, at):.1f}" y="{y + 18}" text-anchor="middle">'
            f"{span * part / 4:.0f} s</text>"
        )
