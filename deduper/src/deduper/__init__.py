"""The deduper microservice: finds duplicates between new and approved articles."""
