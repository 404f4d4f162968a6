"""Servers: asked byte by byte, and started where need be."""
