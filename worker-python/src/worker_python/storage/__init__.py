"""Where jobs are kept: SQLite or PostgreSQL, one schema, one conformance suite."""
