"""What a peer's piece of work costs in its own process; imports nothing of ours."""

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["print_cost"]


def print_cost(work: Callable[[], dict[str, Any]], **known: float) -> None:
    """Print seconds, processor seconds, peak memory, the answer and what is known already as one line of JSON."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"seconds": wall, "cpu_seconds": cpu, "peak_mb": _peak_mb(), "answer": answer} | known))


def _peak_mb() -> float:
    """Most memory of this process alone; the system's other count begins with what the parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
