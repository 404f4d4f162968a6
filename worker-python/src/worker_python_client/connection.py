"""One request and what its answer means: an answer's model, or an error of the tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

import httpx
from pydantic import ValidationError

from worker_python_client.answers import Answer, Failure
from worker_python_client.endpoints import CANCEL, Endpoint
from worker_python_client.errors import (
    JobNotCancellableError,
    JobNotFoundError,
    UnexpectedAnswerError,
    WorkerClientError,
    WorkerFailedError,
    WorkerUnavailableError,
)

AWAY: Final = frozenset({502, 503, 504})
"""What a proxy answers whose worker is gone."""

A = TypeVar("A", bound=Answer)


class Connection:
    """Puts requests to one worker, over sockets it keeps."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None) -> None:
        self._url = base_url(url)
        self._http = httpx.Client(transport=transport)

    def close(self) -> None:
        """Close the sockets."""
        self._http.close()

    def ask(self, endpoint: Endpoint[A], seconds: float, **ids: int) -> A:
        """Return the answer; raises what `WorkerClientError` names."""
        path = endpoint.path.format_map({name: _natural(name, ids[name]) for name in ids})
        response = self._send(endpoint.method, path, seconds + endpoint.slow_seconds)
        if response.status_code != endpoint.status:
            raise _refusal(response, endpoint, ids.get("job_id"))
        try:
            return endpoint.answer.model_validate_json(response.content)
        except ValidationError as error:
            raise UnexpectedAnswerError(_what_is_wrong(response, error)) from error

    def _send(self, method: str, path: str, seconds: float) -> httpx.Response:
        try:
            return self._http.request(method, self._url + path, timeout=seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            reason = str(error) or "no connection in time"
            raise WorkerUnavailableError(f"no worker at {self._url}: {reason}") from error
        except httpx.TransportError as error:
            raise WorkerUnavailableError(
                f"the worker at {self._url} did not answer {method} {path} within {seconds:g} s "
                f"({str(error) or type(error).__name__}); it may have done it all the same"
            ) from error


def base_url(url: str) -> str:
    """Return a worker's URL without slashes at its end; raises ValueError where it is none."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{url!r} is no URL: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"{url!r} is no URL of a worker: it has to begin with http:// or https://")
    return url.rstrip("/")


def _natural(name: str, number: int) -> int:
    if number < 0:
        raise ValueError(f"{name} is {number}: ids are 0 or more")
    return number


def _refusal(
    response: httpx.Response, endpoint: Endpoint[A], job_id: int | None
) -> WorkerClientError:
    said = _failure(response)
    match response.status_code, said, job_id:
        case status, _, _ if status in AWAY:
            return WorkerUnavailableError(f"the worker is away: {_summary(response)}")
        case 404, {"error": _}, int():
            return JobNotFoundError(job_id)
        case 400, {"error": reason}, int() if endpoint is CANCEL:
            return JobNotCancellableError(job_id, str(reason))
        case 500, {"error": _}, _:
            return WorkerFailedError(said)
        case _:
            return UnexpectedAnswerError(f"no answer of a worker: {_summary(response)}")


def _failure(response: httpx.Response) -> Mapping[str, object]:
    """Return what a worker says where it refuses, nothing where that is no worker's answer."""
    try:
        return Failure.model_validate_json(response.content).model_dump()
    except ValidationError:
        return {}


def _what_is_wrong(response: httpx.Response, error: ValidationError) -> str:
    mistakes = (
        f"{'.'.join(map(str, mistake['loc'])) or 'the body'}: {mistake['msg']}"
        for mistake in error.errors(include_url=False)
    )
    return f"{_summary(response)} is not as agreed: {'; '.join(mistakes)}"


def _summary(response: httpx.Response) -> str:
    request = response.request
    kind = response.headers.get("content-type", "no content type")
    return f"{request.method} {request.url} → {response.status_code} ({kind})"
