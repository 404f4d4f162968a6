"""What a request did besides answering: child processes, database rows."""
