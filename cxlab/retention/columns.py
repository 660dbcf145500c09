"""What tables of money have in common: one currency, and groups with names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data import NOT_GIVEN, Relation, Table, refuse_total
from cxlab.errors import DataError
from cxlab.wording import count, sentence_list

__all__ = ["group_names", "refuse_mixed_currencies"]


def refuse_mixed_currencies(table: Table, relation: Relation, column: str) -> None:
    """Are all amounts in one currency?

    Args:
        table: the data.
        relation: its typed columns, `currency` among them.
        column: the currency's column as the user calls it.

    Raises:
        DataError: they are in several.
    """
    found = table.engine.rows(f"SELECT currency, count(*) FROM {relation} GROUP BY 1 ORDER BY 2 DESC, 1")
    if len(found) > 1:
        listed = sentence_list([f"{name or NOT_GIVEN} ({count(n)} rows)" for name, n in found[:4]])
        raise DataError(
            f"Column '{column}' mixes {len(found)} currencies: {listed}. Amounts of different currencies cannot be "
            "added up; convert them to one at fixed rates, or ask each currency by itself."
        )


def group_names(column: Any, name: str) -> NDArray[Any]:
    """Which group does each row belong to?

    Args:
        column: values, some missing.
        name: the column as the user calls it.

    Returns:
        Texts; missing ones are a group of their own.

    Raises:
        DataError: a group is called like all groups together.
    """
    plain = np.ma.filled(column, None) if np.ma.isMaskedArray(column) else column
    found = np.array([NOT_GIVEN if one is None or one != one else str(one) for one in plain], dtype=object)
    refuse_total(set(found), name)
    return found
