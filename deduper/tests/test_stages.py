"""What each stage writes, on small databases made by hand."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from deduper.sample.compose import SampleArticle

Run = Callable[..., subprocess.CompletedProcess[str]]
Rows = Callable[..., list[tuple[object, ...]]]
Make = Callable[[Sequence[SampleArticle]], None]

FIRE = "Two firefighters were hurt when a warehouse burned in Dayville on Tuesday night."
VOTE = "The council of Tarrow voted for a new library beside the old railway station."


def new(number: int, **values: str | bool) -> SampleArticle:
    return replace(SampleArticle(number, reports=(7,)), **values)  # type: ignore[arg-type] # tests name the fields


def approved(number: int, **values: str | bool) -> SampleArticle:
    return new(number, **{"approved": True, **values, "reports": ()})  # type: ignore[arg-type] # as above


def column(rows: Rows, name: str) -> dict[tuple[object, object], object]:
    found = rows(f"SELECT articleIdNew, articleIdApproved, {name} FROM ArticleDuplicateAnalyses")  # noqa: S608 - our own names
    return {(row[0], row[1]): row[2] for row in found}


def test_load_pairs_every_new_article_with_every_approved_one(
    run: Run, rows: Rows, make: Make
) -> None:
    make(
        [new(1), new(2, approved=True), approved(3), approved(4, approved=False), SampleArticle(5)]
    )

    assert run("load", "--report-id", "7").returncode == 0

    assert rows(
        "SELECT articleIdNew, articleIdApproved, reportId, sameArticleIdFlag, sameStateFlag, "
        "urlCheck, contentHash, embeddingSearch FROM ArticleDuplicateAnalyses ORDER BY 1, 2"
    ) == [
        (1, 2, 7, 0, None, None, None, None),
        (1, 3, 7, 0, None, None, None, None),
        (2, 2, 7, 1, None, None, None, None),
        (2, 3, 7, 0, None, None, None, None),
    ]


def test_an_article_approved_twice_is_paired_once(run: Run, rows: Rows, make: Make) -> None:
    make([new(1), approved(2)])
    rows(
        "INSERT INTO ArticleApproveds (userId, articleId, createdAt, updatedAt) VALUES (9, 2, 0, 0)"
    )

    run("load", "--report-id", "7")

    assert len(column(rows, "id")) == 1


def test_nothing_approved_yet_is_no_failure(run: Run, rows: Rows, make: Make) -> None:
    make([new(1, content=FIRE)])

    assert run("analyze", "--report-id", "7").returncode == 0
    assert run("analyze", "--report-id", "7", "--top", "3").returncode == 0
    assert column(rows, "id") == {}


def test_states_are_equal_only_where_both_are_known(run: Run, rows: Rows, make: Make) -> None:
    make([new(1, state="Ohio"), new(2), approved(3, state="Ohio"), approved(4)])
    run("load", "--report-id", "7")

    assert run("states").returncode == 0

    assert column(rows, "sameStateFlag") == {(1, 3): 1, (1, 4): 0, (2, 3): 0, (2, 4): 0}
    assert column(rows, "articleNewState")[1, 4] == "Ohio"
    assert column(rows, "articleApprovedState")[1, 4] is None


def test_of_several_states_the_first_given_counts(run: Run, rows: Rows, make: Make) -> None:
    make([new(1, state="Utah"), approved(2, state="Utah")])
    rows(
        "INSERT INTO ArticleStateContracts (articleId, stateId, createdAt, updatedAt) "
        "SELECT 1, id, 0, 0 FROM States WHERE name = 'Ohio'"
    )
    run("load", "--report-id", "7")

    run("states")

    assert column(rows, "articleNewState") == {(1, 2): "Utah"}


def test_urls_are_compared_in_their_canonical_spelling(run: Run, rows: Rows, make: Make) -> None:
    make(
        [
            new(1, url="http://WWW.News.example/a/?utm_source=x#top"),
            new(2, url="http://[bad"),
            new(3),
            approved(4, url="https://news.example/a"),
            approved(5, url="http://[bad"),
            approved(6),
        ]
    )
    run("load", "--report-id", "7")

    assert run("url_check").returncode == 0

    assert {pair for pair, same in column(rows, "urlCheck").items() if same} == {(1, 4)}


@pytest.mark.parametrize("command", ["content_hash", "embedding"])
def test_missing_texts_are_like_nothing(run: Run, rows: Rows, make: Make, command: str) -> None:
    make([new(1), new(2, title=" ", content="\t\n"), approved(3), approved(4, approved_text="  ")])
    run("load", "--report-id", "7")

    assert run(command).returncode == 0

    name = "contentHash" if command == "content_hash" else "embeddingSearch"
    assert column(rows, name) == {(1, 3): 0.0, (1, 4): 0.0, (2, 3): 0.0, (2, 4): 0.0}


def test_the_text_is_the_approved_one_else_the_content_else_title_and_description(
    run: Run, rows: Rows, make: Make
) -> None:
    make(
        [
            new(1, content=FIRE),
            new(2, content=VOTE),
            # Approved text before content, whether the article is new or approved.
            approved(3, content=VOTE, approved_text=FIRE),
            new(4, content=VOTE, approved=True, approved_text=FIRE),
            # Content where the approved text is blank; title and description without either.
            approved(5, content=VOTE, approved_text=" \n"),
            approved(6, title=FIRE[:40], description=FIRE[40:]),
            # What was not approved is no approved text.
            new(7, content=VOTE, approved=False, approved_text=FIRE),
        ]
    )
    run("analyze_fast", "--report-id", "7")

    scores = column(rows, "embeddingSearch")

    assert scores[1, 3] == scores[1, 4] == scores[4, 3] == 1.0
    assert scores[2, 5] == scores[7, 5] == 1.0
    assert scores[1, 6] >= 0.9  # type: ignore[operator] # a number
    assert scores[1, 5] < 0.7  # type: ignore[operator] # a number
    assert scores[7, 3] < 0.7  # type: ignore[operator] # a number


def test_content_hash_is_1_for_equal_words_and_less_for_others(
    run: Run, rows: Rows, make: Make
) -> None:
    make(
        [
            new(1, title="Fire!", content=f"{FIRE} {VOTE}"),
            approved(2, title="FIRE", content=f"{FIRE}\n\n{VOTE}".upper()),
            approved(3, title="Fire!", content=f"{FIRE} {VOTE} Nobody died."),
            approved(4, title="Sport", content="Bayside lost the final by one goal to Salter."),
        ]
    )
    run("load", "--report-id", "7")

    run("content_hash")

    hashes = column(rows, "contentHash")
    assert hashes[1, 2] == 1.0
    assert 0.8 <= hashes[1, 3] <= 1.0  # type: ignore[operator] # a number
    assert hashes[1, 4] < 0.8  # type: ignore[operator] # a number


def test_broken_characters_stop_nothing(run: Run, rows: Rows, make: Make) -> None:
    make([new(1, content=FIRE), approved(2, content=FIRE), approved(3, content=VOTE)])
    rows("UPDATE ArticleContents SET content = CAST(x'ff00fe' AS TEXT) WHERE articleId = 3")
    rows("UPDATE Articles SET title = x'00ff', url = x'c3' WHERE id = 1")
    rows("UPDATE ArticleContents SET content = 42 WHERE articleId = 2")

    done = run("analyze", "--report-id", "7")

    assert done.returncode == 0, done.stderr
    assert len(column(rows, "embeddingSearch")) == 2


@pytest.mark.usefixtures("database")
def test_stage_by_stage_gives_what_analyze_gives(run: Run, rows: Rows) -> None:
    columns = (
        "articleIdNew, articleIdApproved, sameStateFlag, urlCheck, contentHash, embeddingSearch"
    )
    query = f"SELECT {columns} FROM ArticleDuplicateAnalyses ORDER BY 1, 2"  # noqa: S608 - our own names
    run("analyze", "--report-id", "3")
    at_once = rows(query)

    for command in (("load", "--report-id", "3"), ("states",), ("url_check",), ("content_hash",)):
        assert run(*command).returncode == 0
    assert run("embedding").stdout == f"embedding: {len(at_once)} rows\n"

    assert rows(query) == at_once


@pytest.mark.usefixtures("database")
def test_analyze_fast_leaves_the_content_hash_out(run: Run, rows: Rows) -> None:
    assert run("analyze_fast", "--report-id", "1").returncode == 0

    assert rows("SELECT count(contentHash), count(urlCheck) > 0 FROM ArticleDuplicateAnalyses") == [
        (0, 1)
    ]


@pytest.mark.usefixtures("database")
def test_only_the_own_reports_rows_are_replaced(run: Run, rows: Rows) -> None:
    query = "SELECT * FROM ArticleDuplicateAnalyses WHERE reportId = 1 ORDER BY id"
    run("load", "--report-id", "1")
    first = rows(query)

    run("load", "--report-id", "2")
    assert rows(query) == first

    run("load", "--report-id", "1")
    assert len(rows(query)) == len(first)
    assert rows(query) != first


def test_the_sample_brings_the_articles_of_a_run_without_a_report(
    run: Run, rows: Rows, environment: dict[str, str], database: Path
) -> None:
    environment["PATH_TO_CSV"] = str(database.parent / "article_ids.csv")

    done = run("analyze_fast")

    assert (done.returncode, done.stderr) == (0, "")
    in_reports = rows("SELECT count(DISTINCT articleId) FROM ArticleReportContracts")
    assert rows("SELECT count(DISTINCT articleIdNew) FROM ArticleDuplicateAnalyses") == in_reports


def test_the_sample_tells_duplicates_from_others(run: Run, rows: Rows, database: Path) -> None:
    lines = (database.parent / "labels.csv").read_text().splitlines()[1:]
    labels = {
        (int(n), int(a)): label == "1" for n, a, *_, label in (line.split(",") for line in lines)
    }
    run("analyze_fast", "--report-id", "1")

    scores = column(rows, "embeddingSearch")
    ours = {pair: scores[pair] for pair in labels if pair in scores}
    wrong = [pair for pair, score in ours.items() if (score >= 0.7) != labels[pair]]  # type: ignore[operator] # numbers

    assert len(ours) > 80
    assert len(wrong) <= len(ours) * 0.05
