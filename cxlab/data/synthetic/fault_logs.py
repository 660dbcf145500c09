"""Faults of logs and extracts: what an export left out, cut off, moved or added."""

from typing import Any

import numpy as np
import pandas as pd

from cxlab.data.synthetic.fault_values import Faults, constant, put, some
from cxlab.data.synthetic.rhythm import END

__all__ = ["LOG_FAULTS"]

_LAST = pd.Timestamp(np.datetime64(END, "us"))
_Found = tuple[pd.DataFrame, int]


def _with(made: pd.DataFrame, more: pd.DataFrame) -> _Found:
    return pd.concat([made, more], ignore_index=True), len(more)


def _without(made: pd.DataFrame, gone: Any) -> _Found:
    return made[~gone].reset_index(drop=True), int(gone.sum())


def _in_test(made: pd.DataFrame, variant: str) -> Any:
    return (made["experiment"] == "upsell_banner") & (made["variant"] == variant)


def _unbalanced_split(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """One customer in eight of the treatment never reached the log."""
    gone = np.zeros(len(made), dtype=bool)
    gone[some(rng, _in_test(made, "treatment"), 0.125)] = True
    return _without(made, pd.Series(gone, index=made.index))


def _missing_arm(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    return _without(made, (made["experiment"] == "aa_check") & (made["variant"] == "control"))


def _finer_rows(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """One row per order where one per customer is meant: same customer, same variant, another amount."""
    more = made.iloc[some(rng, made["experiment"] == "store_layout", 0.2)]
    return _with(made, more.assign(revenue=more["revenue"] * (0.5 + rng.random(len(more)))))


def _zero_durations(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    rows = some(rng, made["solved_at"].notna())
    return put(made, rows, "solved_at", made["created_at"].iloc[rows].to_numpy())


def _stale_closings(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """Solutions stop reaching the extract three days before new tickets do."""
    late = made["last_solved_at"] >= _LAST - pd.Timedelta("3D")
    status = made["status"].mask(late, "open")
    return made.assign(last_solved_at=made["last_solved_at"].mask(late), status=status), int(late.sum())


def _out_of_order(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """Some rows stand at the end of the file instead of in their place."""
    moved = some(rng, np.arange(len(made)) < 0.9 * len(made), 0.005)
    order = np.append(np.delete(np.arange(len(made)), moved), moved)
    return made.iloc[order].reset_index(drop=True), len(moved)


def _rare_events(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    rows = some(rng, made["event"].notna(), 0.0)
    return put(made, rows, "event", "debug_opened")


def _missing_months(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    return _without(made, made["time"].dt.month.isin([1, 4]))


def _partial_cohort(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """The last month's newcomers are known up to the 25th day only."""
    return _without(made, made["signed_up_at"] >= _LAST - pd.Timedelta("6D"))


def _same_day(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """One order booked as two purchases within minutes."""
    more = made.iloc[some(rng, made["amount"] > 1)]
    fresh = made["transaction_id"].max() + 1 + np.arange(len(more))
    amount = (more["amount"] * 0.4).round(2)
    return _with(made, more.assign(transaction_id=fresh, amount=amount, time=more["time"] + pd.Timedelta("1s")))


def _answered_twice(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """The same customer answers the same wave once more."""
    more = made.iloc[some(rng, (made["instrument"] == "nps") & made["score"].notna())]
    fresh = made["survey_id"].max() + 1 + np.arange(len(more))
    answered = more["answered_at"] + pd.Timedelta("5min")
    return _with(made, more.assign(survey_id=fresh, answered_at=answered, score=10 - more["score"]))


def _truncated(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """The file breaks off in the middle of a ticket."""
    inside = np.flatnonzero(made["ticket_id"].eq(made["ticket_id"].shift()).fillna(False))
    kept = inside[np.searchsorted(inside, 0.6 * len(made))]
    return made.iloc[:kept].reset_index(drop=True), len(made) - int(kept)


def _auto_replies(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """A robot thanks for the message; no person has replied."""
    more = made.iloc[some(rng, made["event"] == "created", 0.5)]
    fresh = made["ticket_event_id"].max() + 1 + np.arange(len(more))
    told = more.assign(event="replied", actor="system", time=more["time"] + pd.Timedelta("5s"))
    return _with(made, told.assign(ticket_event_id=fresh))


def _lost_ids(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """A ticket whose id a reader took for a missing value."""
    chosen = made["ticket_id"].iloc[rng.integers(len(made))]
    lost = made["ticket_id"] == chosen
    return made.assign(ticket_id=made["ticket_id"].astype("Int64").mask(lost)), int(lost.sum())


def _contradicting_totals(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """What was paid in all is not the price times the months, in some rows."""
    months = ((made["ended_at"].fillna(_LAST) - made["started_at"]) / pd.Timedelta("30D")).clip(lower=0).astype(int)
    total = (made["monthly_price"] * (months + 1)).to_numpy(copy=True)
    rows = some(rng, np.ones(len(made)), 0.1)
    total[rows] = np.round(total[rows] * 1.07 + 1, 2)
    return made.assign(total_paid=total), len(rows)


LOG_FAULTS: Faults = {
    "unbalanced_split": ("assignments", "variant", "part of one variant is not in the data", _unbalanced_split),
    "missing_arm": ("assignments", "variant", "an experiment without its control group", _missing_arm),
    "unknown_variant": (
        "assignments",
        "variant",
        "a variant that nobody planned",
        constant("variant", "holdout", lambda made: made["experiment"] == "free_delivery"),
    ),
    "finer_rows": ("assignments", "unit_id", "rows finer than the unit that was assigned", _finer_rows),
    "zero_durations": ("tickets", "solved_at", "solved at the very moment it was opened", _zero_durations),
    "stale_closings": ("tickets", "last_solved_at", "solutions of the last days are not known yet", _stale_closings),
    "rows_out_of_order": ("events", "received_at", "rows that do not stand in their order", _out_of_order),
    "rare_events": ("events", "event", "an event that happened three times", _rare_events),
    "missing_months": ("events", "time", "January and April are not there", _missing_months),
    "partial_last_cohort": (
        "customers",
        "signed_up_at",
        "the last month's newcomers are not complete",
        _partial_cohort,
    ),
    "same_day_purchases": ("transactions", "time", "one order booked as two", _same_day),
    "answered_twice": ("surveys", "customer_id", "a customer twice in one wave", _answered_twice),
    "missing_agents": ("ticket_events", "actor", "nobody is named", constant("actor", pd.NA)),
    "auto_replies": ("ticket_events", "actor", "replies by a robot", _auto_replies),
    "truncated_extract": ("ticket_events", "ticket_id", "the file breaks off inside a ticket", _truncated),
    "lost_case_ids": ("ticket_events", "ticket_id", "one ticket's id was read as missing", _lost_ids),
    "contradicting_totals": (
        "subscriptions",
        "total_paid",
        "a total that is not its parts' sum",
        _contradicting_totals,
    ),
}
