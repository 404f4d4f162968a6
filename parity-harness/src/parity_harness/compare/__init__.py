"""Judging two answers: normalisers, diff, judge. Pure."""
