"""From findings to the tidy tables and words of the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.experiments.amounts import Amounts, capital, opening
from cxlab.experiments.decision import Finding, Outcome
from cxlab.experiments.metrics import size
from cxlab.experiments.readings import word
from cxlab.results import SMALLEST_DRAWN
from cxlab.wording import sentence_list

if TYPE_CHECKING:
    import altair as alt

__all__ = ["by_metric", "draw_effects", "draw_segments"]

_KINDS = {
    "gain": "good", "no harm": "good", "equivalent": "good", "worse": "bad", "different": "bad", "undecided": "open",
}  # fmt: skip
_SHORT = {
    "No harm beyond the margin": "No harm", "Harm beyond the margin": "Harm",
    "Not worse beyond the margin": "Not worse", "Same within the margin": "Same",
    "Differs beyond the margin": "Differs",
}  # fmt: skip
_TITLE = 90
_ROWS = 24


def draw_effects(
    outcomes: Sequence[Outcome], *, control: str, about: str, confidence: float, headline: str, width: int
) -> alt.Chart:
    """Every measure of every variant, relative to the control."""
    from cxlab.charts.effects import effect_forest

    several = len(outcomes) > 1
    most = max(_ROWS // len(outcomes[0].findings), 2)
    findings = by_metric(outcomes[:most])
    own = all(finding.effect.relative_ci_low is None for finding in findings) and len(_units(findings)) == 1
    made = _own_row if own else _row
    rows = pd.DataFrame([made(finding, several=several) for finding in findings])
    about = f"{about} Drawn: the first {most} of {len(outcomes)} variants." if len(outcomes) > most else about
    shaded = " Shaded: harm beyond the margin agreed." if rows["margin"].notna().any() else ""
    return effect_forest(
        rows,
        axis="absolute" if own else "relative",
        axis_title=f"Change against control{f', {_units(findings).pop()}' if own else ', relative'}",
        heads=("Measure", _head(control), "New" if several else _head(outcomes[0].variant, "New")),
        title=_effects_title(outcomes),
        subtitle=f"Change against {control} with {confidence:.0%} intervals.{shaded} {about}",
        note=_note(findings),
        description=f"Dot-and-bar chart of the change in {len(rows)} measures. {headline} Numbers in the table below.",
        width=width,
    )


def by_metric(outcomes: Sequence[Outcome]) -> list[Finding]:
    """One block per measure, its variants below each other."""
    order = [finding.metric.name for finding in outcomes[0].findings]
    found = [finding for outcome in outcomes for finding in outcome.findings]
    return sorted(found, key=lambda finding: (order.index(finding.metric.name), finding.effect.variant))


def _row(finding: Finding, *, several: bool) -> dict[str, Any]:
    metric, effect = finding.metric, finding.effect
    amounts = Amounts(metric, effect)
    reading = word(metric, finding.reading)
    label, role = capital(metric.words), f"{metric.role}, {metric.direction} is better"
    return {
        "label": label, "narrow": f"{label}, {effect.variant}" if several else label,
        "about": f"{effect.variant}; {metric.role}" if several else role,
        "effect": effect.relative_effect, "ci_low": effect.relative_ci_low, "ci_high": effect.relative_ci_high,
        "margin": _margin(finding), "control": amounts.level(effect.control_estimate),
        "new": amounts.level(effect.estimate), "reading": reading, "short": _SHORT.get(reading, reading),
        "change": amounts.bracket(effect), "kind": _KINDS[finding.reading],
    }  # fmt: skip


def _units(findings: Sequence[Finding]) -> set[str]:
    """In which units are the changes? One unit lets them share an axis of their own."""
    return {
        "points" if Amounts(f.metric, f.effect).points else f.metric.measured_in or f"{f.metric.words}, in its own size"
        for f in findings
    }


def _own_row(finding: Finding, *, several: bool) -> dict[str, Any]:
    """The row with the change in its own size, where no relative change can be told."""
    metric, effect = finding.metric, finding.effect
    scale = 100.0 if Amounts(metric, effect).share else 1.0
    ends = {name: (getattr(effect, name) or 0.0) * scale for name in ("effect", "ci_low", "ci_high")}
    agreed = size("margin", metric.margin)
    margin = None if agreed is None or agreed[1] else -metric.sign * agreed[0] * scale
    return _row(finding, several=several) | ends | {"margin": margin}


def _margin(finding: Finding) -> float | None:
    """Where harm begins on the relative axis, on the side that is worse."""
    agreed = size("margin", finding.metric.margin)
    base = finding.effect.control_estimate or 0.0
    if agreed is None or (not agreed[1] and base <= 0):
        return None
    return -finding.metric.sign * (agreed[0] if agreed[1] else agreed[0] / base)


def _head(name: str, otherwise: str = "Control") -> str:
    return name if len(name) <= 9 else otherwise


def _effects_title(outcomes: Sequence[Outcome]) -> str:
    lead = outcomes[0]
    deciding = [*lead.of_role("primary"), *lead.of_role("guardrail")]
    groups = {reading: [f.metric.words for f in deciding if f.reading == reading] for reading in _KINDS}
    kept = [f.metric.words for f in lead.of_role("primary") if f.reading in ("no harm", "equivalent")]
    said = [
        ("gain shown", groups["gain"]), ("within the margin", kept), ("worse", groups["worse"]),
        ("beyond the margin", groups["different"]), ("undecided", groups["undecided"]),
    ]  # fmt: skip
    title = f"{opening(lead.variant)}: "
    for number, (reading, names) in enumerate(pair for pair in said if pair[1]):
        part = f"{'; ' if number else ''}{reading} for {sentence_list(names)}"
        title += part if len(title + part) <= _TITLE else f"{'; ' if number else ''}{reading} for {len(names)} measures"
    return title if len(title) <= _TITLE else title[: _TITLE - 1] + "…"


def _note(findings: Sequence[Finding]) -> str:
    note = "A bar that crosses the black line at 0 leaves the direction open. "
    if any(finding.metric.margin is not None for finding in findings):
        note += "A guardrail passes when its whole bar stays out of the shaded zone. "
    bare = [finding.effect.relative_ci_low is None for finding in findings]
    if any(bare) and not (all(bare) and len(_units(findings)) == 1):
        note += "Without a bar: no relative change can be told; the numbers stand beside it. "
    return note + "Colour, shape and words say the same."


def draw_segments(
    whole: Finding,
    parts: Sequence[Finding],
    *,
    control: str,
    about: str,
    confidence: float,
    differs: str,
    scales: str,
    width: int,
) -> alt.Chart:
    """The first primary measure of the leading variant in each segment, in its own size."""
    from cxlab.charts.effects import effect_forest

    rows = pd.DataFrame([_segment_row(finding) for finding in (whole, *parts)])
    metric, variant = whole.metric, whole.effect.variant
    unit = "points" if Amounts(metric, whole.effect).share else metric.measured_in or "in its own size"
    what = f"Change in “{metric.words}”, {variant} against {control}, with {confidence:.0%} intervals."
    return effect_forest(
        rows,
        axis="absolute",
        axis_title=f"Change against {control}, {unit}",
        heads=("Segment", _head(control), _head(variant, "New")),
        title=f"{capital(metric.words)}: {differs}",
        subtitle=f"{what} {about}",
        note="A segment's reading is corrected for the number of segments. Not drawn: segments with fewer than "
        f"{SMALLEST_DRAWN} customers in a group. {scales}".rstrip(),
        description=f"Dot-and-bar chart of the change of {metric.words} by segment: {differs}. Numbers below.",
        width=width,
    )


def _segment_row(finding: Finding) -> dict[str, Any]:
    effect = finding.effect
    amounts = Amounts(finding.metric, effect)
    few = min(effect.n, effect.control_n) < SMALLEST_DRAWN or effect.effect is None
    scale = 100.0 if amounts.share else 1.0
    ends = [None if few or end is None else end * scale for end in (effect.effect, effect.ci_low, effect.ci_high)]
    reading = "Too few" if few else word(finding.metric, finding.reading)
    label = "All customers" if effect.segment == "all" else effect.segment
    return {
        "label": label, "narrow": label,
        "about": f"under {SMALLEST_DRAWN} in a group" if few else f"{effect.n + effect.control_n:,} customers",
        "effect": ends[0], "ci_low": ends[1], "ci_high": ends[2], "margin": None,
        "control": "–" if few else amounts.level(effect.control_estimate),
        "new": "–" if few else amounts.level(effect.estimate),
        "reading": reading, "short": reading, "change": "" if few else amounts.bracket(effect),
        "kind": "open" if few else _KINDS[finding.reading],
    }  # fmt: skip
