"""From what became of contracts to the tidy tables and words of the pictures; small groups are hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.charts.contracts import contract_groups_chart, contract_survival, contracts_tested
from cxlab.charts.score_rows import Frame
from cxlab.data import ALL
from cxlab.results import SMALLEST_DRAWN, publishable
from cxlab.retention.contract_words import half_lost, spell, tested_contracts
from cxlab.wording import count, sentence_list, share

if TYPE_CHECKING:
    from cxlab.retention.contract_values import ContractResult

__all__ = ["contract_pictures"]

_MOST_GROUPS = 4


def contract_pictures(result: ContractResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it; the first is how long contracts are held.
    """
    drawn: dict[str, Callable[[int], Any]] = {
        "curve": lambda width: _curve(result, width), "tracking": lambda width: _tracking(result, width)
    }  # fmt: skip
    if len(_largest(result)) > 1:
        drawn["groups"] = lambda width: _by_group(result, width)
    return drawn


def _seen(result: ContractResult) -> pd.DataFrame:
    """Shares behind which enough contracts stand to be drawn."""
    rows = publishable(result.tables["seen"]).dropna(subset=["n", "observed"])
    return rows[rows["n"] >= min(SMALLEST_DRAWN, rows["n"].max())]


def _from_start(rows: pd.DataFrame) -> pd.DataFrame:
    """The curve begins where all are held."""
    start = {"age": 0, "expected": 1.0, "ci_low": 1.0, "ci_high": 1.0}
    return pd.concat([pd.DataFrame([start]), rows[list(start)]], ignore_index=True)


def _axis(result: ContractResult) -> str:
    return f"{str(result.parameters['period']).capitalize()}s since the start"


def _curve(result: ContractResult, width: int) -> Any:
    given, row = dict(result.parameters), result.table.iloc[0]
    own = result.tables["curve"].query("segment == @ALL", local_dict={"ALL": ALL})
    frame = Frame(
        half_lost(row, own, given).partition(" (")[0],
        f"Share of contracts still held, by {given['period']}s since the start. Points: seen, of those who could be "
        f"seen so long. Line: expected by the model, dashed beyond what was seen; band: its "
        f"{100 * result.confidence:g}% interval. {result.scope}.",
        f"Line chart of the share of contracts held. {result.headline} Numbers in the table below.",
        f"Points with fewer than {SMALLEST_DRAWN} contracts are not drawn. The further the dashed line goes, the more "
        "it rests on the model.", width=width,
    )  # fmt: skip
    seen = _seen(result)
    return contract_survival(
        _from_start(own).assign(median=row["median"]), seen[seen["segment"] == ALL], frame, axis_title=_axis(result),
        value_title="Contracts still held", half=f"half lost by {given['period']} {count(row['median'])}",
    )  # fmt: skip


def _tracking(result: ContractResult, width: int) -> Any:
    given, tracking = dict(result.parameters), result.tables["tracking"]
    rows = publishable(tracking).dropna(subset=["n"]).rename(columns={"ahead": "age"})
    start = dict.fromkeys(("actual", "expected", "ci_low", "ci_high"), tracking["n"].iloc[0])
    last = tracking.iloc[-1]
    told = tested_contracts(tracking, given).partition("the model ")[2].partition(",")[0]
    frame = Frame(
        f"In {given['period']}s it had not seen, the model {told}",
        f"Contracts still held, by {given['period']}s after the model was fitted, of {count(last['n'])} held then. "
        f"Points: held. Blue: expected, with the range for {100 * result.confidence:g} of 100 futures. {result.scope}.",
        f"Line chart of contracts held and expected. {result.headline} Numbers in the table below.", width=width,
    )  # fmt: skip
    return contracts_tested(
        pd.concat([pd.DataFrame([{"age": 0, **start}]), rows]), frame,
        axis_title=f"{given['period'].capitalize()}s after the model was fitted", value_title="Contracts held",
        ends=(f"Expected: {count(last['expected'])}", f"Held: {count(last['actual'])}"),
    )  # fmt: skip


def _largest(result: ContractResult) -> list[str]:
    """The groups with a model of their own, the largest ones."""
    known = publishable(result.table.dropna(subset=["retention"])).dropna(subset=["n"])
    known = known[known["segment"] != ALL].nlargest(_MOST_GROUPS, "n")
    return sorted(known["segment"])


def _by_group(result: ContractResult, width: int) -> Any:
    given, names = dict(result.parameters), _largest(result)
    curve, seen = result.tables["curve"], _seen(result)
    age = min(int(given["horizon"]), int(curve["age"].max()))
    at = curve[curve["age"] == age].set_index("segment")["expected"]
    told = sentence_list([f"{share(at[name], 0)} of {name}" for name in names if name in at])
    rows = pd.concat([_from_start(curve[curve["segment"] == name]).assign(group=name) for name in names])
    frame = Frame(
        f"After {spell(age, given)}: {told} contracts are held",
        f"Share of contracts still held, by {given['period']}s since the start. Points: seen. Lines: each group's own "
        f"model, dashed beyond what was seen; bands: {100 * result.confidence:g}% intervals. {result.scope}.",
        f"Line chart of the share of contracts held by group. {result.headline} Numbers in the table below.",
        "Customers chose their group themselves: the group may not be the cause.", width=width,
    )  # fmt: skip
    return contract_groups_chart(
        rows, seen[seen["segment"].isin(names)].rename(columns={"segment": "group"}), frame, axis_title=_axis(result),
        value_title="Contracts still held",
    )  # fmt: skip
