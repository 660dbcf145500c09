"""How units were assigned and what a row is: the choices that decide which variance is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cxlab.data import Table
from cxlab.errors import ParameterError
from cxlab.experiments.aggregated import read_counts
from cxlab.experiments.cluster_reading import read_clusters
from cxlab.experiments.exposure import exposure_check
from cxlab.experiments.measurement import measure
from cxlab.experiments.metrics import Metric, Proportion
from cxlab.experiments.rows import Rows
from cxlab.experiments.strata import read_strata
from cxlab.experiments.studies import Study, refuse_caps, refuse_kinds
from cxlab.experiments.switchback_reading import read_switchback
from cxlab.experiments.unit_days import ADDED_UP, unit_days
from cxlab.experiments.units import Repeats, all_quantiles, count_units, refuse_mixed, repeats_of
from cxlab.results import Check
from cxlab.wording import count

__all__ = ["Design"]


@dataclass(frozen=True, kw_only=True)
class Design:
    """The columns that say how an experiment was designed; None where a part does not apply."""

    variant: str
    control: str
    unit: str | None = None
    segment: str | None = None
    cluster: str | None = None
    strata: str | None = None
    exposed: str | None = None
    counts: str | None = None
    day: str | None = None
    time: str | None = None
    switchback: str | None = None
    carry_over: str | None = None

    @property
    def one_by_one(self) -> bool:
        """Were units assigned one by one, and do all of them count?"""
        return self.cluster is None and self.counts is None and self.exposed is None and self.switchback is None

    @property
    def may_look_again(self) -> bool:
        """Can the data be cut at an earlier moment, to see what was seen then?"""
        return self.counts is None and self.exposed is None

    def refuse_looks(
        self, metrics: Sequence[Metric], monitoring: str, looks: Sequence[int] | None, alternative: str
    ) -> None:
        """Are there limits for looking early at a test of this design?

        Args:
            metrics: what is measured.
            monitoring: how the chance of a false alarm is kept.
            looks: numbers of units at which results were or will be looked at.
            alternative: one- or two-sided.

        Raises:
            ParameterError: there are none.
        """
        asked = "monitoring" if monitoring != "none" else "looks"
        looked = monitoring != "none" or bool(looks)
        if self.switchback is not None and (looked or alternative != "two-sided"):
            raise ParameterError(
                f"`switchback` and `{asked if looked else 'alternative'}` cannot be given together: p comes from "
                "drawing the assignment of all periods again, in both directions. Leave it out, and look once."
            )
        if not looked:
            return
        if alternative != "two-sided":
            raise ParameterError(
                f"`{asked}` works with two-sided limits, and `alternative` is {alternative!r}. Leave it out, and give "
                "`confidence` as 1 minus twice the chance of a false alarm, such as 0.9 for 5% on the better side."
            )
        if self.day is not None:
            raise ParameterError(
                f"`{asked}` and `day` cannot be given together: what was seen at an earlier look are fewer customers "
                "and fewer days of each. Look once, or leave `day` out and give one row per customer."
            )
        if self.cluster is not None:
            raise ParameterError(
                f"`{asked}` and `cluster` cannot be given together: limits take each customer for new information, and "
                "customers of a cluster that was there before are not. Look once, when the plan is reached."
            )
        margins = [metric for metric in metrics if metric.test != "superiority"]
        if looks and margins:
            raise ParameterError(
                f"`looks` draws the way of changes from zero, and {margins[0].name!r} is tested against a margin. "
                "Leave `looks` out: with `monitoring` its interval holds at every look."
            )

    def read(self, table: Table, metrics: tuple[Metric, ...]) -> Study:
        """What does the experiment measure, and which variance is right for it?

        Args:
            table: the data.
            metrics: what is measured.

        Returns:
            The study: sums, and what the design makes of them.

        Raises:
            DataError: units in two variants, nobody exposed, too few clusters.
            ParameterError: parts that do not go together.
        """
        self._refuse_pairs()
        if self.switchback is not None:
            return read_switchback(
                table, metrics, self.variant, self.control, length=self.switchback, time=self.time,
                place=self.cluster, carry_over=self.carry_over,
            )  # fmt: skip
        if self.day is not None:
            return self._added_up(table, metrics, self.day)
        if self.counts is not None:
            return read_counts(table, metrics, self.variant, self.control, self.segment, counts=self.counts)
        repeats = repeats_of(table, self.unit, self.variant) if self.unit else None
        rows, notes = self._rows(table, metrics, repeats)
        if self.exposed is not None:
            refuse_kinds(metrics, "exposed", kinds=_EXPOSED)
        if self.cluster is not None:
            return read_clusters(
                table, metrics, self.variant, self.control, self.segment, rows, cluster=self.cluster, notes=notes
            )
        if self.strata is not None:
            return read_strata(
                table, metrics, self.variant, self.control, self.segment, rows, strata=self.strata, notes=notes
            )
        measured = measure(table, metrics, self.variant, self.control, self.segment, rows)
        unit = self.unit if repeats and repeats.repeated and all_quantiles(metrics) else None
        if unit:
            measured = count_units(table, measured, unit, self.variant, self.segment)
        words = _WORDS if rows.repeated else ()
        return Study(
            table=table, measured=measured, variant=self.variant, segment=self.segment, unit=unit, notes=notes,
            semantics=words, own_methods=rows.repeated,
        )  # fmt: skip

    def _added_up(self, table: Table, metrics: tuple[Metric, ...], day: str) -> Study:
        """The study of one row per unit, with its days beside it."""
        days = unit_days(
            table, metrics, day=day, unit=self.unit, time=self.time, variant=self.variant, exposed=self.exposed,
            segment=self.segment,
        )  # fmt: skip
        study = replace(self, day=None).read(days.whole, metrics)
        notes, semantics = (*study.notes, days.check()), (*ADDED_UP, *study.semantics)
        return replace(study, days=days, notes=notes, semantics=semantics)

    def _refuse_pairs(self) -> None:
        """Parts that exclude each other, by name."""
        if self.carry_over is not None and self.switchback is None:
            raise ParameterError("`carry_over` needs `switchback`, the length of the periods, such as '2h'.")
        for name, others in _EXCLUDED.items():
            both = [other for other in others if getattr(self, other) is not None]
            if getattr(self, name) is not None and both:
                raise ParameterError(f"`{name}` and `{both[0]}` cannot be given together. {_INSTEAD[name]}")

    def _rows(
        self, table: Table, metrics: tuple[Metric, ...], repeats: Repeats | None
    ) -> tuple[Rows, tuple[Check, ...]]:
        """What a row is, and what was done about it."""
        keys: dict[str, tuple[str, str]] = {}
        notes: list[Check] = []
        added = repeats is not None and repeats.repeated and self.cluster is None and not all_quantiles(metrics)
        if repeats is not None and repeats.repeated and self.unit:
            keys["unit"] = (self.unit, "id")
        if added and self.unit and repeats:
            refuse_kinds(metrics, "several rows of one unit", instead=_ONE_ROW)
            refuse_caps(metrics, "several rows of one `unit`", "Add the rows up per customer first.")
            for argument, column in (("segment", self.segment), ("strata", self.strata)):
                if column:
                    refuse_mixed(table, self.unit, column, argument)
            notes.append(_unit_of_analysis(repeats, table.column(self.unit)))
        if self.exposed is not None:
            keys["exposed"] = (self.exposed, "flag")
            unit = self.unit if "unit" in keys else None
            notes.append(exposure_check(table, self.exposed, self.variant, unit, self._clustered_exposure(table)))
        return Rows(keys, repeated=added, exposed=self.exposed is not None), tuple(notes)

    def _clustered_exposure(self, table: Table) -> float | None:
        """The p-value of exposure over clusters; None where there are none, or exposure does not vary."""
        if self.cluster is None or self.exposed is None:
            return None
        metrics = (Proportion(self.exposed),)
        study = read_clusters(table, metrics, self.variant, self.control, None, Rows(), cluster=self.cluster)
        made = [one.compared.difference.p_value for one in study.made(0.95).values() if one is not None]
        return min(min(made, default=1.0) * len(made), 1.0)


_WORDS = (
    "Several rows of one customer: values are averages over rows; their variance is taken over customers, by the delta "
    "method. n counts customers.",
)
_ONE_ROW = (
    "Make one row per unit first, such as each one's last value; quantiles alone, in a test of their own, may have "
    "several."
)
_EXPOSED = ("proportion", "mean", "ratio", "rate", "nps", "top_box", "ordinal", "time_to_event")
_EXCLUDED: dict[str, tuple[str, ...]] = {
    "counts": ("unit", "cluster", "strata", "exposed"),
    "cluster": ("strata",),
    "day": ("counts", "cluster", "strata"),
    "switchback": ("counts", "strata", "exposed", "segment", "day"),
}
_INSTEAD = {
    "counts": "Counts no longer hold single customers; give the rows instead.",
    "cluster": "With clusters, give a covariate that says what the strata say.",
    "day": "The way of an effect is followed for customers who were assigned one by one; leave one of the two out.",
    "switchback": "Periods in places were assigned, not customers; keep the rows you mean, and leave it out.",
}


def _unit_of_analysis(repeats: Repeats, unit: str) -> Check:
    message = (
        f"{count(repeats.rows)} rows of {count(repeats.units)} customers ('{unit}'): customers were "
        "assigned, not rows, "
        "so the variance is taken over customers."
    )
    return Check("unit_of_analysis", True, "info", message)
