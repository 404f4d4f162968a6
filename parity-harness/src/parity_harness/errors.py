"""Everything that stops the harness, as one tree.

HarnessError                 exit code 2: the run says nothing about parity
├── ConfigurationError       parity.toml or an option is wrong; says where and what to write
├── TargetError              an app could not be imported, started or reached; carries its output
├── ContractFileError        a scenario, decision or recording file cannot be read
└── NormaliserError          a rule met a value it does not fit: it must never miss in silence

A divergence is not an error: it is what the harness is for.
"""

from __future__ import annotations


class HarnessError(Exception):
    """Root of all errors this package raises on purpose."""


class ConfigurationError(HarnessError):
    """An option or parity.toml is wrong."""


class TargetError(HarnessError):
    """An app could not be imported, started or reached."""

    def __init__(self, message: str, *, output: str = "") -> None:
        self.output = output
        super().__init__(message)


class ContractFileError(HarnessError):
    """A scenario, decision or recording file cannot be read."""


class NormaliserError(HarnessError):
    """A normalising rule met a value that it does not fit."""
