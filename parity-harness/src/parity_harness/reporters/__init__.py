"""One report, many readers: console, JSON, Markdown, JUnit, HTML, SARIF."""
