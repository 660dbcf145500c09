"""Secondary measures are asked after the primary ones: their p-values, adjusted by that order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from cxlab.data import ALL
from cxlab.stats.gatekeeping import gatekept

__all__ = ["gated"]


class _Effect(Protocol):
    """What is needed of an effect."""

    @property
    def metric(self) -> str: ...
    @property
    def segment(self) -> str: ...
    @property
    def variant(self) -> str: ...
    @property
    def p_value(self) -> float | None: ...


E = TypeVar("E", bound=_Effect)


def gated(effects: list[E], roles: Mapping[str, str], adjusted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Which findings stand when secondary measures are asked only where the primary ones passed?

    Args:
        effects: the effects, metrics in their order.
        roles: metric to its role.
        adjusted: p-values adjusted without regard to that order.

    Returns:
        The same, those of primary and secondary measures over all units adjusted by the order; unchanged where no
        measure is secondary.
    """
    if "secondary" not in roles.values():
        return adjusted
    whole = [i for i, effect in enumerate(effects) if effect.segment == ALL]
    variants = list(dict.fromkeys(effects[i].variant for i in whole))
    ladders = [
        [
            [i for i in whole if effects[i].variant == variant and roles[effects[i].metric] == role]
            for variant in variants
        ]
        for role in ("primary", "secondary")
    ]
    p_values = np.array([np.nan if effect.p_value is None else effect.p_value for effect in effects])
    found = gatekept(*([p_values[places] for places in ladder] for ladder in ladders))
    result = adjusted.copy()
    for first, then, values in zip(*ladders, found, strict=True):
        result[[*first, *then]] = values
    return result
