"""The five-step funnel as ClickHouse counts it; runs in chdb's own environment and imports nothing of ours.

python window_funnel.py events.parquet visit search view cart purchase
"""

import json
import resource
import sys
import time
from pathlib import Path

import chdb


def query(path: str, steps: list[str]) -> str:
    """Units per level of windowFunnel, the window being seven days of microseconds."""
    window = 7 * 86_400 * 1_000_000
    conditions = ", ".join(f"event = '{step}'" for step in steps)
    return f"""
        SELECT level, count() AS units FROM (
            SELECT user_id,
                windowFunnel({window})(toUInt64(toUnixTimestamp64Micro(ts)), {conditions}) AS level
            FROM file('{path}', Parquet) GROUP BY user_id
        ) WHERE level > 0 GROUP BY level ORDER BY level"""


def main() -> None:
    """Print seconds, processor seconds, peak memory and how many units reached each step."""
    path, *steps = sys.argv[1:]
    wall, cpu = time.perf_counter(), time.process_time()
    lines = str(chdb.query(query(path, steps), "CSV")).split()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    ended = {int(level): int(units) for level, units in (line.split(",") for line in lines)}
    reached = {str(k): sum(n for level, n in ended.items() if level >= k) for k in range(1, len(steps) + 1)}
    print(json.dumps({"seconds": wall, "cpu_seconds": cpu, "peak_mb": peak_mb(), "answer": reached}))


def peak_mb() -> float:
    """Most memory of this process alone; the system's other count begins with what the parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
