"""Running one command as one attempt, and leaving no process behind."""
