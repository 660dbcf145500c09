"""Pictures and tables of contracts as readers see them; small groups are hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.charts.contracts import contracts_held
from cxlab.charts.score_rows import Frame
from cxlab.results import publishable
from cxlab.retention.amounts import money
from cxlab.retention.contract_words import tested_contracts
from cxlab.retention.text_rows import text_rows
from cxlab.wording import count, number, share

if TYPE_CHECKING:
    from cxlab.retention.contract_values import ContractResult

__all__ = ["contract_display", "contract_pictures"]


def contract_pictures(result: ContractResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it; the first is the test, which is always there.
    """
    return {"tracking": lambda width: _tracking(result, width), "curve": lambda width: _curve(result, width)}


def _tracking(result: ContractResult, width: int) -> Any:
    rows = publishable(result.tables["tracking"]).dropna(subset=["n"]).rename(columns={"ahead": "renewal"})
    first = pd.DataFrame(
        {"renewal": [0], **{k: [rows["n"].max()] for k in ("actual", "expected", "ci_low", "ci_high")}}
    )
    title = tested_contracts(result.tables["tracking"]).partition("which it had not seen, ")[2]
    frame = Frame(
        f"In renewals it had not seen {title}",
        f"Contracts still held, by renewal after the model was fitted. Points: held. Blue: expected, with the range "
        f"for {100 * result.confidence:g} of 100 futures. {result.scope}.",
        f"Line chart of contracts held and expected. {result.headline} Numbers in the table below.", width=width,
    )  # fmt: skip
    return contracts_held(
        pd.concat([first, rows]), frame, axis_title="Renewals after the cut", value_title="Contracts held",
        tested_from=0.0,
    )  # fmt: skip


def _curve(result: ContractResult, width: int) -> Any:
    rows = (
        publishable(result.tables["curve"])
        .rename(columns={"observed": "actual", "age": "renewal"})
        .dropna(subset=["expected"])
    )
    seen = rows.dropna(subset=["actual"])
    last = rows.iloc[-1]
    frame = Frame(
        f"{share(last['expected'], 0)} of contracts will be held after {count(last['renewal'])} renewals",
        f"Share of contracts still held after each renewal. Points: seen (Kaplan-Meier). Blue: expected, with its "
        f"{100 * result.confidence:g}% interval; shaded: not seen yet. {result.scope}.",
        f"Line chart of the share of contracts held. {result.headline} Numbers in the table below.", width=width,
    )  # fmt: skip
    until = float(seen["renewal"].max()) if len(seen) else None
    return contracts_held(rows, frame, axis_title="Renewals", value_title="Share held", tested_from=until)


def contract_display(result: ContractResult) -> dict[str, pd.DataFrame]:
    """Groups, curve, test and parameters, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    given, level = dict(result.parameters), f"{100 * result.confidence:g}% interval"

    def write(value: Any) -> str:
        return money(float(value), given["measured_in"])

    def whole(value: Any) -> str:
        return count(float(value))

    return {
        "Contracts held": text_rows(publishable(result.table), {
            "Group": ("segment", str), "Contracts": ("n", whole), "Held": ("held", whole),
            "Kept at the next renewal": ("retention", lambda v: share(float(v))), "Value each": ("value", write),
            level: (("ci_low", "ci_high"), write), "Value together": ("total_value", write),
        }),
        "Share held by renewal": text_rows(publishable(result.tables["curve"]), {
            "Renewal": ("age", whole), "Contracts": ("n", whole), "Held": ("observed", lambda v: share(float(v))),
            "Expected": ("expected", lambda v: share(float(v))),
            level: (("ci_low", "ci_high"), lambda v: share(float(v))),
        }),
        "Renewals that the model had not seen": text_rows(publishable(result.tables["tracking"]), {
            "Renewals after the cut": ("ahead", whole), "Contracts": ("n", whole), "Held": ("actual", whole),
            "Expected": ("expected", whole), "Range": (("ci_low", "ci_high"), whole),
        }),
        "Parameters of the model": text_rows(result.tables["parameters"], {
            "Parameter": ("parameter", str), "Estimate": ("estimate", lambda v: number(float(v), 3)),
            level: (("ci_low", "ci_high"), lambda v: number(float(v), 3)),
        }),
    }  # fmt: skip
