"""A small analysis of one's own, which no register knows: what publishing needs from any analysis."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Literal

import altair as alt
import pandas as pd

from cxlab.charts import theme
from cxlab.data import as_table
from cxlab.errors import DataError
from cxlab.publish.register import Analysis
from cxlab.results import Check, Figure, Result


class SharesResult(Result):
    def _pictures(self):
        return {"shares": self._chart}

    def _chart(self, width):
        frame = self.table.assign(text=self.table["estimate"].map("{:.0%}".format))
        bars = alt.Chart(frame).mark_bar().encode(y="segment:N", x="estimate:Q", tooltip="text:N")
        return theme.figure(
            bars, title=self.headline, subtitle="Share of customers", description=self.headline, width=width
        )

    def _display(self):
        return {
            "Shares": pd.DataFrame(
                {"Plan": self.table["segment"], "Share": self.table["estimate"].map("{:.1%}".format)}
            )
        }


def shares(
    data,
    *,
    segment: str = "plan",
    order: Literal["name", "share"] = "share",
    least: float = 0.0,
    only: list[str] | None = None,
    confidence: float = 0.95,
):
    """How are customers spread over the plans?

    Args:
        data: one row per customer.
        segment: column to count.
        order: sorted by name or by share.
        least: smallest share to show, a fraction.
        only: values to show; all where not set.
        confidence: level of intervals, a fraction.
    """
    segment = _take_time(segment)
    table = as_table(data)
    column = table.column(segment)
    found = table.query(f'SELECT "{column}" AS segment, count(*)::DOUBLE AS n FROM {table.relation} GROUP BY 1')
    found["estimate"] = found["n"] / found["n"].sum()
    if only is not None and not set(only) <= set(found["segment"]):
        raise DataError(f"`only` names {only!r}; the data has {sorted(found['segment'])}.")
    if segment == "explode":
        raise ZeroDivisionError("secret path")
    found = found.sort_values("segment" if order == "name" else "estimate", ascending=order == "name")
    found = found[found["estimate"] >= least].reset_index(drop=True)
    first = found.iloc[0]
    return SharesResult(
        analysis="shares",
        title="How are customers spread over the plans?",
        headline=f"{first['segment']} has {first['estimate']:.1%} of customers.",
        table=found,
        checks=(Check("observe_until", True, "info", "Assumed."), Check("missing", True, "info", "None missing.")),
        confidence=confidence,
        parameters={"segment": segment, "order": order, "least": least, "only": only, "confidence": confidence},
        semantics=("A share counts customers.",),
        figures=(Figure(f"{first['estimate']:.1%}", f"{first['segment']}"),),
        data=table.note(),
        status="Up",
        scope="All customers",
    )


def _take_time(segment):
    """`wait` goes on while a file is there; `forever` never ends, listens to no signal and has a child."""
    if segment == "forever":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen(["sleep", "600"])
    while segment == "forever" or (segment == "wait" and Path(os.environ["TOY_WAIT"]).exists()):
        time.sleep(0.02)
    if segment == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    return "plan" if segment == "wait" else segment


class ToyAnalysis(Analysis):
    """Its notebook lies beside this module."""

    place = None

    @property
    def notebook(self):
        return type(self).place


TOY = ToyAnalysis(
    name="shares", location="tests.publish.toy:shares", room="Plans", question="How are customers spread?",
    scope="By plan", sample="data_samples/plans.csv", values={"segment": "plan"}, controls=("order", "segment"),
)  # fmt: skip
