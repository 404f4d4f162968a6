"""The legacy Flask worker: queues runs of the deduper. Frozen; see the README beside it."""
