"""Faults in single values: a number, a word or a moment that cannot be what it says."""

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data.synthetic.rhythm import END

__all__ = ["VALUE_FAULTS", "Faults", "Inject", "put", "some"]

Inject = Callable[[pd.DataFrame, np.random.Generator], tuple[pd.DataFrame, int]]
Faults = dict[str, tuple[str, str, str, Inject]]  # name -> table, column, meaning, and what puts it in
Rows = NDArray[Any]
_LAST = pd.Timestamp(np.datetime64(END, "us"))


def some(rng: np.random.Generator, fit: Any, share: float = 0.02, least: int = 3) -> Rows:
    """Some of the rows that are fit for a fault, at least three where there are so many."""
    rows = np.flatnonzero(np.asarray(fit, dtype=bool))
    return np.sort(rng.choice(rows, size=min(len(rows), max(least, round(share * len(rows)))), replace=False))


def put(made: pd.DataFrame, rows: Rows, column: str, values: Any) -> tuple[pd.DataFrame, int]:
    """The table with other values in these rows of one column."""
    found = made[column].copy()
    found.iloc[rows] = values
    return made.assign(**{column: found}), len(rows)


def constant(column: str, value: Any, fit: Callable[[pd.DataFrame], Any] | None = None) -> Inject:
    """A fault that writes one value into some rows."""

    def inject(made: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
        return put(made, some(rng, made[column].notna() if fit is None else fit(made)), column, value)

    return inject


def words(column: str, change: Callable[[str], str], share: float = 0.02) -> Inject:
    """A fault that writes some words otherwise; only those that are changed by it count."""

    def inject(made: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
        text = made[column].astype("str")
        fit = text.notna() & (text.map(change, na_action="ignore") != text)
        rows = some(rng, fit, share)
        return put(made.assign(**{column: text}), rows, column, text.iloc[rows].map(change).to_numpy())

    return inject


def _spans(rng: np.random.Generator, n: int, most: str) -> pd.TimedeltaIndex:
    return pd.TimedeltaIndex(pd.Timedelta(most) * (0.01 + rng.random(n))).floor("s")


def before(column: str, other: str, most: str) -> Inject:
    """A fault that moves some moments before another one."""

    def inject(made: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
        rows = some(rng, made[column].notna())
        back = _spans(rng, len(rows), most)
        return put(made, rows, column, (made[other].iloc[rows] - back).to_numpy())

    return inject


def _unanswered(made: pd.DataFrame) -> Any:
    return made["score"].isna()


def _answered(made: pd.DataFrame) -> Any:
    return (made["instrument"] == "nps") & made["score"].notna()


def _reversed(made: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
    """One language's easy-to-hard scale was printed the wrong way round."""
    language = rng.choice(["de", "fr", "es"])
    rows = np.flatnonzero((made["instrument"] == "ces2") & (made["language"] == language) & made["score"].notna())
    return put(made, rows, "score", 8 - made["score"].iloc[rows].to_numpy())


def _outlier(made: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
    rows = some(rng, made["revenue"].notna() & (made["experiment"] == "loyalty_email"), 0, 1)
    return put(made, rows, "revenue", made["revenue"].iloc[rows].to_numpy() * 5000)


def _future(made: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
    rows = some(rng, made["time"].notna(), 0.002)
    return put(made, rows, "time", (_LAST + _spans(rng, len(rows), "365D")).to_numpy())


def _before_opening(made: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
    """A reply that was logged before its ticket was opened."""
    rows = some(rng, made["event"] == "replied", 0.005)
    opened = made.groupby("ticket_id")["time"].transform("min")
    return put(made, rows, "time", (opened.iloc[rows] - _spans(rng, len(rows), "1D")).to_numpy())


def _missing_by_variant(made: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
    fit = (made["experiment"] == "checkout_button") & (made["variant"] == "treatment") & made["converted"].notna()
    return put(made, some(rng, fit, 0.1), "converted", np.nan)


def _tied(made: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
    """An event gets the very moment of the same customer's event before it."""
    order = made.sort_values(["customer_id", "time"], kind="stable")
    follows = (order["customer_id"] == order["customer_id"].shift()) & (order["time"] != order["time"].shift())
    chosen = some(rng, follows, 0.01)
    rows = order.index[chosen].to_numpy()
    return put(made, rows, "time", order["time"].iloc[chosen - 1].to_numpy())


def _mojibake(text: str) -> str:
    return text.encode().decode("latin-1")


def _entities(text: str) -> str:
    return escape(text)


def _missing_ids(made: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
    return put(
        made.assign(customer_id=made["customer_id"].astype("Int64")),
        some(rng, made["survey_id"]),
        "customer_id",
        pd.NA,
    )


VALUE_FAULTS: Faults = {
    "sentinel_scores": (
        "surveys",
        "score",
        "no answer is written as 99",
        constant("score", 99.0, _unanswered),
    ),
    "scores_off_the_scale": (
        "surveys",
        "score",
        "an 11 on a scale from 0 to 10",
        constant("score", 11.0, _answered),
    ),
    "fractional_scores": ("surveys", "score", "a score between two marks", constant("score", 7.5, _answered)),
    "reversed_scores": ("surveys", "score", "one language's scale runs the other way", _reversed),
    "html_entities": (
        "surveys",
        "verbatim",
        "HTML entities in what people wrote",
        words("verbatim", _entities, 1),
    ),
    "mojibake": ("surveys", "verbatim", "letters read in the wrong encoding", words("verbatim", _mojibake)),
    "line_breaks": (
        "surveys",
        "verbatim",
        "line breaks inside a text",
        words("verbatim", lambda text: text.replace(" ", "\n", 1)),
    ),
    "negative_durations": (
        "tickets",
        "solved_at",
        "solved before it was opened",
        before("solved_at", "created_at", "3D"),
    ),
    "solved_without_time": (
        "tickets",
        "last_solved_at",
        "solved, but not when",
        constant("last_solved_at", pd.NaT, lambda made: made["status"] == "solved"),
    ),
    "question_marks": ("tickets", "priority", "missing is written as ?", constant("priority", "?")),
    "na_text": ("tickets", "topic", "missing is written as N/A", constant("topic", "N/A")),
    "misspelt_categories": (
        "tickets",
        "channel",
        "a category with a slip of the pen",
        words("channel", lambda text: "e-mial" if text == "email" else text),
    ),
    "events_before_start": (
        "ticket_events",
        "time",
        "a step before the ticket was opened",
        _before_opening,
    ),
    "future_times": ("events", "time", "an event after the end of the data", _future),
    "tied_times": ("events", "time", "two events of a customer at one instant", _tied),
    "ends_before_start": (
        "subscriptions",
        "ended_at",
        "ended before it began",
        before("ended_at", "started_at", "20D"),
    ),
    "zero_amounts": ("transactions", "amount", "purchases worth nothing", constant("amount", 0.0)),
    "negative_amounts": (
        "transactions",
        "amount",
        "refunds among the purchases",
        constant("amount", -20.0),
    ),
    "mixed_currencies": ("transactions", "currency", "a second currency", constant("currency", "USD")),
    "outlier": ("assignments", "revenue", "one row that decides a mean", _outlier),
    "missing_by_variant": ("assignments", "converted", "missing in one variant only", _missing_by_variant),
    "missing_ids": ("surveys", "customer_id", "answers of nobody", _missing_ids),
    "case_variants": (
        "customers",
        "source",
        "one word in several spellings",
        words("source", lambda t: f" {t.upper()}"),
    ),
}
