"""The result as a page shows it, answer first; every value is escaped."""

import re
from collections.abc import Collection, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.wording import count, date

if TYPE_CHECKING:
    from cxlab.results.record import Check, Result

__all__ = [
    "WIDTHS", "badge_html", "check_title", "result_html", "style", "styled", "table_html", "table_script",
]  # fmt: skip

_BADGES = {
    "ship": ("good", "Ship"), "don't ship": ("bad", "Don’t ship"), "keep running": ("wait", "Keep running"),
    "broken": ("broken", "Don’t use this result"), "Up": ("good", "Up"), "Down": ("bad", "Down"),
    "Look here": ("bad", "Look here"), "Failed": ("broken", "Failed"),
}  # fmt: skip
_CHECKS = {
    "sample_ratio": "Split into groups", "missing_by_variant": "Missing values", "planned_size": "Planned size",
    "observe_until": "End of the data", "open_windows": "Still open", "small_groups": "Group sizes",
    "history_start": "Start of the data", "segment_varies": "Groups that change", "steps_seen": "Steps",
    "ties": "Same instant", "horizon": "How far ahead", "not_started": "Left out", "missing_segment": "No group given",
    "skewed_values": "Large values", "relative_effect": "Relative change", "whole_weeks": "Whole weeks",
    "covariate": "Adjustment", "repeated_units": "One row each", "looks": "Looks", "plan_changed": "The plan",
    "sample_ratio_segments": "Split by segment", "sample_ratio_days": "Split by day", "prior": "Known before",
    "sample_ratio_by_stratum": "Split by stratum", "covariate_balance": "Alike before", "few_clusters": "Few groups",
    "unit_of_analysis": "What was assigned", "exposure_by_variant": "Who was exposed",
    "days": "Days added up", "novelty": "Change over time",
}  # fmt: skip
_SHAPES = {
    "good": "M5 0a5 5 0 1 0 .01 0z", "bad": "M0 0h10v10H0z", "wait": "M1 0l9 5-9 5z",
    "plain": "M5 0l5 5-5 5-5-5z", "broken": "M0 2l2-2 3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3z",
}  # fmt: skip
_TICK = (
    '<svg class="cx-icon" viewBox="0 0 12 10" aria-hidden="true">'
    '<path d="M1 5l4 4 6-8" fill="none" stroke="currentColor" stroke-width="2"/></svg>'
)
_BANG = (
    '<svg class="cx-icon" viewBox="0 0 4 12" aria-hidden="true">'
    '<path d="M1 0h2v8H1zM1 10h2v2H1z" fill="currentColor"/></svg>'
)
WIDTHS = {"wide": 680, "narrow": 340}
_SHOWN_FIRST = 2
_YEAR = re.compile(r"(19|20)\d\d( \D|-|$)")  # a period such as 2026 Q1: numbers have a comma after thousands
_LONG = 14


@cache
def style() -> str:
    """The one style sheet of all pages."""
    return files("cxlab.results").joinpath("page.css").read_text(encoding="utf-8")


@cache
def table_script() -> str:
    """The script by which a page's tables sort and search."""
    return files("cxlab.results").joinpath("tables.js").read_text(encoding="utf-8")


def styled(fragment: str) -> str:
    """A fragment that carries style sheet and tables' script with it, for a notebook cell."""
    return f"<style>{style()}</style>{fragment}<script>{table_script()}</script>"


def badge_html(word: str) -> str:
    """A reading as icon and word; colour is never alone.

    Args:
        word: a verdict such as "ship", or a status such as "Up".

    Returns:
        HTML.
    """
    kind, text = _BADGES.get(word, ("plain", word))
    drawing = f'<path d="{_SHAPES[kind]}" fill="currentColor"/>'
    icon = f'<svg class="cx-icon" viewBox="0 0 10 10" aria-hidden="true">{drawing}</svg>'
    return f'<span class="cx-badge cx-{kind}">{icon}{escape(text)}</span>'


def result_html(result: "Result", *, stills: bool = True, widths: Collection[str] = WIDTHS) -> str:
    """The result without page frame and style.

    Args:
        result: the result.
        stills: draw still pictures.
        widths: which forms of each picture, "wide" and "narrow".

    Returns:
        HTML in the order verdict, numbers, trust, pictures, tables, method.
    """
    broken = result.decision is not None and result.decision.verdict == "broken"
    parts = [_verdict(result), "" if broken else _figures(result), _trust(result)]
    if not broken:
        parts += [_pictures(result, stills, widths), _numbers(result)]
    parts.append(_method(result))
    return f'<article class="cx-result">{"".join(parts)}</article>'


def _verdict(result: "Result") -> str:
    word = result.decision.verdict if result.decision is not None else result.status
    kind = _BADGES.get(word, ("plain", word))[0]
    badge = badge_html(word) if word else ""
    decision = result.decision
    badge += " " + badge_html("Exploratory") if decision is not None and decision.exploratory else ""
    more = "" if decision is None else _listed(decision.reasons) + _changes(decision.changes)
    return f'<section class="cx-verdict cx-{kind}"><p>{badge} {escape(result.headline)}</p>{more}</section>'


def _listed(sentences: tuple[str, ...]) -> str:
    listed = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f'<ul class="cx-reasons">{listed}</ul>' if listed else ""


