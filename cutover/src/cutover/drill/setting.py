"""What a drill is made of: processes, load, faults; read from a TOML file.

Placeholders in commands and variables: `{python}` this interpreter, `{bin}` its folder, `{venv}`
its environment, `{root}` the folder of the drill file's repository, `{folder}` a scratch folder of
this drill, `{baseline}`, `{candidate}`, `{edge}` the URLs of the workers and of the edge,
`{baseline_port}` and so on their ports.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt
from pydantic import ValidationError as PydanticError

from cutover.errors import PlanError
from cutover.plan import Gate, Stage

Variables = dict[str, str]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Process(_Model):
    """A process of the drill: its command line, and what it has beside the shared variables."""

    command: Annotated[tuple[str, ...], Field(min_length=1)]
    environment: Variables = Field(default_factory=dict)


class Load(_Model):
    """Requests a second, whatever the answers do (open loop); how many; in which proportions."""

    requests: PositiveInt = 5000
    rate: PositiveFloat = 20.0
    seed: int = 1
    reports: Annotated[tuple[int, ...], Field(min_length=1)] = (1, 2, 3)
    weights: dict[str, NonNegativeInt] = Field(
        default_factory=lambda: {
            "create": 9,
            "detail": 100,
            "list": 40,
            "health": 40,
            "cancel": 1,
            "clear": 1,
        }
    )


class Setting(_Model):
    """A whole drill."""

    prepare: tuple[tuple[str, ...], ...] = ()
    environment: Variables = Field(default_factory=dict)
    processes: dict[str, Process]
    load: Load = Load()
    faults: tuple[str, ...] = ()
    adopt: tuple[str, ...] = ()
    harness: tuple[str, ...] = ()
    run_log: str = "{folder}/logs/runs.jsonl"
    gates: dict[str, Gate]
    stages: Annotated[tuple[Stage, ...], Field(alias="stage")]


def load(path: Path) -> Setting:
    """Read a drill file.

    Raises:
        PlanError: it is missing, is not TOML, or says something unusable.
    """
    try:
        return Setting.model_validate(tomllib.loads(path.read_text()))
    except OSError as error:
        raise PlanError(str(path), [f"cannot be read: {error.strerror}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise PlanError(str(path), [f"is not TOML: {error}"]) from None
    except PydanticError as error:
        raise PlanError(str(path), [str(error)]) from None
