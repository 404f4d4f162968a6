"""Builds the Flask application."""

from pathlib import Path

from dotenv import load_dotenv
from flask import Flask

from .routes.deduper import deduper
from .routes.index import index


def create_app() -> Flask:
    """Make the application; environment variables come from the process and `./.env`."""
    load_dotenv(Path.cwd() / ".env")
    app = Flask(__name__)
    app.register_blueprint(index)
    app.register_blueprint(deduper, url_prefix="/deduper")
    return app
