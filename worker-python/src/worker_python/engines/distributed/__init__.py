"""The engine of many processes: some take jobs, others run them, PostgreSQL stands between."""

from worker_python.engines.distributed.engine import DistributedEngine
from worker_python.engines.distributed.files import Files
from worker_python.engines.distributed.leased import LeasedJobStore
from worker_python.engines.distributed.options import DistributedOptions
from worker_python.engines.distributed.worker import Worker

__all__ = ["DistributedEngine", "DistributedOptions", "Files", "LeasedJobStore", "Worker"]
