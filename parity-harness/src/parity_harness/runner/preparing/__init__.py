"""Decides what to ask, with the help of the baseline alone."""
