"""The plan of a cutover: two workers, the stages between them, the gates on the way.

Read from a TOML file; every problem of the file is named at once, with the place it stands.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from cutover.errors import PlanError

Address = Annotated[str, Field(pattern=r"^[^:\s]+:\d{1,5}$", examples=["127.0.0.1:8080"])]
Share = Annotated[int, Field(ge=0, le=100)]


class Metric(StrEnum):
    """What a gate can measure. Shares are 0…1, times in the unit of the name."""

    HTTP_5XX_SHARE = "http_5xx_share"  # of the candidate's answers
    CONNECTION_ERRORS = "connection_errors"  # failed or reset connections to the candidate
    LATENCY_P95_MS = "latency_p95_ms"  # of the candidate's answers
    JOB_FAILURE_SHARE_EXCESS = "job_failure_share_excess"  # candidate's share − baseline's
    JOB_TIMEOUT_SHARE_EXCESS = "job_timeout_share_excess"
    TIME_TO_START_SECONDS = "time_to_start_seconds"  # 95th percentile, queueing included
    QUEUE_AGE_SECONDS = "queue_age_seconds"  # age of the candidate's oldest pending job
    ORPHANS = "orphans"  # deduper processes that no attempt owns
    DOUBLE_RUNS = "double_runs"  # jobs with two attempts alive at once
    DIVERGENCES = "divergences"  # undecided ones, found by the harness
    MALFORMED = "malformed"  # 1 while its list or health lacks what callers read
    UNREADY = "unready"  # 1 while the candidate does not answer that it is ready

    @property
    def is_counted(self) -> bool:
        """Whether it speaks of the time since it was read last, and not of now."""
        return self in _COUNTED


_COUNTED = {
    Metric.HTTP_5XX_SHARE,
    Metric.CONNECTION_ERRORS,
    Metric.LATENCY_P95_MS,
    Metric.JOB_FAILURE_SHARE_EXCESS,
    Metric.JOB_TIMEOUT_SHARE_EXCESS,
    Metric.TIME_TO_START_SECONDS,
}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Worker(_Model):
    """One of the two workers; `url` without a path."""

    url: AnyHttpUrl

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return str(self.url.host), self.url.port or 80


class Candidate(Worker):
    """The new worker; its job ids start where no legacy id reaches."""

    job_id_start: Annotated[int, Field(ge=10)] = 1_000_000
    mark: Annotated[str, Field(pattern=r"^\w+=")] | None = None
    """`NAME=value` in its children's environment, where other workers run on the same machine."""

    @model_validator(mode="after")
    def _starts_at_a_power_of_ten(self) -> Self:
        digits = str(self.job_id_start)
        if digits != "1" + "0" * (len(digits) - 1):
            raise ValueError("job_id_start must be a power of ten: the id's length names its owner")
        return self


class Edge(_Model):
    """Where Envoy listens; `admin` must never be reachable from outside the machine."""

    listen: Address = "127.0.0.1:8080"
    admin: Address = "127.0.0.1:9901"
    clear_timeout_seconds: PositiveFloat = 90.0


class Gate(_Model):
    """A measured condition to go on.

    Every `interval_seconds` the metric is read; above `limit` is a failure. The gate is passed
    after `count` reads with at most `failure_limit` failures, and fails with one more. A read with
    fewer than `minimum_samples` samples is inconclusive: it neither passes nor fails.
    """

    metric: Metric
    limit: Annotated[float, Field(ge=0)]
    interval_seconds: PositiveFloat = 5.0
    count: PositiveInt = 3
    failure_limit: Annotated[int, Field(ge=0)] = 0
    minimum_samples: Annotated[int, Field(ge=0)] = 0


class Stage(_Model):
    """One split of the creating traffic, in percent to the candidate."""

    name: Annotated[str, Field(min_length=1)]
    share: Share
    gates: tuple[str, ...] = ()


class Plan(_Model):
    """A whole plan: at least two stages, from 0 to 100, the share only growing."""

    baseline: Worker
    candidate: Candidate
    edge: Edge = Edge()
    harness: tuple[str, ...] = ()  # a command that takes --json PATH, for the gate on divergences
    gates: dict[str, Gate] = Field(default_factory=dict)
    stages: Annotated[tuple[Stage, ...], Field(min_length=2, alias="stage")]

    @model_validator(mode="after")
    def _shares_only_grow(self) -> Self:
        shares = [stage.share for stage in self.stages]
        if shares[0] != 0 or shares[-1] != 100:
            raise ValueError("the first stage must have share 0 and the last share 100")
        if any(later <= earlier for earlier, later in pairwise(shares)):
            raise ValueError(f"shares must grow from stage to stage, not {shares}")
        return self

    @model_validator(mode="after")
    def _gates_exist(self) -> Self:
        unknown = {name for stage in self.stages for name in stage.gates} - self.gates.keys()
        if unknown:
            raise ValueError(f"no [gates.NAME] for: {', '.join(sorted(unknown))}")
        return self

    def stage(self, index: int) -> Stage:
        """Return a stage by its position."""
        return self.stages[index]


def load(path: Path) -> Plan:
    """Read a plan.

    Raises:
        PlanError: the file is missing, is not TOML, or says something unusable.
    """
    try:
        return Plan.model_validate(tomllib.loads(path.read_text()))
    except OSError as error:
        raise PlanError(str(path), [f"cannot be read: {error.strerror}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise PlanError(str(path), [f"is not TOML: {error}"]) from None
    except ValidationError as error:
        raise PlanError(str(path), [_sentence(problem) for problem in error.errors()]) from None


def _sentence(problem: ErrorDetails) -> str:
    place = ".".join(str(part) for part in problem["loc"]) or "plan"
    return f"  {place}: {problem['msg']}"
