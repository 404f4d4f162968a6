"""Sends requests to one side or to both, from a fresh state."""
