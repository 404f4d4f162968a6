"""The labelled sample: stories written for this repository, and what becomes of them."""
