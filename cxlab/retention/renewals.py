"""Contracts by renewal: at which one each was lost, and how many it has been seen at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import Table
from cxlab.data.calendar import INSTANT, parse_instant
from cxlab.errors import DataError, ParameterError
from cxlab.retention.columns import group_names
from cxlab.retention.purchase_history import DAYS
from cxlab.stats.contract_models import ContractRows, contract_rows
from cxlab.wording import count, date

__all__ = ["FEWEST_LOST", "Contracts", "read_contracts", "read_survivors"]

Whole = NDArray[np.int64]
FEWEST_LOST = 20


@dataclass(frozen=True)
class Contracts:
    """One contract a place: how many renewals were `seen`, at which it was `lost` (0: still held), what it pays."""

    seen: Whole
    lost: Whole
    amount: NDArray[np.float64] | None
    segment: NDArray[Any] | None
    told: str
    assumed: bool

    @property
    def held(self) -> NDArray[np.bool_]:
        """Is it still held?"""
        return np.asarray(self.lost == 0)

    def rows(self) -> ContractRows:
        """Losses by renewal, all contracts together."""
        size = int(self.seen.max()) + 1
        lost = np.bincount(self.lost[self.lost > 0], minlength=size).astype(float)
        kept = np.bincount(self.seen[self.held], minlength=size).astype(float)
        return ContractRows(np.arange(size, dtype=float), lost[:size], kept)

    def until(self, back: int) -> tuple[Contracts, Whole]:
        """The contracts as they were so many renewals ago, and which of these they are."""
        of = np.flatnonzero(self.seen > back)
        seen = self.seen[of] - back
        lost = np.where((self.lost[of] > 0) & (self.lost[of] <= seen), self.lost[of], 0)
        return Contracts(seen, lost, None, None, self.told, self.assumed), of

    def observed(self) -> pd.DataFrame:
        """Share still held after each renewal, of those who could be seen (Kaplan-Meier)."""
        size = int(self.seen.max())
        ages = np.arange(1, size + 1)
        ends = np.where(self.lost > 0, self.lost, self.seen)
        n = np.array([int((ends >= age).sum()) for age in ages])
        lost = np.bincount(self.lost, minlength=size + 1)[1 : size + 1]
        share = np.cumprod(1 - np.divide(lost, n, out=np.zeros(size), where=n > 0))
        return pd.DataFrame({"age": ages, "n": n, "lost": lost, "observed": share})


def read_contracts(table: Table, given: dict[str, Any]) -> Contracts:
    """At which renewal was each contract lost?

    Args:
        table: one row per contract.
        given: the arguments by name.

    Returns:
        The contracts that began early enough for one renewal.

    Raises:
        DataError: a contract ends before it begins, or stands twice, or there are too few.
    """
    names = {"unit": (given["unit"], "id"), "start": (given["start"], "time"), "end": (given["end"], "time?")}
    names |= {k: (given[k], kind) for k, kind in (("amount", "number"), ("segment", "text?")) if given[k]}
    relation = table.typed(**names)
    wrong, first, last, ends = table.engine.rows(
        f'SELECT sum(CASE WHEN "end" < start THEN 1 ELSE 0 END), min(start), max(start), max("end") FROM {relation}'
    )[0]
    if wrong:
        raise DataError(
            f"{count(wrong)} of {count(table.rows)} contracts end before they start; correct '{given['start']}' or "
            f"'{given['end']}'."
        )
    until, assumed = _until(given, pd.Timestamp(first), [one for one in (last, ends) if one is not None], table.tz)
    seconds = f"{DAYS[given['period']] * 86_400}"
    optional = "".join(f", {role}" for role in ("amount", "segment") if given[role])
    columns = table.engine.arrays(
        f"SELECT epoch(TIMESTAMP '{until}' - start) / {seconds} AS seen, "
        f'coalesce(epoch("end" - start) / {seconds}, -1) AS held{optional} '
        f"FROM {relation} WHERE start < TIMESTAMP '{until}'"
    )
    seen = np.floor(np.asarray(columns["seen"], dtype=float) + 1e-6).astype(np.int64)
    over = np.asarray(columns["held"], dtype=float)
    lost = np.where(over >= 0, np.maximum(np.ceil(over - 1e-6), 1), 0).astype(np.int64)
    kept = seen >= 1
    lost = np.where(lost > seen, 0, lost)[kept]
    amount = np.asarray(columns["amount"], dtype=float)[kept] if given["amount"] else None
    segment = group_names(columns["segment"], given["segment"])[kept] if given["segment"] else None
    return _enough(Contracts(seen[kept], lost, amount, segment, date((until - INSTANT).isoformat()), assumed))


def _until(given: dict[str, Any], first: pd.Timestamp, ends: list[Any], tz: str) -> tuple[pd.Timestamp, bool]:
    if given["observe_until"] is None:
        return max(pd.Timestamp(one) for one in ends) + INSTANT, True
    until = parse_instant(given["observe_until"], argument="observe_until", tz=tz, end=True)
    if until <= first:
        raise ParameterError(
            f"`observe_until` is {given['observe_until']}, but the first contract starts on {date(first.isoformat())}."
        )
    return until, False


def _enough(found: Contracts) -> Contracts:
    lost = int((found.lost > 0).sum())
    if lost < FEWEST_LOST or len(found.seen) < 50 or int(found.seen.max(initial=0)) < 3:
        longest = int(found.seen.max(initial=0))
        raise DataError(
            f"{count(len(found.seen))} contracts were seen at a renewal, at {count(longest)} of them at most, and "
            f"{count(lost)} were lost; expected 50 contracts, three renewals and {FEWEST_LOST} losses or more. Bring a "
            "longer log, or choose a shorter `period`."
        )
    return found


def read_survivors(table: Table, given: dict[str, Any]) -> Contracts:
    """The same from a table of survivors.

    Args:
        table: one row per renewal, and per cohort where there are several: how many contracts were still held.
        given: the arguments by name; `survivors` and `renewal` name columns.

    Returns:
        The contracts.

    Raises:
        DataError: survivors rise, are no whole numbers, or a renewal is missing.
    """
    names = {"survivors": (given["survivors"], "number"), "renewal": (given["renewal"], "number")}
    names |= {"segment": (given["segment"], "text")} if given["segment"] else {}
    frame = table.query(f"SELECT * FROM {table.typed(**names)} AS t")
    groups = frame.groupby("segment", sort=True) if given["segment"] else [("all cohorts", frame)]
    parts, labels = [], []
    for name, part in groups:
        held = part.sort_values("renewal")
        wanted = np.arange(len(held))
        if not np.array_equal(held["renewal"].to_numpy(), wanted) or (held["survivors"] % 1 != 0).any():
            raise DataError(
                f"Renewals of {name!r} are {held['renewal'].tolist()}; expected 0, 1, 2 and so on, one row each, with "
                f"whole numbers of '{given['survivors']}'."
            )
        rows = contract_rows(held["survivors"])
        lost = np.repeat(rows.t.astype(int), rows.lost.astype(int))
        seen = np.full(int(held["survivors"].iloc[0]), len(held) - 1)
        parts.append((seen, np.append(lost, np.zeros(int(rows.kept[-1]), int))))
        labels += [str(name)] * int(held["survivors"].iloc[0])
    seen, lost = (np.concatenate([part[k] for part in parts]).astype(np.int64) for k in (0, 1))
    segment = np.array(labels, dtype=object) if given["segment"] else None
    return _enough(Contracts(seen, lost, None, segment, f"renewal {int(seen.max())}", False))
