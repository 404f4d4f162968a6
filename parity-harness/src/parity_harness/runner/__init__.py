"""Sends probes to both sides, and finds out what their answers mean."""