def _changes(sentences: tuple[str, ...]) -> str:
    return f"<p>What would change this:</p>{_listed(sentences)}" if sentences else ""


def _figures(result: "Result") -> str:
    if not result.figures:
        return ""
    cells = (f"<div><b>{escape(f.value)}</b><span>{escape(f.meaning)}</span></div>" for f in result.figures)
    return f'<section class="cx-figures">{"".join(cells)}</section>'


def _trust(result: "Result") -> str:
    if not result.checks:
        return ""
    titles = result._check_titles()
    failed = sorted(result.failed, key=lambda check: ("failure", "warning", "info").index(check.severity))
    passed = [check for check in result.checks if check.passed]
    first = failed + passed[: max(_SHOWN_FIRST, 3 - len(failed))]
    rest = [check for check in result.checks if check not in first]
    more = ""
    if rest:
        word = "the other check" if len(rest) == 1 else f"the other {len(rest)} checks"
        more = f"<details><summary>Show {word}</summary><ul>{_checks(rest, titles)}</ul></details>"
    return f'<section class="cx-trust"><h2>Can I trust this?</h2><ul>{_checks(first, titles)}</ul>{more}</section>'


def _checks(checks: "list[Check]", titles: "Mapping[str, str]") -> str:
    return "".join(
        f'<li class="cx-check-{"passed" if c.passed else c.severity}">{_TICK if c.passed else _BANG} '
        f"<b>{escape(titles.get(c.name) or check_title(c.name))}:</b> {escape(c.message)}</li>"
        for c in checks
    )


def check_title(name: str) -> str:
    """How is a check called on a page?

    Args:
        name: its fixed name.

    Returns:
        Plain words.

    Examples:
        >>> check_title("observe_until")
        'End of the data'
    """
    return _CHECKS.get(name, name.replace("_", " ").capitalize())


def _pictures(result: "Result", stills: bool, widths: Collection[str]) -> str:
    from cxlab.charts.offline import figure_html

    alt_text = f"{result.headline} Numbers in the table below."
    found = []
    for name in result.pictures:
        wide, narrow = (result.chart(name, width=size) if kind in widths else None for kind, size in WIDTHS.items())
        found.append(figure_html(wide, narrow, name=name, alt_text=alt_text, stills=stills))
    return "".join(found)


def _numbers(result: "Result") -> str:
    tables = "".join(_folded(frame, caption) for caption, frame in result._display().items())
    return f'<section class="cx-numbers"><h2>The numbers</h2>{tables}</section>' if tables else ""


def _folded(frame: pd.DataFrame, caption: str) -> str:
    """Long tables wait behind their caption, so that the page stays short."""
    table = table_html(frame, caption)
    if len(frame) <= _LONG:
        return table
    return f"<details><summary>{escape(caption)} ({count(len(frame))} rows)</summary>{table}</details>"


def table_html(frame: pd.DataFrame, caption: str) -> str:
    """A table of text as HTML; the first column is the row's head, columns of numbers are right-aligned.

    Args:
        frame: cells as text.
        caption: what the table holds.

    Returns:
        HTML.
    """
    right = [_numeric(frame[column]) for column in frame.columns]
    head = "".join(
        f'<th scope="col"{_align(r)}>{escape(str(c))}</th>' for c, r in zip(frame.columns, right, strict=True)
    )
    rows = "".join(_row(row, right) for row in frame.itertuples(index=False))
    table = f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="cx-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">{table}</div>'


def _row(cells: Any, right: list[bool]) -> str:
    first, *rest = (escape(str(cell)) for cell in cells)
    others = "".join(f"<td{_align(r)}>{cell}</td>" for cell, r in zip(rest, right[1:], strict=True))
    return f'<tr><th scope="row"{_align(right[0])}>{first}</th>{others}</tr>'


def _align(right: bool) -> str:
    return ' class="cx-right"' if right else ""


def _numeric(column: "pd.Series[Any]") -> bool:
    texts = [str(value) for value in column if str(value) not in ("", "–")]
    texts = [text for text in texts if not text.startswith("under ")] or texts
    if any(_YEAR.match(text) for text in texts):
        return False
    return bool(texts) and sum(text.lstrip("+−<€$£").lstrip()[:1].isdigit() for text in texts) >= len(texts) / 2


def _method(result: "Result") -> str:
    definitions = "".join(f"<li>{escape(sentence)}</li>" for sentence in result.semantics)
    settings = "".join(
        f"<div><dt>{escape(str(name))}</dt><dd>{escape(_setting(value))}</dd></div>"
        for name, value in result.parameters.items()
    )
    versions = ", ".join(f"{k} {v}" for k, v in result.to_dict()["versions"].items())
    return (
        '<details class="cx-method"><summary>How it was done</summary>'
        f"<h3>Definitions</h3><ul>{definitions}</ul><h3>Settings</h3><dl>{settings}</dl>"
        f"<h3>Data and versions</h3><p>{escape(_data_sentence(result))} {escape(versions)}.</p></details>"
    )


def _setting(value: Any) -> str:
    if value is None:
        return "not set"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _data_sentence(result: "Result") -> str:
    note = result.data
    span = f" from {date(note.first)} to {date(note.last)}" if note.first else ""
    return f"{count(note.rows)} rows{span}; data fingerprint {note.fingerprint}."
