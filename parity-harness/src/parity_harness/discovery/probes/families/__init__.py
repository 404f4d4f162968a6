"""Families of probes: each module spoils valid requests in one way.

Each yields `(rank, probe)`: 0 is the most valuable, LAST what a budget should cut first.
"""
