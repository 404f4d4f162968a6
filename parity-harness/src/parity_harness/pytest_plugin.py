"""The pytest plugin: one test item per scenario."""
