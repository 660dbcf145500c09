"""One metric's columns in the scan: a unit's numbers under the metric's policy, and what is summed beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cxlab.experiments.metrics import Metric
from cxlab.experiments.values import capped_sql, invalid_sql, value_sql

__all__ = ["Block", "block_of", "extra_sums", "unit_columns"]


@dataclass(frozen=True)
class Block:
    """The columns of one metric that must all be there for a unit to count, and their names in the scan.

    A `flag` is 0 or 1, and all its powers are itself. In a `complete` block no value is missing. A `lined` block has
    one value, one covariate between the two `ends`, and so many rows that another look at each is to be spared.
    """

    prefix: str
    values: tuple[str, ...]
    covariates: tuple[str, ...]
    several: tuple[str, ...] = ()
    flag: bool = False
    complete: bool = False
    ends: tuple[float, float] | None = None

    @property
    def beside(self) -> tuple[str, ...]:
        """Names of covariates that are read as they are, each missing by itself."""
        return tuple(f"{self.prefix}_c{i}" for i in range(len(self.several)))

    @property
    def joined(self) -> tuple[str, ...]:
        """Names of the values and covariates of units that have both."""
        if not self.covariates:
            return ()
        names = tuple(f"{self.prefix}_j{i}" for i in range(len(self.values) + len(self.covariates)))
        return self.own + names[len(self.values) :] if self.complete else names

    @property
    def lined(self) -> bool:
        """Are the products summed from which the spread about a line follows?"""
        return self.ends is not None

    @property
    def own(self) -> tuple[str, ...]:
        """Names of the values of units that have one."""
        return tuple(f"{self.prefix}_v{i}" for i in range(len(self.values)))

    @property
    def uncapped(self) -> str:
        """Name of the value before it was capped."""
        return f"{self.prefix}_uncapped"


def block_of(index: int, metric: Metric, *, apart: bool = False) -> Block:
    """The columns of one metric, and their names in the scan; several covariates (or all, if `apart`) as they are."""
    if len(metric.covariates) > 1 or (metric.covariates and apart):
        return Block(f"m{index}", metric.parts, (), metric.covariates)
    below = getattr(metric, "covariate_denominator", None)
    covariates = tuple(column for column in (*metric.covariates, below) if column)
    return Block(f"m{index}", metric.parts, covariates, flag=metric.kind == "proportion" and not covariates)


def unit_columns(metric: Metric, block: Block, caps: Mapping[str, float]) -> list[str]:
    """A value counts where all its parts are there; missing ones are 0 where the metric says so."""
    cap = caps.get("own")
    raw = [f"{block.prefix}_a{i}" for i in range(len(block.values))]
    uncapped = [value_sql(metric, name) for name in raw]
    values = [capped_sql(value, cap) for value in uncapped]
    covariates = [capped_sql(f"{block.prefix}_x{i}", caps.get(f"covariate {i}")) for i in range(len(block.covariates))]
    extra = [f"{uncapped[0]} AS {block.uncapped}"] if cap is not None else []
    if invalid := invalid_sql(metric, raw):
        extra.append(f"CASE WHEN {invalid} THEN 1 END AS {block.prefix}_invalid")
    own = [f"{_where(values, value)} AS {name}" for value, name in zip(values, block.own, strict=True)]
    parts = values + covariates if covariates else []
    joined = [f"{_where(parts, part)} AS {name}" for part, name in zip(parts, block.joined, strict=True)]
    if block.complete:
        plain = zip(values + covariates, block.joined or block.own, strict=True)
        own, joined = [f"{part} AS {name}" for part, name in plain], []
    beside = [f"{capped_sql(name, caps.get(f'covariate {i}'))} AS {name}" for i, name in enumerate(block.beside)]
    return own + joined + beside + extra


def _where(needed: Iterable[str], value: str) -> str:
    others = [f"{name} IS NOT NULL" for name in needed if name != value]
    return f"CASE WHEN {' AND '.join(others)} THEN {value} END" if others else value


def extra_sums(metric: Metric, block: Block, centres: dict[str, float]) -> list[str]:
    """Extremes, what lies above the cap, and values that mean nothing, where the metric needs them."""
    prefix, parts = block.prefix, []
    if getattr(metric, "cap", None) is not None:
        shifted = f"({block.uncapped} - CAST({centres[block.own[0]]!r} AS DOUBLE))"
        parts += [
            f"count(CASE WHEN {block.uncapped} > {block.own[0]} THEN 1 END) AS {prefix}_capped",
            f"sum({shifted}) AS {prefix}_uncapped_s0", f"sum({shifted} * {shifted}) AS {prefix}_uncapped_p00",
        ]  # fmt: skip
    if metric.form == "mean" or metric.kind == "time_to_event":
        name = block.uncapped if parts else block.own[0]
        parts += [f"min({name}) AS {prefix}_low", f"max({name}) AS {prefix}_high"]
    if invalid_sql(metric, ["x", "x"]):
        parts.append(f"coalesce(sum({prefix}_invalid), 0) AS {prefix}_invalid")
    return parts
