"""Faults of layout: columns that lack, are named, coded or filled in another way than a reader expects."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from cxlab.data.synthetic.fault_values import Faults, Inject, some

__all__ = ["LAYOUT_FAULTS"]

_Found = tuple[pd.DataFrame, int]
_LONG = {6: "June", 7: "July", 9: "Sept"}


def _text(values: Any) -> Any:
    return pd.array(values, dtype="str")


def _changed(change: Callable[[pd.DataFrame], pd.DataFrame], column: str = "") -> Inject:
    """A fault that changes every row the same way; rows without a value of that column do not count."""

    def inject(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
        return change(made), int(made[column].notna().sum()) if column else len(made)

    return inject


def _mixed_date_forms(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """One file wrote 2026-05-31, the other 5/31/2026."""
    moments = made["signed_up_at"]
    written = moments.dt.strftime("%Y-%m-%d").to_numpy(dtype=object)
    rows = some(rng, moments.notna(), 0.3)
    written[rows] = moments.iloc[rows].dt.strftime("%m/%d/%Y")
    return made.assign(signed_up_at=_text(written)), len(rows)


def _month_names(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """Feb, but June: short and long names in one column."""
    month = 1 + rng.integers(0, 12, len(made))
    names = pd.Series(month).map(lambda one: _LONG.get(one, pd.Timestamp(2026, one, 1).strftime("%b")))
    return made.assign(favourite_month=_text(names.to_numpy())), int(np.isin(month, list(_LONG)).sum())


def _masked_postcodes(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    codes = rng.integers(10_000, 99_999, len(made)).astype(str).astype(object)
    rows = some(rng, np.ones(len(made)), 0.1)
    codes[rows] = [f"{code[:3]}XX" for code in codes[rows]]
    return made.assign(postcode=_text(codes)), len(rows)


def _bands(made: pd.DataFrame) -> pd.DataFrame:
    """The order of the bands was forced by a number in front."""
    known = sorted(made["age_band"].dropna().unique())
    return made.assign(age_band=_text(made["age_band"].map({band: f"{n}) {band}" for n, band in enumerate(known, 1)})))


def _compact(made: pd.DataFrame) -> pd.DataFrame:
    return made.assign(ended_at=made["ended_at"].dt.strftime("%Y%m%d").astype("str"))


def _leading_zeros(made: pd.DataFrame) -> pd.DataFrame:
    return made.assign(customer_id=_text(made["customer_id"].astype(str).str.zfill(10)))


def _epoch(made: pd.DataFrame) -> pd.DataFrame:
    return made.assign(received_at=made["received_at"].astype("datetime64[s]").astype("int64"))


def _amounts_as_text(made: pd.DataFrame) -> pd.DataFrame:
    words = made["revenue_before"].map(lambda value: f"{value:.2f}", na_action="ignore")
    return made.assign(revenue_before=words.astype("str"))


def _final_attributes(made: pd.DataFrame) -> pd.DataFrame:
    """Every row tells when the ticket was to be solved in the end."""
    solved = made["time"].where(made["event"] == "solved")
    return made.assign(resolved_at=solved.groupby(made["ticket_id"]).transform("max"))


def _sparse(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """An attribute is filled on the event that recorded it, and nowhere else."""
    first = made["event"] == "created"
    return made.assign(entry=pd.Series("form", index=made.index, dtype="str").where(first)), int((~first).sum())


def _no_header(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """The first row was taken for the names of the columns."""
    names = [f"{value}" if f"{value}" not in ("<NA>", "nan") else f"column{n}" for n, value in enumerate(made.iloc[0])]
    return made.iloc[1:].reset_index(drop=True).set_axis(names, axis=1), 1


def _fixed_width(made: pd.DataFrame) -> pd.DataFrame:
    """What a file with columns of fixed width looks like when it is read as if it had commas."""
    padded = [made[name].astype("str").fillna("").str.pad(22) for name in made]
    joined = padded[0].str.cat(padded[1:])
    return pd.DataFrame({"".join(f"{name:>22}" for name in made): _text(joined.to_numpy())})


def _header_rows(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """The question's words and an import id below the names of the columns."""
    told = [[f"Question about {name}" for name in made], [f'{{"ImportId":"{name}"}}' for name in made]]
    extra = pd.DataFrame(told, columns=made.columns).astype("str")
    return pd.concat([extra, made.astype("str")], ignore_index=True), 2


def _spaced(made: pd.DataFrame) -> pd.DataFrame:
    return made.rename(columns={name: f" {name.replace('_', ' ').capitalize()}" for name in made})


def _without(*columns: str) -> Inject:
    return _changed(lambda made: made.drop(columns=list(columns)))


def _repeats_without_id(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """Rows that repeat another, and nothing to tell whether they are the same."""
    more = made.iloc[some(rng, np.ones(len(made)), 0.01)]
    return pd.concat([made, more], ignore_index=True).drop(columns="event_id"), len(more)


LAYOUT_FAULTS: Faults = {
    "mixed_date_forms": ("customers", "signed_up_at", "two ways to write a date", _mixed_date_forms),
    "mixed_month_names": ("customers", "favourite_month", "Feb, but June", _month_names),
    "masked_postcodes": ("customers", "postcode", "digits hidden by XX", _masked_postcodes),
    "numbered_bands": ("customers", "age_band", "a number in front of a category", _changed(_bands, "age_band")),
    "numeric_flags": (
        "customers",
        "service_problem",
        "1 and 0 where the neighbours say true and false",
        _changed(lambda made: made.assign(service_problem=made["service_problem"].astype(int))),
    ),
    "compact_dates": ("subscriptions", "ended_at", "days as eight digits", _changed(_compact, "ended_at")),
    "leading_zero_ids": ("subscriptions", "customer_id", "ids with zeros in front", _changed(_leading_zeros)),
    "no_start_dates": ("subscriptions", "started_at", "a cross-section: no start", _without("started_at")),
    "epoch_times": ("events", "received_at", "times as seconds since 1970", _changed(_epoch)),
    "repeats_without_id": ("events", "event_id", "repeated rows and no id to judge them", _repeats_without_id),
    "amounts_as_text": (
        "assignments",
        "revenue_before",
        "numbers written as text",
        _changed(_amounts_as_text, "revenue_before"),
    ),
    "no_id_column": (
        "assignments",
        "unit_id",
        "nothing tells one unit from another",
        _without("unit_id", "customer_id"),
    ),
    "final_attributes": (
        "ticket_events",
        "resolved_at",
        "rows that know how the ticket ends",
        _changed(_final_attributes),
    ),
    "sparse_attributes": ("ticket_events", "entry", "a value on the first row of a ticket only", _sparse),
    "constant_column": (
        "tickets",
        "language",
        "one value in every row",
        _changed(lambda made: made.assign(language=_text(["en"] * len(made)))),
    ),
    "spaced_headers": ("tickets", "ticket_id", "column names with spaces and capitals", _changed(_spaced)),
    "extra_header_rows": ("surveys", "survey_id", "two more rows of headings", _header_rows),
    "no_header": ("identity_map", "identity_id", "the first row taken for the header", _no_header),
    "fixed_width": ("identity_map", "identity_id", "all columns in one, by position", _changed(_fixed_width)),
}
