"""Triggered analysis: only units that could see the change count, if being exposed does not depend on the variant."""

from __future__ import annotations

from cxlab.data import Table
from cxlab.errors import DataError
from cxlab.experiments.cluster_checks import level_check
from cxlab.results import Check
from cxlab.stats.sample_ratio import equal_share_test
from cxlab.wording import count, p_text, sentence_list, share

__all__ = ["exposure_check"]


def exposure_check(table: Table, exposed: str, variant: str, unit: str | None, p_value: float | None = None) -> Check:
    """Was the same share of each variant exposed?

    Args:
        table: the data.
        exposed: the column that says who was.
        variant: the column with the variant.
        unit: the column with the unit, exposed where one of its rows is; None counts rows.
        p_value: of a test over clusters or blocks; None takes the chi-square test over units.

    Returns:
        The check "exposure_by_variant".

    Raises:
        DataError: nobody was exposed, or a value is missing or no flag.
    """
    columns = {"variant": (variant, "text"), "exposed": (exposed, "flag")} | ({"unit": (unit, "id")} if unit else {})
    rows = f"SELECT variant, exposed FROM {table.typed(**columns)} AS t"
    if unit:
        rows = f"SELECT variant, max(exposed) AS exposed FROM {table.typed(**columns)} AS t GROUP BY variant, unit"
    frame = table.query(
        f"SELECT variant, count(*) AS n, sum(exposed) AS seen FROM ({rows}) AS u GROUP BY variant ORDER BY variant"
    )
    seen, sizes = frame["seen"].astype(float).tolist(), frame["n"].astype(float).tolist()
    if sum(seen) == 0:
        raise DataError(
            f"No row is exposed by `exposed` '{table.column(exposed)}'; expected 1 where the customer could see the "
            "change (in the control: would have seen it). Check how the flag is written, or leave `exposed` out."
        )
    p = equal_share_test(seen, sizes).p_value if p_value is None else p_value
    rates = [f"{share(x / n)} of {count(n)} in {v}" for x, n, v in zip(seen, sizes, frame["variant"], strict=True)]
    what = f"Exposed were {sentence_list(rates)}; only they count"
    if p >= 0.01:
        return level_check("exposure_by_variant", p, f"{what}.")
    ending = "exposure depends on the variant, so the exposed are no longer comparable"
    return level_check("exposure_by_variant", p, f"{what}. {ending.capitalize()} (p {p_text(p)}).")
