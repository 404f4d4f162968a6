"""Log lines for machines and for people."""

from __future__ import annotations

import io
import json
import logging
import logging.config

import pytest

from worker_python.logs import CONFIGURED, make_logger, uvicorn_log_config


def test_json_carries_an_exception_as_data() -> None:
    stream = io.StringIO()

    make_logger("json", "info", stream=stream).error("it broke", exc_info=ValueError("why"))

    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"]) == ("it broke", "error")
    assert line["exception"][0]["exc_type"] == "ValueError"


def test_the_console_form_is_readable() -> None:
    stream = io.StringIO()

    make_logger("console", "info", stream=stream).info("job started", job_id=7)

    assert "job started" in stream.getvalue()
    assert "job_id=7" in stream.getvalue()


def test_lines_below_the_level_are_not_written() -> None:
    stream = io.StringIO()

    make_logger("auto", "warning", stream=stream).info("job started")

    assert stream.getvalue() == ""


@pytest.mark.parametrize("name", ["uvicorn.error", "worker_python.execution", "asyncio"])
def test_lines_of_the_server_and_of_libraries_have_the_same_form(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {key: logging.getLogger(key).handlers[:] for key in CONFIGURED}
    logging.config.dictConfig(dict(uvicorn_log_config("json", "info")))
    try:
        logging.getLogger(name).warning("disk %s", "full")
    finally:
        for key, handlers in before.items():
            logging.getLogger(key).handlers[:] = handlers
            logging.getLogger(key).propagate = True

    assert json.loads(capsys.readouterr().out)["event"] == "disk full"
