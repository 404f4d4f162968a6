"""The old worker while both run: asked for its part, and taken over when it goes."""
