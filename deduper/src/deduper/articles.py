"""What the shared database says of the run's articles, each read in one pass over its table."""

from __future__ import annotations

import sqlite3

# SQLite's trim() takes spaces alone unless told otherwise; a text of these is no text.
BLANKS = "' ' || char(9, 10, 11, 12, 13, 160)"


def _present(column: str) -> str:
    """Return SQL for a column's text without blanks around it, NULL where nothing is left."""
    return f"nullif(trim(CAST({column} AS TEXT), {BLANKS}), '')"


# S608: what is filled in is our own SQL.
TITLE_AND_DESCRIPTION = f"""
UPDATE temp.run_articles SET
    headline = found.title,
    text = coalesce(found.title || char(10) || found.description, found.title, found.description)
FROM (
    SELECT id, {_present("title")} AS title, {_present("description")} AS description
    FROM Articles
) AS found
WHERE found.id = temp.run_articles.id
"""  # noqa: S608 - see above
CONTENT = f"""
UPDATE temp.run_articles SET text = found.text
FROM (
    SELECT articleId, {_present("content")} AS text, max(id)
    FROM ArticleContents WHERE {_present("content")} IS NOT NULL GROUP BY articleId
) AS found
WHERE found.articleId = temp.run_articles.id
"""  # noqa: S608 - see above
APPROVED = f"""
UPDATE temp.run_articles SET
    headline = coalesce(found.headline, run_articles.headline),
    text = found.text
FROM (
    SELECT articleId, {_present("headlineForPdfReport")} AS headline,
        {_present("textForPdfReport")} AS text, max(id)
    FROM ArticleApproveds
    WHERE isApproved = 1 AND {_present("textForPdfReport")} IS NOT NULL GROUP BY articleId
) AS found
WHERE found.articleId = temp.run_articles.id
"""  # noqa: S608 - see above


def read_states(connection: sqlite3.Connection) -> None:
    """Read each article's state; of several, the one given first."""
    connection.execute(
        "UPDATE temp.run_articles SET state = found.name FROM ("
        "  SELECT c.articleId, s.name, min(c.id) FROM ArticleStateContracts c "
        "  JOIN States s ON s.id = c.stateId GROUP BY c.articleId"
        ") AS found WHERE found.articleId = temp.run_articles.id"
    )


def read_urls(connection: sqlite3.Connection) -> None:
    """Read each article's address as it stands."""
    connection.execute(
        "UPDATE temp.run_articles SET url = CAST(found.url AS TEXT) "
        "FROM Articles AS found WHERE found.id = temp.run_articles.id"
    )


def read_texts(connection: sqlite3.Connection) -> None:
    """Read each article's headline and text; blank ones count as missing.

    The text is the approved one where there is one, else the article's own content, else its
    title and description; of several approved texts or contents, the last given. The same rule
    holds for a new article and for an approved one.
    """
    # From the least wanted to the most: each overwrites the one before.
    for statement in (TITLE_AND_DESCRIPTION, CONTENT, APPROVED):
        connection.execute(statement)
