"""The engine that runs attempts in this process."""

from worker_python.engines.local.engine import LocalEngine, LocalOptions
from worker_python.engines.local.retention import Keep
from worker_python.engines.local.retry import Retry

__all__ = ["Keep", "LocalEngine", "LocalOptions", "Retry"]
