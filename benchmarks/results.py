"""Results as JSON and as a page for people; they tell of the machine's size, never of its paths."""

import importlib.metadata
import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measure import Series

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Pair:
    """A piece of work that cxlab and a peer both do, and what it was done on."""

    room: str
    peer: str
    title: str
    peer_title: str

    @property
    def name(self) -> str:
        """How it is called in the results."""
        return f"{self.room} {self.peer}"


CUSTOMERS, ACCOUNTS = 100, 20  # events per customer whose purchases are modelled, and per account that pays
_USERS = "A/B test of a row per user: conversion, revenue with a covariate, carts per visit, the split"
PAIRS = (
    Pair("ab", "sql", "A/B test from events: conversion, revenue with a covariate, carts per visit",
         "hand-written DuckDB SQL"),
    Pair("users", "sql", _USERS, "the sums alone in hand-written DuckDB SQL"),
    Pair("users", "moments sql", _USERS,
         "the same numbers from moments in hand-written DuckDB SQL, HC2 variances too; no user counted"),
    Pair("users", "table sql", _USERS,
         "the same numbers in hand-written DuckDB SQL: users counted, sums, HC2 variances"),
    Pair("users", "tea duckdb", _USERS, "tea-tasting on DuckDB"),
    Pair("users", "tea polars", _USERS, "tea-tasting on Polars"),
    Pair("retention", "sql", "Weekly retention", "hand-written DuckDB SQL"),
    Pair("funnel", "chdb", "Funnel of five steps within seven days", "ClickHouse windowFunnel in chdb"),
    Pair("funnel", "sql", "Funnel of five steps within seven days, with intervals, times and what came instead",
         "the counts alone in hand-written DuckDB SQL"),
    Pair("moves", "sql", "From event to event, with intervals, places, loops and whole paths",
         "the moves alone by lead() in hand-written DuckDB SQL"),
    Pair("moves", "table sql", "From event to event, with intervals, places, loops and whole paths",
         "moves, people and median times by lead() in hand-written DuckDB SQL"),
    Pair("unlimited", "retentioneering",
         "Funnel of five steps without a window, with intervals, times and what came instead",
         "the counts alone by retentioneering from a file read by pandas"),
    Pair("moves", "retentioneering", "From event to event, with intervals, places, loops and whole paths",
         "the moves alone by retentioneering from a file read by pandas"),
    Pair("value", "lifetimes", "BG/NBD fitted on customers' purchases, with second derivatives", "lifetimes"),
    Pair("revenue", "sql", "Revenue kept over a year, with intervals, by month, age and cohort",
         "the two rates alone in hand-written DuckDB SQL"),
    Pair("large", "chdb", "Funnel of five steps within seven days", "ClickHouse windowFunnel in chdb"),
    Pair("large", "sql", "Funnel of five steps within seven days, with intervals, times and what came instead",
         "the counts alone in hand-written DuckDB SQL"),
)  # fmt: skip
LARGE = 100_000_000
WAITS = {
    "python start": "`python -c pass`",
    "import duckdb": "`import duckdb`",
    "import cxlab": "`import cxlab`",
    "one report": "`cxlab run ab_test`: command to finished files",
    "first answer": "app: click to visible result in Chromium",
}


def machine() -> dict[str, Any]:
    """What it ran on."""
    names = ("cxlab", "duckdb", "numpy", "pandas", "papermill", "voila")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 1),
        "versions": {name: importlib.metadata.version(name) for name in names},
    }


