"""When two addresses name the same page."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

TRACKING = frozenset({"fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "_ga", "ref"})
DEFAULT_PORTS = frozenset({80, 443})


def canonical(url: str | None) -> str | None:
    """Return the one spelling of an address, or None where it is missing or malformed.

    https, host lower-cased, one leading `www.` dropped, no trailing slash, no fragment, no
    tracking parameters; the other parameters keep their order. An address without a scheme is
    taken for a web address, and the ports 80 and 443 are no part of it. One with a user name
    (`mailto:a@b.c`) is none.
    """
    if url is None or not url.strip():
        return None
    try:
        return _canonical(url.strip())
    except ValueError:  # urlsplit's word for a bad host or port
        return None


def _canonical(url: str) -> str | None:
    parts = urlsplit(url if "://" in url else f"https://{url.removeprefix('//')}")
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname or parts.username:
        return None
    host = parts.hostname.removeprefix("www.")
    if ":" in host:
        host = f"[{host}]"
    if parts.port is not None and parts.port not in DEFAULT_PORTS:
        host = f"{host}:{parts.port}"
    query = urlencode(
        [
            (name, value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
            if not _tracks(name)
        ]
    )
    return f"https://{host}{parts.path.rstrip('/')}" + (f"?{query}" if query else "")


def _tracks(parameter: str) -> bool:
    name = parameter.lower()
    return name in TRACKING or name.startswith("utm_")
