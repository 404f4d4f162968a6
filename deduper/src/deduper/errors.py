"""What can go wrong, in words for the person who started the command.

DeduperError
├── ConfigurationError    the environment lacks or contradicts something
├── InputError            there is nothing to work on, or it cannot be read
├── ModelError            the sentence model is missing or cannot be used
└── DatabaseError         the shared database is missing, strange or damaged
    └── DatabaseLockedError   another program kept it longer than we wait
"""


class DeduperError(Exception):
    """A failure the command line tells in one line, with exit code 1."""


class ConfigurationError(DeduperError):
    """The environment lacks a variable or names a place that cannot be used."""


class InputError(DeduperError):
    """The articles asked for are not there or cannot be read."""


class ModelError(DeduperError):
    """The sentence model is missing or cannot be used."""


class DatabaseError(DeduperError):
    """The shared database is missing, lacks a table, or is damaged."""


class DatabaseLockedError(DatabaseError):
    """Another program kept the database locked for longer than we wait."""
