"""Where do groups part from the planned ratio? By segment and by day, corrected for how many are asked."""

from __future__ import annotations

import pandas as pd
from scipy.special import bdtr, bdtrc

from cxlab.data import ALL, Table
from cxlab.experiments.studies import Study
from cxlab.results import Check
from cxlab.stats.multiplicity import holm
from cxlab.stats.sample_ratio import sample_ratio_test
from cxlab.wording import count, date, p_text, sentence_list

__all__ = ["split_checks", "split_table"]

_SMALLEST = 5
_LARGE = 1000
_WARN = 0.01
_NAMED = 3


def split_table(study: Study, planned: list[float], time: str | None) -> pd.DataFrame:
    """Are the groups as large as planned, in all, in each segment and on each day?

    Args:
        study: an experiment with one row per unit.
        planned: the planned ratio in the order of the variants.
        time: the column with the time of assignment, or None.

    Returns:
        One row per part ("all", "segment", "day"), group and variant: part, group, variant, n, size (of the smallest
        variant there), expected, p_value (of the group; missing where it is too small) and p_adjusted (Holm over the
        groups of its part).
    """
    measured = study.measured
    sizes = {(ALL, ALL, name): measured.rows[ALL, name] for name in measured.variants}
    sizes |= {
        ("segment", segment, name): measured.rows.get((segment, name), 0)
        for segment in measured.segments
        for name in measured.variants
    }
    if time is not None:
        sizes |= _by_day(study.table, measured.variants, study.variant, time)
    rows = [row for part in (ALL, "segment", "day") for row in _rows(part, sizes, measured.variants, planned)]
    return pd.DataFrame(rows, columns=["part", "group", "variant", "n", "size", "expected", "p_value", "p_adjusted"])


def _rows(
    part: str, sizes: dict[tuple[str, str, str], int], variants: tuple[str, ...], planned: list[float]
) -> list[tuple[object, ...]]:
    groups = list(dict.fromkeys(group for found, group, _ in sizes if found == part))
    counts = {group: [sizes.get((part, group, name), 0) for name in variants] for group in groups}
    p_values = [_p_value(counts[group], planned) for group in groups]
    rows: list[tuple[object, ...]] = []
    for group, p_value, adjusted in zip(groups, p_values, holm(p_values), strict=True):
        total, smallest = sum(counts[group]), min((n for n in counts[group] if n), default=0)
        for name, n, share in zip(variants, counts[group], planned, strict=True):
            rows.append((part, group, name, n, smallest, total * share / sum(planned), p_value, float(adjusted)))
    return rows


def _by_day(table: Table, variants: tuple[str, ...], variant: str, time: str) -> dict[tuple[str, str, str], int]:
    source = table.typed(variant=(variant, "text"), moment=(time, "time?"))
    day = f"CAST({table.local('moment')} AS DATE)"
    frame = table.query(
        f"SELECT {day} AS day, variant, count(*) AS n FROM {source} AS t WHERE moment IS NOT NULL "
        "GROUP BY 1, 2 ORDER BY 1"
    )
    days = [str(pd.Timestamp(moment).date()) for moment in frame["day"]]
    found = zip(days, frame["variant"], frame["n"], strict=True)
    return {("day", moment, str(name)): int(n) for moment, name, n in found if name in variants}


def _p_value(counts: list[int], planned: list[float]) -> float:
    """Chi-square; exact for two small groups; missing where chance alone could not show a fault."""
    total = sum(counts)
    if total * min(planned) / sum(planned) < _SMALLEST:
        return float("nan")
    if len(counts) == 2 and total < _LARGE:
        share = planned[0] / sum(planned)
        below = float(bdtr(counts[0], total, share))
        above = float(bdtrc(counts[0] - 1, total, share)) if counts[0] else 1.0
        return min(2 * min(below, above), 1.0)
    return sample_ratio_test(counts, planned).p_value


def split_checks(splits: pd.DataFrame) -> list[Check]:
    """Does a segment or a day part from the planned ratio?

    Args:
        splits: what `split_table` gives.

    Returns:
        One check per part that there is, besides the whole.
    """
    return [_check(splits, part) for part in ("segment", "day") if (splits["part"] == part).any()]


def _check(splits: pd.DataFrame, part: str) -> Check:
    groups = splits[splits["part"] == part].drop_duplicates("group")
    name, known = f"sample_ratio_{part}s", groups.dropna(subset=["p_adjusted"])
    bad = known[known["p_adjusted"] < _WARN].sort_values("p_adjusted")
    if bad.empty:
        return Check(name, True, "info", f"No {part} of {count(len(groups))} parts from the planned ratio.")
    words = [date(group) if part == "day" else f"“{group}”" for group in bad["group"]]
    more = [f"{count(len(words) - _NAMED)} more"] if len(words) > _NAMED else []
    lowest = p_text(float(bad["p_adjusted"].min()))
    message = (
        f"Not split as planned: {sentence_list([*words[:_NAMED], *more])} (p {lowest}, "
        f"allowing for {count(len(known))} {part}s): look there for the cause."
    )
    return Check(name, False, "warning", message)
