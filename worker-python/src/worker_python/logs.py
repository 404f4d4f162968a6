"""Structured log lines: JSON for machines, a readable form for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import structlog
from structlog.typing import FilteringBoundLogger, Processor

Logger = FilteringBoundLogger

CONFIGURED = ("asyncio", "fastapi", "uvicorn", "worker_python")
"""Standard loggers whose lines `serve` writes in the form of ours."""

_STAMPS: Sequence[Processor] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def make_logger(log_format: str, level: str, *, stream: TextIO | None = None) -> Logger:
    """Return a logger of its own, without global configuration; `auto` asks the stream."""
    stream = stream or sys.stdout
    logger: Logger = structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[*_STAMPS, *_renderers(log_format, stream)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    ).bind()
    return logger


def uvicorn_log_config(log_format: str, level: str) -> Mapping[str, Any]:
    """Return a logging configuration that gives the server's lines, and asyncio's, this form."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _STAMPS,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_renderers(log_format, sys.stdout),
        ],
    }
    handler = {"class": "logging.StreamHandler", "stream": sys.stdout, "formatter": "structured"}
    logger = {"handlers": ["stdout"], "level": level.upper(), "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"stdout": handler},
        "loggers": dict.fromkeys(CONFIGURED, logger),
    }


def _renderers(log_format: str, stream: TextIO) -> Sequence[Processor]:
    readable = stream.isatty() if log_format == "auto" else log_format == "console"
    if readable:
        return [structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    return [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