def ratios(measured: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Our time over the peer's and over the scan, our memory over the peer's."""
    found = {}
    for pair in PAIRS:
        if f"{pair.room} cxlab" in measured and pair.name in measured:
            ours, theirs, floor = (measured[f"{pair.room} {who}"] for who in ("cxlab", pair.peer, "scan"))
            found[pair.name] = {
                "of_peer_time": round(ours["seconds"] / theirs["seconds"], 2),
                "of_peer_memory": round(ours["peak_mb"] / theirs["peak_mb"], 2),
                "of_scan_time": round(ours["seconds"] / floor["seconds"], 1),
                "peer_of_scan_time": round(theirs["seconds"] / floor["seconds"], 1),
            }
    return found


def write(
    series: dict[str, Series], *, events: int, equal: dict[str, bool], about: dict[str, Any],
    visits: dict[str, dict[str, Any]] | None = None, reports: dict[str, float] | None = None,
) -> Path:  # fmt: skip
    """Write `<date>.json` and `<date>.md`, return the latter; the parts of one day stand on one page."""
    page = FOLDER / f"{datetime.now(UTC).date().isoformat()}.md"
    earlier = json.loads(page.with_suffix(".json").read_text("utf-8")) if page.with_suffix(".json").exists() else {}
    measured = earlier.get("measured", {}) | {name: one.summary() for name, one in series.items()}
    kept = {
        "date": page.stem,
        "events": events
        if any(pair.room != "large" for pair in PAIRS if pair.name in equal)
        else earlier.get("events", events),
        "machine": about,
        "answers_equal": earlier.get("answers_equal", {}) | equal,
        "ratios": ratios(measured),
        "measured": measured,
        "visits": earlier.get("visits", {}) | (visits or {}),
        "reports": reports or earlier.get("reports", {}),
    }
    FOLDER.mkdir(exist_ok=True)
    page.with_suffix(".json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    page.write_text(_page(kept), encoding="utf-8")
    return page


def _page(kept: dict[str, Any]) -> str:
    about = kept["machine"]
    head = [
        f"# Benchmark of {kept['date']}",
        "",
        f"{about['cores']} cores, {about['memory_gb']} GB, {about['system']}, Python {about['python']}, "
        f"DuckDB {about['versions']['duckdb']}; load {about['load_before']} before the run. "
        "Medians of runs that took turns, each in a process of its own; least and most in brackets.",
    ]
    parts = [head]
    large = [pair for pair in PAIRS if pair.room == "large" and pair.name in kept["ratios"]]
    if set(kept["ratios"]) - {pair.name for pair in large}:
        parts.append(_against_peers(kept))
    if large:
        head = f"## Beside peers: {LARGE:,} events of {LARGE // 20:,} units, from Parquet"
        parts.append([head, "", *_table(large, kept)])
    if "import cxlab" in kept["measured"]:
        parts.append(_waits(kept["measured"]))
    if kept["visits"]:
        parts.append(_visits(kept["visits"]))
    if kept["reports"]:
        parts.append(_reports(kept["reports"]))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _against_peers(kept: dict[str, Any]) -> list[str]:
    lines = [
        f"## Beside peers: {kept['events']:,} events of {kept['events'] // 20:,} units or as many rows of users; "
        f"BG/NBD on {kept['events'] // CUSTOMERS:,} customers; payments of {kept['events'] // ACCOUNTS:,} accounts in "
        "30 months; from Parquet",
        "",
    ]
    shown = [pair for pair in PAIRS if pair.room != "large" and pair.name in kept["ratios"]]
    return [*lines, *_table(shown, kept), *_imports(kept["measured"])]


def _table(shown: list[Pair], kept: dict[str, Any]) -> list[str]:
    rooms = dict.fromkeys(pair.room for pair in shown)
    scans = ", ".join(f"{room} {kept['measured'][f'{room} scan']['seconds']:.2f} s" for room in rooms)
    return [
        "| | cxlab, s | MB | peer, s | MB | time of peer's | cxlab, scans | peer, scans | same answer |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_beside(pair, kept) for pair in shown),
        "",
        f"A scan reads and hashes every value of the columns needed: {scans}.",
    ]


def _imports(measured: dict[str, Any]) -> list[str]:
    """What the times leave out, and where retentioneering asks another question."""
    name = "unlimited retentioneering"
    if "load_seconds" not in measured.get(name, {}):
        return []
    theirs, ours = (measured[one] for one in (name, "unlimited cxlab"))
    whole = (theirs["load_seconds"] + theirs["seconds"]) / (ours["load_seconds"] + ours["seconds"])
    return [
        "",
        f"Imports are not counted: retentioneering's take {theirs['load_seconds']:.1f} s, cxlab's "
        f"{ours['load_seconds']:.1f} s; with them its funnel takes {whole:.1f} × as long. Its funnel knows no window, "
        "so cxlab's is asked without one too, and it follows the order of rows where times are equal, of which these "
        "events have none of one unit. For moves cxlab is told that people were seen for long after the last event: "
        "then what comes last is the end, as it is for retentioneering and lead().",
    ]


def _beside(pair: Pair, kept: dict[str, Any]) -> str:
    ratio, same = kept["ratios"][pair.name], kept["answers_equal"][pair.name]
    ours, theirs = kept["measured"][f"{pair.room} cxlab"], kept["measured"][pair.name]
    return (
        f"| {pair.title}; peer: {pair.peer_title} | {_seconds(ours)} | {ours['peak_mb']:,} | {_seconds(theirs)} | "
        f"{theirs['peak_mb']:,} | {ratio['of_peer_time']} × | {ratio['of_scan_time']} | "
        f"{ratio['peer_of_scan_time']} | {'yes' if same else 'NO'} |"
    )


def _waits(measured: dict[str, Any]) -> list[str]:
    rows = [f"| {title} | {_seconds(measured[name])} | {measured[name]['peak_mb']:,} |"
            for name, title in WAITS.items() if name in measured]  # fmt: skip
    return ["## What a person waits for", "", "| | s | MB, all processes |", "|---|---|---|", *rows]


def _visits(visits: dict[str, dict[str, Any]]) -> list[str]:
    titles = {
        "first_s": "first visit, s", "later_s": "later visit, s", "at_once_s": "ten at once, median s",
        "at_once_worst_s": "slowest s", "lost": "lost", "cpu_s": "processor per visit, s",
        "further_mb": "each further user, MB", "new_control_s": "a control's first answer, s",
        "control_s": "again, s",
    }  # fmt: skip
    rows = [
        f"| {tool} | {' | '.join('–' if found[name] is None else str(found[name]) for name in titles)} |"
        for tool, found in visits.items()
    ]
    told = (
        "From the address to the visible answer in Chromium: 50,000 customers, a difference with its interval by "
        "segment, as sentence, table and chart. cxlab checks data and split and draws two pictures besides; "
        "“voila, cxlab's answer” shows what cxlab finds and draws in a page of plain Voila. "
        "Medians of five visits; the first one is not counted among the later ones."
    )
    head = f"| | {' | '.join(titles.values())} |"
    return ["## An app is opened", "", told, "", head, "|---" * (len(titles) + 1) + "|", *rows]


def _reports(reports: dict[str, float]) -> list[str]:
    one = reports["papermill"] / reports["cxlab run"]
    both = reports["papermill and nbconvert"] / reports["cxlab run"]
    twenty = reports["papermill 20 times"] / reports["cxlab batch of 20"]
    rows = [f"| {way} | {seconds:.1f} |" for way, seconds in reports.items()]
    told = (
        f"From a cold command to finished files: one report is {one:.1f} × sooner than Papermill's notebook and "
        f"{both:.1f} × sooner than that notebook and its page; twenty reports are {twenty:.1f} × faster."
    )
    return ["## Reports", "", told, "", "| | s |", "|---|---|", *rows]


def _seconds(one: dict[str, Any]) -> str:
    low, high = one["seconds_range"]
    return f"{one['seconds']:.2f} ({low:.2f} to {high:.2f})"
