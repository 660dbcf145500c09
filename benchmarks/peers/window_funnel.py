"""The five-step funnel as ClickHouse counts it; runs in chdb's own environment and imports nothing of ours.

python window_funnel.py events.parquet visit search view cart purchase
"""

import sys

import chdb
from cost import print_cost


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


def reached(path: str, steps: list[str]) -> dict[str, int]:
    """How many units reached each step."""
    lines = str(chdb.query(query(path, steps), "CSV")).split()
    ended = {int(level): int(units) for level, units in (line.split(",") for line in lines)}
    return {str(k): sum(n for level, n in ended.items() if level >= k) for k in range(1, len(steps) + 1)}


if __name__ == "__main__":
    path, *steps = sys.argv[1:]
    print_cost(lambda: reached(path, steps))
