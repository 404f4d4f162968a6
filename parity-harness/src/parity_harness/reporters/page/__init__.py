"""The HTML page: its template, style and script, and what they show."""
