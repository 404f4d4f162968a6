"""Shows again what was found, with the fewest requests that do."""
