"""Faults in rows: too many, too few, or two that contradict each other."""

from typing import Any

import numpy as np
import pandas as pd

from cxlab.data.synthetic.fault_values import Faults, some
from cxlab.data.synthetic.rhythm import END

__all__ = ["ROW_FAULTS"]

_LAST = pd.Timestamp(np.datetime64(END, "us"))
_Found = tuple[pd.DataFrame, int]


def _with(made: pd.DataFrame, more: pd.DataFrame) -> _Found:
    return pd.concat([made, more], ignore_index=True), len(more)


def _without(made: pd.DataFrame, gone: Any) -> _Found:
    return made[~gone].reset_index(drop=True), int(gone.sum())


def _repeated(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """The very same rows once more, ids and all."""
    return _with(made, made.iloc[some(rng, np.ones(len(made)))])


def _repeated_anew(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """The same purchases once more under ids of their own."""
    more = made.iloc[some(rng, np.ones(len(made)))]
    fresh = made["transaction_id"].max() + 1 + np.arange(len(more))
    return _with(made, more.assign(transaction_id=fresh))


def _same_id(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """Two different customers under one id."""
    rows = some(rng, made.index > 0, 0.01)
    more = made.iloc[rows].assign(country="NL", age_band="65+")
    return _with(made, more)


def _two_arms(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    more = made.iloc[some(rng, made["experiment"] == "checkout_button", 0.01)]
    other = np.where(more["variant"] == "control", "treatment", "control")
    return _with(made, more.assign(variant=pd.array(other, dtype="str")))


def _partial_period(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """The extract ends nine days before the month does."""
    return _without(made, made["time"] >= _LAST - pd.Timedelta("9D"))


def _late_start(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """The log begins when the company has been at work for months."""
    return _without(made, made["time"] < made["time"].min().normalize() + pd.Timedelta("120D"))


def _solved_only(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    return _without(made, made["status"] == "open")


def _closed_by_rule(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """The system closes every ticket five days after its last solution."""
    last = made[made["event"] == "solved"].groupby("ticket_id", as_index=False).last()
    closed = last.assign(event="closed", actor="system", time=last["time"] + pd.Timedelta("5D"))
    closed = closed[closed["time"] < _LAST]
    fresh = made["ticket_event_id"].max() + 1 + np.arange(len(closed))
    return _with(made, closed.assign(ticket_event_id=fresh)[list(made.columns)])


def _lifecycle(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """Every step stands three times: scheduled, started, complete."""
    three = made.loc[made.index.repeat(3)].reset_index(drop=True)
    states = pd.array(["SCHEDULE", "START", "COMPLETE"] * len(made), dtype="str")
    return three.assign(lifecycle=states), 2 * len(made)


def _overlapping(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    more = made.iloc[some(rng, made["ended_at"].isna())]
    fresh = made["subscription_id"].max() + 1 + np.arange(len(more))
    later = more["started_at"] + (_LAST - more["started_at"]) / 2
    return _with(made, more.assign(subscription_id=fresh, started_at=later.dt.floor("s")))


ROW_FAULTS: Faults = {
    "duplicate_rows": ("events", "event_id", "events that stand twice", _repeated),
    "repeated_rows": (
        "transactions",
        "transaction_id",
        "purchases repeated under new ids",
        _repeated_anew,
    ),
    "duplicate_ids": ("customers", "customer_id", "two customers with one id", _same_id),
    "unit_in_two_arms": ("assignments", "unit_id", "a customer in both variants", _two_arms),
    "partial_last_period": ("events", "time", "the last month is not over", _partial_period),
    "late_log_start": ("events", "time", "the log begins after the first customers came", _late_start),
    "solved_only": ("tickets", "status", "open tickets were left out", _solved_only),
    "administrative_close": (
        "ticket_events",
        "event",
        "closed by rule, not by solution",
        _closed_by_rule,
    ),
    "lifecycle_rows": ("ticket_events", "event", "three rows for one step", _lifecycle),
    "overlapping_subscriptions": (
        "subscriptions",
        "started_at",
        "two at once for one customer",
        _overlapping,
    ),
}
