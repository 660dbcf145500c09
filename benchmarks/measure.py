"""Runs each piece of work in a process of its own and keeps what it cost."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}


@dataclass
class Series:
    """The runs of one piece of work."""

    runs: list[dict[str, Any]] = field(default_factory=list)

    def median(self, key: str) -> float:
        """Median over the runs."""
        return statistics.median(run[key] for run in self.runs)

    def spread(self, key: str) -> tuple[float, float]:
        """Least and most over the runs."""
        values = [run[key] for run in self.runs]
        return min(values), max(values)

    def summary(self) -> dict[str, Any]:
        """What is kept in the results."""
        return {
            "runs": len(self.runs),
            "seconds": round(self.median("seconds"), 4),
            "seconds_range": [round(value, 4) for value in self.spread("seconds")],
            "peak_mb": round(self.median("peak_mb")),
            **{key: round(self.median(key), 4) for key in ("cpu_seconds", "load_seconds") if key in self.runs[0]},
        }


def child(command: Sequence[str]) -> dict[str, Any]:
    """Run a program that measures itself and prints one line of JSON."""
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:4])} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def interleaved(
    works: dict[str, Callable[[], dict[str, Any]]], runs: int, say: Callable[[str], None]
) -> dict[str, Series]:
    """One unmeasured round to fill the page cache, then so many rounds in which everything takes its turn."""
    series = {name: Series() for name in works}
    for turn in range(runs + 1):
        for name, work in works.items():
            run = work()
            if turn:
                series[name].runs.append(run)
            say(f"{name}: {run['seconds']:.2f} s" + ("" if turn else " (warm-up)"))
    return series


def command(arguments: Sequence[str]) -> dict[str, Any]:
    """Wall time of a command and the most memory that it and all its children held together."""
    start = time.perf_counter()
    process = psutil.Popen(
        list(arguments), cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    with watched(process) as peak:
        errors = process.stderr.read().decode() if process.stderr else ""
        code = process.wait()
    seconds = time.perf_counter() - start
    if code != 0:
        raise RuntimeError(f"{' '.join(arguments[:4])} ended with {code}:\n{errors[-2000:]}")
    return {"seconds": seconds, "peak_mb": peak.megabytes}


class watched:  # noqa: N801
    """Samples the resident memory of a process and its children while the block runs."""

    def __init__(self, process: psutil.Process, every: float = 0.05) -> None:
        self._process, self._every, self._done = process, every, threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.megabytes = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(self._every):
            self.megabytes = max(self.megabytes, held_by(self._process))


def held_by(process: psutil.Process) -> float:
    """Megabytes of a process and its children; shared pages are divided among them where the system tells."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            memory = one.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    except psutil.Error:
        return 0.0
    return total / 2**20


def python(*arguments: str) -> list[str]:
    """A command line of this environment's Python."""
    return [sys.executable, *arguments]
