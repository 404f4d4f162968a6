"""What becomes of a story on its way into another newspaper: the declared transformations."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

from deduper.sample.stories import Story

Text = tuple[str, str]  # headline, text
Transformation = Callable[[Story, random.Random], Text]

SYNONYMS: Mapping[str, str] = {
    "about": "roughly",
    "said": "stated",
    "because": "since",
    "after": "following",
    "found": "discovered",
    "people": "persons",
    "children": "youngsters",
    "hospital": "clinic",
    "police": "officers",
    "started": "began",
    "closed": "shut",
    "company": "firm",
    "must": "have to",
    "now": "at present",
    "night": "evening",
    "house": "home",
    "several": "a number of",
    "some": "around",
}
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
LEAD_INS = (
    "Listen to this article. Reading time: 2 minutes. Share on social media.",
    "ADVERTISEMENT. Skip to main content. Breaking news delivered to your phone.",
    "This story was first published by a partner newsroom. Republished with permission.",
)
TAILS = tuple(
    """
    Sign up for our free morning newsletter and never miss a story. By clicking subscribe you \
agree to our terms of use and privacy policy. Related stories: weather, traffic, sports. \
Copyright: all rights reserved. This material may not be published, broadcast, rewritten or \
redistributed.
    We use cookies to personalize content and to analyze our traffic. Manage your preferences at \
any time. Support local journalism: become a member today for one dollar a week. Comments are \
closed. Have a news tip? Write to our editors.
    Do you have more information? Contact the newsroom. Follow us for updates. Most read this \
week: ten recipes for autumn, the best hikes near you, and how to save on heating. Already a \
subscriber? Log in to read without advertising.
    """.strip().splitlines()
)


def copied(story: Story, _chance: random.Random) -> Text:
    """Take it over word for word, as agencies' subscribers do; spaces and quotes may change."""
    return story.headline, f"  {story.told.replace(chr(39), '’')}\n"


def edited(story: Story, chance: random.Random) -> Text:
    """Replace words, drop a sentence, let two change places, add an editor's line."""
    sentences = SENTENCE.split(story.told)
    del sentences[chance.randrange(1, len(sentences))]
    place = chance.randrange(1, len(sentences) - 1)
    sentences[place], sentences[place + 1] = sentences[place + 1], sentences[place]
    text = re.sub(r"\w+", lambda word: SYNONYMS.get(word[0], word[0]), " ".join(sentences))
    return f"Update: {story.headline}", f"{text} This report has been updated."


def truncated(story: Story, chance: random.Random) -> Text:
    """Keep the first words, as feeds do: a tenth to a third."""
    words = story.told.split()
    kept = int(len(words) * chance.uniform(0.1, 0.33))
    return story.headline, " ".join(words[:kept]) + " … [Read more]"


def boilerplate(story: Story, chance: random.Random) -> Text:
    """Wrap it into what a web page adds around a story."""
    return story.headline, f"{chance.choice(LEAD_INS)} {story.told} {chance.choice(TAILS)}"


def retold(story: Story, chance: random.Random) -> Text:
    """Tell it in other words, as another reporter did; two times in three only the first lines."""
    sentences = SENTENCE.split(story.retold)
    kept = sentences if chance.random() < 1 / 3 else sentences[:2]
    addition = f" {chance.choice(TAILS)}" if chance.random() < 1 / 3 else ""
    return story.retold_headline, " ".join(kept) + addition


TRANSFORMATIONS: Mapping[str, Transformation] = {
    "copied": copied,
    "edited": edited,
    "truncated": truncated,
    "boilerplate": boilerplate,
    "retold": retold,
}
