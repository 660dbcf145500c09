"""Reports from a cold command, beside Papermill and nbconvert on the same notebooks with ordinary kernels.

python -m benchmarks.reports [--rounds 3]

Each round, in turns: one report by each way; twenty reports by `cxlab batch`, and Papermill on each of the four
notebooks, one after another, whose time counts five times for twenty.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

NOTEBOOKS = ("ab_test", "cohort_retention", "journey_funnel", "survey_feedback")
LEVELS = "[0.8, 0.85, 0.9, 0.95, 0.99]"


def seconds(*commands: list[str], **changed: str | None) -> float:
    environment = {name: value for name, value in {**os.environ, **changed}.items() if value is not None}
    start = time.perf_counter()
    for command in commands:
        subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def ours(folder: Path) -> dict[str, float]:
    plan = folder / "twenty.yml"
    lines = (f"- {{analysis: {name}, matrix: {{confidence: {LEVELS}}}}}" for name in NOTEBOOKS)
    plan.write_text("\n".join(["reports:", *lines]), encoding="utf-8")
    command = [sys.executable, "-m", "cxlab.cli"]
    return {
        "cxlab run": seconds([*command, "run", "ab_test", "--out", str(folder / "one")]),
        "cxlab batch of 20": seconds([*command, "batch", str(plan), "--out", str(folder / "twenty")]),
    }


def papermill(folder: Path) -> dict[str, float]:
    programs, ordinary = Path(sys.executable).parent, {"JUPYTER_PATH": None, "CXLAB_WARM": "off"}
    runs = {
        name: seconds(
            [str(programs / "papermill"), f"notebooks/{name}.ipynb", str(folder / f"{name}.ipynb")], **ordinary
        )
        for name in NOTEBOOKS
    }
    only = runs["ab_test"]
    page = seconds([str(programs / "jupyter"), "nbconvert", "--to", "html", str(folder / "ab_test.ipynb")], **ordinary)
    return {"papermill": only, "papermill and nbconvert": only + page, "papermill 20 times": 5 * sum(runs.values())}


def reports(rounds: int = 3, tell: Callable[[str], None] = print) -> dict[str, float]:
    """Median seconds of each way, over rounds in which they took turns.

    Args:
        rounds: how many.
        tell: hears each round.

    Returns:
        Way to seconds.
    """
    found = []
    for _ in range(rounds):
        folder = Path(tempfile.mkdtemp(prefix="cxlab-bench-"))
        try:
            found.append({**ours(folder), **papermill(folder)})
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        tell(json.dumps({name: round(value, 1) for name, value in found[-1].items()}))
    return {name: round(statistics.median(one[name] for one in found), 2) for name in found[0]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    middle = reports(parser.parse_args().rounds)
    print(f"one report: {middle['papermill and nbconvert'] / middle['cxlab run']:.1f} x sooner")
    print(f"twenty reports: {middle['papermill 20 times'] / middle['cxlab batch of 20']:.1f} x faster")


if __name__ == "__main__":
    main()
