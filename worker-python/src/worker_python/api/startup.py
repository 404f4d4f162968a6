"""A failure to start that we understand, told as one message instead of a traceback."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker_python.jobs.errors import ConfigurationError, WorkerError


class PlainStartupFailure:
    """Answers the server's lifespan; Starlette would send it the traceback of any failure."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, but a startup failure after its reason is known."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        failures: list[Message] = []

        async def hold_failures(message: Message) -> None:
            if message["type"].endswith(".failed"):
                failures.append(message)
            else:
                await send(message)

        try:
            await self._app(scope, receive, hold_failures)
        except WorkerError as error:
            await send({**failures[0], "message": startup_message(error)})
        except BaseException:
            for failure in failures:
                await send(failure)
            raise


def startup_message(error: WorkerError) -> str:
    """Return what is wrong and what to do; every wrong setting on a line of its own."""
    if not isinstance(error, ConfigurationError):
        return f"worker-python cannot start: {error}"
    lines = "".join(f"\n  {problem}" for problem in error.problems)
    return f"worker-python cannot start; mend this in the environment or in .env:{lines}"
