"""What a deduper job is: its command, its service, its health."""
