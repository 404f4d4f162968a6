"""The pure domain: what a job is, how it moves, what it needs from the world."""
