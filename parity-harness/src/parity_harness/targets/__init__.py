"""Things that answer requests: WSGI and ASGI apps, commands, URLs, recordings."""
