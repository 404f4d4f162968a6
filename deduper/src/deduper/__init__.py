"""The deduper microservice."""
