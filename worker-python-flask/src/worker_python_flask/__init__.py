"""The legacy Flask worker, frozen."""
