"""The tables of a release as readers see them: text, plain headings, small groups hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.results import publishable
from cxlab.retention.text_rows import text_rows
from cxlab.wording import count, number, p_text, points, share

if TYPE_CHECKING:
    from cxlab.retention.release_effects import ReleaseResult

__all__ = ["release_display"]

Columns = dict[str, tuple[Any, Callable[[Any], str]]]


def release_display(result: ReleaseResult) -> dict[str, pd.DataFrame]:
    """Ways to ask, coefficients, cohorts, placebos and leads, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    tables, level = result.tables, f"{100 * result.confidence:g}% interval"
    write = _change(result)
    change: Columns = {"Change": ("effect", write), level: (("ci_low", "ci_high"), write), "p": ("p_value", _p)}
    shown = {
        "What changed at the release": text_rows(publishable(result.table), {
            "How it is asked": ("method", str), "Customers after": ("n", _whole), "Before": ("control_n", _whole),
            "Come back": ("estimate", _share), "Expected without it": ("control_estimate", _share), **change,
        }),
        "The broken trend, as odds ratios": text_rows(tables["coefficients"], {
            "Part": ("term", str), "Odds ratio": ("estimate", _two), level: (("ci_low", "ci_high"), _two),
            "p": ("p_value", _p),
        }),
        "Cohorts": text_rows(publishable(tables["cohorts"]), {
            "Group": ("segment", str), "Cohort": ("cohort", str), "Customers": ("n", _whole),
            "Came back": ("rate", _share), level: (("ci_low", "ci_high"), _share), "Broken trend": ("fitted", _share),
            "Without the release": ("without_release", _share),
        }),
    }  # fmt: skip
    if len(tables["placebo"]):
        shown["Jumps where nothing happened"] = text_rows(
            publishable(tables["placebo"]), {"Asked at": ("cohort", str), **change}
        )
    if "leads" in tables:
        shown["Difference between the groups, by chance alone"] = text_rows(publishable(tables["leads"]), {
            "Cohort": ("cohort", str), "With it": ("n", _whole), "Without": ("control_n", _whole),
            "Difference": ("effect", write), level: (("ci_low", "ci_high"), write),
        })  # fmt: skip
    return shown


def _change(result: ReleaseResult) -> Callable[[Any], str]:
    odds = result.parameters["scale"] == "odds"
    return lambda value: number(float(value), 2) if odds else points(float(value))


def _two(value: Any) -> str:
    return number(float(value), 2)


def _whole(value: Any) -> str:
    return count(float(value))


def _share(value: Any) -> str:
    return share(float(value))


def _p(value: Any) -> str:
    return p_text(float(value))
