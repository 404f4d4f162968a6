"""The fingerprint of headline and text."""

from __future__ import annotations

import os
import subprocess
import sys

from deduper.fingerprint import normalise, of_article, simhash, similarity

TEXT = "Two firefighters were hurt when a warehouse burned in Dayville on Tuesday night. " * 3


def test_it_is_the_same_number_in_every_process() -> None:
    program = f"from deduper.fingerprint import simhash; print(simhash({TEXT!r}))"
    command = [sys.executable, "-c", program]
    numbers = {
        subprocess.run(
            command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }

    assert numbers == {f"{simhash(TEXT)}\n".encode()}
    assert simhash("a b c d") == 3516185437123274800, "numbers kept in databases must not change"


def test_near_texts_have_near_fingerprints() -> None:
    words = normalise(None, TEXT)
    near = simhash(words.replace("tuesday", "monday"))
    far = simhash(normalise(None, "Bayside lost the final by one goal to Salter in the rain. " * 3))

    assert similarity(simhash(words), near) > similarity(simhash(words), far)
    assert similarity(near, near) == 1.0
    assert similarity(0, -1) == 0.0
    assert similarity(None, near) == similarity(near, None) == similarity(None, None) == 0.0


def test_case_spaces_punctuation_and_ligatures_make_no_difference() -> None:
    assert normalise("Fire!", "The oﬃce\n\n— burned.") == normalise("FIRE", "the office burned")


def test_an_article_without_words_has_none() -> None:
    assert of_article(None, " — ") == (None, None)
