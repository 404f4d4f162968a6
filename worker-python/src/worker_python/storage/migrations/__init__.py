"""The history of the schema: Alembic revisions for both dialects, and where they end, as SQL."""
