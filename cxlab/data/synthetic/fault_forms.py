"""Faults of form: right values written so that a reader takes them for something else."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from cxlab.data.synthetic.fault_values import Faults, Inject, put, some

__all__ = ["FORM_FAULTS"]

_Found = tuple[pd.DataFrame, int]
_BEYOND = 2**53  # whole numbers above are rounded when they are kept as decimals


def _written(column: str, form: str) -> Inject:
    """A fault that writes all moments of a column in another form."""

    def inject(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
        return made.assign(**{column: made[column].dt.strftime(form).astype("str")}), int(made[column].notna().sum())

    return inject


def _text(made: pd.DataFrame, column: str) -> pd.DataFrame:
    return made.assign(**{column: made[column].astype("str")})


def _odd_text(column: str, odd: str | Callable[[pd.Series], Any]) -> Inject:
    """A fault that makes numbers text, some of them unreadable."""

    def inject(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
        rows, written = some(rng, made[column].notna()), _text(made, column)
        return put(written, rows, column, odd if isinstance(odd, str) else odd(written[column].iloc[rows]))

    return inject


def _comma(values: pd.Series) -> Any:
    return values.str.replace(".", ",", regex=False).to_numpy()


def _mixed_offsets(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """Most moments carry an offset, which changes with the clock; some carry none."""
    local = made["time"].dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin").dt.strftime("%Y-%m-%dT%H:%M:%S%z")
    rows = some(rng, made["time"].notna())
    return put(made.assign(time=local.astype("str")), rows, "time", local.iloc[rows].str[:19].to_numpy())


def _midnight(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    days = made["time"].dt.normalize()
    return made.assign(time=days), int((days != made["time"]).sum())


def _rounded_ids(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """Long ids went through a column of decimals: some are now another's."""
    exact = made["customer_id"] + _BEYOND
    rounded = exact.astype(float)
    return made.assign(customer_id=rounded), int((rounded.astype("int64") != exact).sum())


def _letters(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """Ids are letters, and one customer's letters are NA."""
    codes, owners = pd.factorize(made["customer_id"])
    names = np.array([f"K{number}" for number in range(len(owners))], dtype=object)
    chosen = rng.integers(len(owners))
    names[chosen] = "NA"
    return made.assign(customer_id=pd.array(names[codes], dtype="str")), int((codes == chosen).sum())


def _mixed_flags(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """Yes and No, but 1 and 0 in some rows."""
    rows, words = some(rng, made["is_test"].notna()), np.where(made["is_test"], "Yes", "No")
    numbers = np.where(made["is_test"].iloc[rows], "1", "0")
    return put(made.assign(is_test=pd.array(words, dtype="str")), rows, "is_test", numbers)


def _blank_column(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    return made.assign(kind=pd.array([pd.NA] * len(made), dtype="str")), len(made)


def _byte_order_mark(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """What a file with a byte order mark looks like when it is read without care."""
    return made.rename(columns={made.columns[0]: "\ufeff" + made.columns[0]}), len(made)


def _semicolons(made: pd.DataFrame, rng: np.random.Generator) -> _Found:  # noqa: ARG001
    """What a file with semicolons looks like when it is read as if it had commas."""
    rows = made.to_csv(sep=";", index=False, lineterminator="\n").splitlines()
    return pd.DataFrame({rows[0]: pd.array(rows[1:], dtype="str")}), len(made)


FORM_FAULTS: Faults = {
    "day_first_dates": (
        "tickets",
        "created_at",
        "day before month",
        _written("created_at", "%d-%m-%Y %H:%M"),
    ),
    "month_first_dates": (
        "subscriptions",
        "started_at",
        "month before day",
        _written("started_at", "%m/%d/%Y"),
    ),
    "mixed_offsets": ("events", "time", "times with and without an offset", _mixed_offsets),
    "midnight_times": ("transactions", "time", "the day is known, the hour is not", _midnight),
    "float_rounded_ids": ("transactions", "customer_id", "long ids rounded as decimals", _rounded_ids),
    "na_ids": ("tickets", "customer_id", "an id whose letters are NA", _letters),
    "mixed_types": ("transactions", "amount", "words among numbers", _odd_text("amount", "n/a")),
    "blank_numbers": (
        "tickets",
        "satisfaction",
        "a single blank among numbers",
        _odd_text("satisfaction", " "),
    ),
    "decimal_commas": (
        "subscriptions",
        "monthly_price",
        "commas and points for decimals",
        _odd_text("monthly_price", _comma),
    ),
    "mixed_flags": ("customers", "is_test", "Yes and No beside 1 and 0", _mixed_flags),
    "blank_column": ("identity_map", "kind", "a column with nothing in it", _blank_column),
    "byte_order_mark": (
        "customers",
        "customer_id",
        "a mark before the first column's name",
        _byte_order_mark,
    ),
    "semicolons": ("experiments", "experiment", "all columns in one, with semicolons", _semicolons),
}
