"""The page at the root, and an echo."""

from flask import Blueprint, jsonify, request

index = Blueprint("index", __name__)

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>News Nexus Python Queuer</title></head>
<body><h1>News Nexus Python Queuer</h1></body>
</html>
"""


@index.route("/")
def home():
    """Name the service."""
    return PAGE


@index.route("/test", methods=["GET", "POST"])
def echo():
    """Answer with the JSON that was sent."""
    return jsonify(request.get_json() or {})
