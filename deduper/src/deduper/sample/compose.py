"""Composes the sample: which articles there are, in which reports, with which flaws."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from deduper.sample.stories import Story, load_stories
from deduper.sample.transformations import SENTENCE, TRANSFORMATIONS, boilerplate

REPORTS = (1, 2, 3, 4)
PAPERS = ("Courier", "Herald", "Observer", "Tribune", "Wire")
TRACKING = (
    "utm_source=newsletter&utm_medium=email",
    "fbclid=IwAR3x",
    "gclid=Cj0",
    "mc_cid=77&mc_eid=aa",
    "ref=home",
)


@dataclass(frozen=True, slots=True)
class SampleArticle:
    """One article; None is a missing field. `story` is None where it tells none of ours."""

    id: int
    title: str | None = None
    description: str | None = None
    content: str | None = None
    url: str | None = None
    state: str | None = None
    story: Story | None = None
    transformation: str | None = None
    reports: Sequence[int] = ()
    approved: bool | None = None
    approved_text: str | None = None
    publication: str = "Wire"

    @property
    def text(self) -> str:
        """The text the deduper goes by: the approved one where there is one."""
        return (self.approved_text or "").strip() or self.content or ""


def compose(seed: int) -> list[SampleArticle]:
    """Return the articles; the same seed gives the same ones."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    stories = load_stories()
    articles = [_approved(number, story, chance) for number, story in enumerate(stories, start=1)]
    variants = [(place, name) for place in range(len(stories)) for name in TRANSFORMATIONS]
    chance.shuffle(variants)
    for number, (place, name) in enumerate(variants, start=len(articles) + 1):
        articles.append(_variant(number, articles[place], name, chance))
    return articles + _oddities(len(articles) + 1, stories)


def _approved(number: int, story: Story, chance: random.Random) -> SampleArticle:
    paper = chance.choice(PAPERS)
    slug = "-".join(story.headline.lower().replace(",", "").split()[:5])
    return SampleArticle(
        id=number,
        title=story.headline,
        description=SENTENCE.split(story.told)[0],
        # Web pages bring the same additions to different stories.
        content=boilerplate(story, chance)[1] if chance.random() < 0.3 else story.told,
        url=f"https://www.{paper.lower()}.example/news/{number}/{slug}",
        state=story.state,
        story=story,
        approved=True,
        # The rest leave the field blank: their own content is their text.
        approved_text=story.told if chance.random() < 0.7 else chance.choice((None, "", "  \n")),
        # Some are in a report again: the pair of an article with itself.
        reports=(chance.choice(REPORTS),) if number % 10 == 0 else (),
        publication=paper,
    )


def _variant(
    number: int, original: SampleArticle, name: str, chance: random.Random
) -> SampleArticle:
    story = original.story
    if story is None or original.url is None:
        raise ValueError(f"article {original.id} tells no story of ours")
    title, text = TRANSFORMATIONS[name](story, chance)
    return SampleArticle(
        id=number,
        title=title,
        description=SENTENCE.split(text.strip())[0],
        content=text,
        url=_url(number, original.url, name, chance),
        state=story.state if chance.random() < 0.85 else None,
        story=story,
        transformation=name,
        reports=(REPORTS[number % len(REPORTS)],),
        publication=chance.choice(PAPERS),
    )


def _url(number: int, original: str, name: str, chance: random.Random) -> str | None:
    if name != "copied":
        paper = chance.choice(PAPERS).lower()
        return f"http://{paper}.example/story?id={number}&{chance.choice(TRACKING)}"
    same = original.replace("https://www.", chance.choice(("http://", "https://WWW.", "https://")))
    return chance.choice((f"{same}/?{chance.choice(TRACKING)}", f"{same}#comments", same, None))


def _oddities(number: int, stories: Sequence[Story]) -> list[SampleArticle]:
    """Return what real feeds contain besides news: each of these once stopped a run."""
    story = stories[0]
    flaws: Sequence[tuple[str | None, str | None, str | None, str | None]] = (
        (None, None, None, None),
        ("", " \t\n", "   ", ""),
        ("Malformed address", "An address that no parser takes.", None, "http://[bad"),
        (story.headline, SENTENCE.split(story.told)[0], None, "https://"),
        (
            "Größe “zählt” — naïve café ☕ 火事 🚒",
            None,
            "Ünïcödé\u0301 \u202eدخان\u202c 火事 🚒\x00 end",
            "höst.example/ü",
        ),
        (
            "'; DROP TABLE Articles; --",
            None,
            'Robert\'); said "nothing" % _ \\ at all.',
            "//host.example",
        ),
    )
    return [
        SampleArticle(
            id=number + place,
            title=title,
            description=description,
            content=content,
            url=url,
            state=None,
            reports=(REPORTS[place % len(REPORTS)],),
            # The first two are approved as well: two missing values must never match.
            approved=True if place < 2 else (False if place == 2 else None),
        )
        for place, (title, description, content, url) in enumerate(flaws)
    ]
