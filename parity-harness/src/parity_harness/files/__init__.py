"""Contract, decision and recording files on disk."""
