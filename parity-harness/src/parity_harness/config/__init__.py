"""What a run is told: parity.toml, as one value that options of the command line may change."""

from parity_harness.config.reading import NAME, load
from parity_harness.config.values import Config, of_targets, with_targets

__all__ = ["NAME", "Config", "load", "of_targets", "with_targets"]
