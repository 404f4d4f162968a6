"""Finds out what both sides' answers mean, and keeps their states alike."""
