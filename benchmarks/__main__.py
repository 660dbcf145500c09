"""`make bench`: everything in one run, peers taking turns with us.

python -m benchmarks [--events 10000000] [--runs 5] [--only peers|large|surfaces|visits|reports] [--rooms value revenue]
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks.cases import CASES
from benchmarks.customers import payments, purchase_summaries
from benchmarks.events import CACHE, STEPS, event_log
from benchmarks.measure import Series, child, interleaved, python
from benchmarks.reports import reports
from benchmarks.results import ACCOUNTS, CUSTOMERS, LARGE, PAIRS, machine, write
from benchmarks.surfaces import SURFACES
from benchmarks.users import user_table
from benchmarks.visits import visits

HERE = Path(__file__).parent
PARTS = ("peers", "large", "surfaces", "visits", "reports")


def peer_python(name: str) -> str:
    """The Python of a peer's own environment, made where it is missing."""
    home = CACHE / name
    program = home / "bin" / "python"
    if not program.exists():
        subprocess.run(python("-m", "uv", "venv", "--quiet", "--python", sys.executable, str(home)), check=True)
        wanted = str(HERE / "peers" / f"{name}.txt")
        subprocess.run(
            python("-m", "uv", "pip", "install", "--quiet", "--python", str(program), "-r", wanted),
            check=True,
        )
    return str(program)


def tables(size: int) -> dict[str, str]:
    """Which file the cases of each room read; "" is that of all others."""
    made = {"": event_log(size), "users": user_table(size), "value": purchase_summaries(size // CUSTOMERS),
            "revenue": payments(size // ACCOUNTS)}  # fmt: skip
    return {room: str(path) for room, path in made.items()}


def peer_works(read: dict[str, str]) -> dict[str, Callable[[], dict[str, Any]]]:
    """Every case as a thing to call."""
    events, users = read[""], read["users"]
    works = {case: _case(case, read.get(case.split()[0], events)) for case in CASES}
    chdb = [peer_python("chdb"), str(HERE / "peers" / "window_funnel.py"), events, *STEPS]
    tea = [peer_python("tea"), str(HERE / "peers" / "tea.py"), users]
    lifetimes = [peer_python("lifetimes"), str(HERE / "peers" / "bg_nbd.py"), read["value"]]
    journeys = [peer_python("retentioneering"), str(HERE / "peers" / "journeys.py")]
    beside = {"funnel chdb": chdb, "unlimited retentioneering": [*journeys, "funnel", events, *STEPS],
              "moves retentioneering": [*journeys, "moves", events],
              "users tea duckdb": [*tea, "duckdb"], "users tea polars": [*tea, "polars"],
              "value lifetimes": lifetimes}  # fmt: skip
    return works | {name: _peer(command) for name, command in beside.items()}


def large_works() -> dict[str, Callable[[], dict[str, Any]]]:
    """The funnel of a hundred million events; asked for by name only, as it takes its time and its disk."""
    events = str(event_log(LARGE))
    cases = {f"large {who}": _case(f"funnel {who}", events) for who in ("scan", "sql", "cxlab")}
    chdb = [peer_python("chdb"), str(HERE / "peers" / "window_funnel.py"), events, *STEPS]
    return cases | {"large chdb": _peer(chdb)}


def _case(case: str, path: str) -> Callable[[], dict[str, Any]]:
    return lambda: child(python("-m", "benchmarks.child", case, path))


def _peer(command: list[str]) -> Callable[[], dict[str, Any]]:
    return lambda: child(command)


def equal_answers(series: dict[str, Series]) -> dict[str, bool]:
    """Do cxlab and its peer say the same in every run, in all that both say?"""
    found = {}
    for pair in PAIRS:
        if f"{pair.room} cxlab" in series and pair.name in series:
            answers = [run["answer"] for who in ("cxlab", pair.peer) for run in series[f"{pair.room} {who}"].runs]
            shared = set(answers[0]).intersection(*answers)
            found[pair.name] = bool(shared) and all(one[key] == answers[0][key] for one in answers for key in shared)
    return found


def main() -> int:
    """Measure, write the results, say where they lie; 1 where answers differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="cxlab beside its peers")
    parser.add_argument("--events", type=int, default=10_000_000, help="size of the event log, and rows of users")
    parser.add_argument("--runs", type=int, default=5, help="measured rounds")
    parser.add_argument("--rooms", nargs="+", help="of the peers these alone, such as value revenue")
    parser.add_argument("--only", choices=PARTS, help="one part alone; large in no other way")
    chosen = parser.parse_args()
    about = machine()
    series: dict[str, Series] = {}
    if chosen.only in (None, "peers"):
        works = peer_works(tables(chosen.events))
        kept = {name: work for name, work in works.items() if name.split()[0] in (chosen.rooms or [name.split()[0]])}
        series |= interleaved(kept, chosen.runs, tqdm.write)
    if chosen.only == "large":
        series |= interleaved(large_works(), chosen.runs, tqdm.write)
    if chosen.only in (None, "surfaces"):
        series |= interleaved(SURFACES, chosen.runs, tqdm.write)
    opened = visits(tell=lambda *found: tqdm.write(str(found))) if chosen.only in (None, "visits") else {}
    made = reports(tell=tqdm.write) if chosen.only in (None, "reports") else {}
    equal = equal_answers(series)
    page = write(series, events=chosen.events, equal=equal, about=about, visits=opened, reports=made)
    print(page.read_text(encoding="utf-8"))
    print(f"Results: {page.relative_to(HERE.parent)}")
    return 0 if all(equal.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
