"""Further kinds of metrics: rates, quantiles, and time until something happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cxlab.errors import ParameterError
from cxlab.experiments.metrics import Form, Metric, size

__all__ = ["Quantile", "Rate", "TimeToEvent", "refuse_options"]

_TIMES = ("ms", "s", "sec", "seconds", "min", "minutes", "h", "hours", "days", "weeks", "months")
_PARTS = {0.5: "half", 0.75: "quarter", 0.8: "fifth", 0.9: "tenth", 0.95: "twentieth", 0.99: "hundredth"}


def refuse_options(metric: Metric, *, covariate: str = "", zero: str = "", relative: str = "") -> None:
    """Refuse options that mean nothing for this kind, with the reason."""
    limits = [name for name in ("margin", "minimum_effect") if (size(name, getattr(metric, name)) or (0, False))[1]]
    faults = [
        ("covariate", covariate and metric.covariate is not None, covariate),
        ("missing='zero'", zero and metric.missing == "zero", zero),
        (f"{limits[0] if limits else ''}='…%'", relative and limits, relative),
    ]
    for option, given, reason in faults:
        if given:
            raise ParameterError(f"{metric.kind}({metric.parts[0]!r}) cannot take {option}: {reason}")


@dataclass(frozen=True, eq=False)
class Rate(Metric):
    """How often does it happen, per unit or per day that a unit was watched?

    Args:
        column: the column with a count of events per unit.
        exposure: the column with how long (or how often) each unit could have had them; None counts each unit as 1.
        covariate_exposure: the covariate's own exposure, where it is a count over another time.

    Examples:
        >>> str(Rate("contacts", exposure="days"))
        "rate('contacts', exposure='days')"
    """

    column: str
    exposure: str | None = None
    covariate_exposure: str | None = None
    columns: ClassVar[tuple[str, ...]] = ("column",)
    kind: ClassVar[str] = "rate"

    @property
    def form(self) -> Form:
        """A ratio of sums where there is an exposure, else a mean of counts."""
        return "ratio" if self.exposure else "mean"

    @property
    def parts(self) -> tuple[str, ...]:
        """Count, and exposure where there is one."""
        return (self.column, self.exposure) if self.exposure else (self.column,)

    @property
    def covariate_denominator(self) -> str | None:
        """The covariate's own exposure."""
        return self.covariate_exposure

    @property
    def name(self) -> str:
        """The word in the column `metric`."""
        return " / ".join(self.parts)

    @property
    def words(self) -> str:
        """What readers see."""
        if self.label:
            return self.label
        per = (self.exposure or "customer").replace("_", " ")
        one = per[:-1] if per.endswith("s") and not per.endswith("ss") else per
        return f"{self.column.replace('_', ' ')} per {one}"


@dataclass(frozen=True, eq=False)
class Quantile(Metric):
    """How large is a quantile, such as the time that the slowest tenth take or exceed?

    Args:
        column: the column with a number per row; rows may repeat within units.
        q: the share of values at or below it: 0.5 is the median, 0.9 cuts off the largest tenth.

    Examples:
        >>> str(Quantile("minutes", q=0.9, measured_in="min"))
        "quantile('minutes', measured_in='min', q=0.9)"
        >>> Quantile("minutes", q=0.9, measured_in="min").words
        'minutes, slowest tenth'
    """

    column: str
    q: float = 0.5
    columns: ClassVar[tuple[str, ...]] = ("column",)
    kind: ClassVar[str] = "quantile"

    def __post_init__(self) -> None:
        """Refuse what is no share, and what a quantile cannot take."""
        super().__post_init__()
        if isinstance(self.q, bool) or not isinstance(self.q, int | float) or not 0 < self.q < 1:
            raise ParameterError(f"`q` is {self.q!r}; expected a share between 0 and 1, such as 0.9.")
        refuse_options(
            self, covariate="a quantile is not adjusted; use mean(…, cap='p99') with the covariate beside it."
        )

    @property
    def name(self) -> str:
        """The word in the column `metric`."""
        return f"{self.column} p{100 * self.q:g}"

    @property
    def noun(self) -> str:
        """What the quantile is of."""
        return self.label or self.column.replace("_", " ")

    @property
    def rank(self) -> str:
        """Which part of the values the quantile cuts off: slowest tenth, highest quarter, half."""
        part = _PARTS.get(round(max(self.q, 1 - self.q), 6))
        if part is None:
            return f"{100 * self.q:g} of 100"
        ends = ("fastest", "slowest") if self.measured_in in _TIMES else ("lowest", "highest")
        return part if part == "half" else f"{ends[self.q > 0.5]} {part}"

    @property
    def words(self) -> str:
        """What readers see."""
        return f"{self.noun}, {'median' if self.q == 0.5 else self.rank}"


@dataclass(frozen=True, eq=False)
class TimeToEvent(Metric):
    """How much time passes until something happens, up to a horizon, where not everybody was watched to the end?

    Args:
        column: the column with the time until the event or until watching ended, as a number.
        event: the column with 1 where the event was seen, 0 where watching ended first.
        horizon: until when time counts; None takes the longest time that all variants were watched.

    Examples:
        >>> str(TimeToEvent("days", event="churned", horizon=90))
        "time_to_event('days', event='churned', horizon=90)"
    """

    column: str
    event: str
    horizon: float | None = None
    columns: ClassVar[tuple[str, ...]] = ("column",)
    kind: ClassVar[str] = "time_to_event"

    def __post_init__(self) -> None:
        """Refuse a horizon that is no time, and what a time cannot take."""
        super().__post_init__()
        if self.horizon is not None and not 0 < self.horizon < float("inf"):
            raise ParameterError(f"`horizon` is {self.horizon!r}; expected a time above 0, or None.")
        refuse_options(
            self, covariate="a time until an event is not adjusted; use a share with the covariate beside it.",
            zero="a missing time is no time of 0; leave missing='drop'.",
        )  # fmt: skip

    @property
    def parts(self) -> tuple[str, ...]:
        """Time and event."""
        return (self.column, self.event)

    @property
    def name(self) -> str:
        """The word in the column `metric`."""
        return f"{self.column} until {self.event}"

    @property
    def words(self) -> str:
        """What readers see."""
        words = self.label or f"time until {self.event.replace('_', ' ')}"
        unit = f" {self.measured_in}" if self.measured_in else ""
        return words if self.horizon is None else f"{words}, first {self.horizon:g}{unit}"
