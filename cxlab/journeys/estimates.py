"""Tidy tables from the counts: rates with intervals, differences between groups, time to convert."""

import numpy as np
import pandas as pd

from cxlab.journeys.attempt_rates import attempt_differences, attempt_rates
from cxlab.journeys.counts import Counts, groups_of
from cxlab.journeys.settings import Settings
from cxlab.journeys.step_differences import step_differences
from cxlab.stats.multiplicity import benjamini_hochberg, holm
from cxlab.stats.proportions import newcombe_difference, wilson_interval
from cxlab.stats.survival import Survival, kaplan_meier

__all__ = ["compared", "convert_times", "destination_table", "step_table"]

_POINTS = 200


def step_table(counts: Counts, settings: Settings, *, confidence: float) -> pd.DataFrame:
    """How many reached each step, and what share of those who could?

    Args:
        counts: what was counted.
        settings: the steps, and which of them may be skipped.
        confidence: level of the intervals.

    Returns:
        One row per segment and step; "all" first, then the segments by size. Where a person may count more than once,
        intervals know it.
    """
    groups = ["all", *groups_of(counts.reached)]
    frame = pd.concat([_steps_of(counts, group, settings) for group in groups], ignore_index=True)
    if counts.repeated is None:
        low, high = wilson_interval(frame["mature_reached"], frame["mature_n"], confidence=confidence)
        frame = frame.assign(ci_low=low, ci_high=high)
    else:
        rates = attempt_rates(counts.repeated, confidence=confidence)
        people = rates[["segment", "step", "ci_low", "ci_high", "n"]].rename(columns={"n": "people"})
        frame = frame.merge(people, on=["segment", "step"], how="left")
        frame["people"] = frame["people"].fillna(0).astype(int)
    times = counts.times[["segment", "step", "median_time"]]
    frame = frame.merge(times, on=["segment", "step"], how="left")
    return frame[[
        "segment", "step", "name", "n", "rate", "ci_low", "ci_high", "step_rate", "dropped", "open", "median_time",
        "mature_n", "mature_reached", "dropped_here", "open_here",
        *(name for name in ("optional", "people") if name in frame),
    ]]  # fmt: skip


def _levels(frame: pd.DataFrame, group: str, steps: int) -> "np.ndarray":
    """Number of customers at each level from 1 to K."""
    rows = frame if group == "all" else frame[frame["segment"] == group]
    return np.bincount(rows["level"].astype(int), weights=rows["n"], minlength=steps + 1)[1:].astype(int)


def _at_least(levels: "np.ndarray") -> "np.ndarray":
    return levels[::-1].cumsum()[::-1]


def _steps_of(counts: Counts, group: str, settings: Settings) -> pd.DataFrame:
    """The steps of one group. At every required step: reached + dropped + open = entered."""
    steps, names = len(settings.required), [settings.steps[number - 1].name for number in settings.required]
    n = _at_least(_levels(counts.reached, group, steps))
    open_here = np.append(0, _levels(counts.reached[counts.reached["is_open"]], group, steps)[:-1])
    mature = _at_least(_levels(counts.finished, group, steps))
    before = np.append(n[0], n[:-1])
    still = open_here.cumsum()
    found = pd.DataFrame({
        "segment": group, "step": settings.required, "name": names, "n": n, "rate": _share(mature, mature[0]),
        "step_rate": np.append(np.nan, _share(mature[1:], mature[:-1])), "dropped": n[0] - n - still, "open": still,
        "mature_n": mature[0], "mature_reached": mature, "dropped_here": before - n - open_here, "open_here": open_here,
    })  # fmt: skip
    return found if not settings.optional else _with_optional(found, counts.optional, group, settings)


def _with_optional(found: pd.DataFrame, optional: pd.DataFrame, group: str, settings: Settings) -> pd.DataFrame:
    """The steps that may be skipped between the others: who skips one has not dropped out."""
    own = optional[optional["segment"] == group].set_index("step")[["n", "mature"]]
    own = own.reindex(sorted(settings.optional), fill_value=0)
    mature_n = int(found["mature_n"].iloc[0])
    rows = pd.DataFrame({
        "segment": group, "step": own.index, "name": [settings.steps[number - 1].name for number in own.index],
        "n": own["n"].astype(int), "rate": _share(own["mature"].to_numpy(float), mature_n), "mature_n": mature_n,
        "mature_reached": own["mature"].astype(int), "optional": True,
    })  # fmt: skip
    whole = dict.fromkeys(("dropped", "open", "dropped_here", "open_here"), "Int64")
    every = pd.concat([found.astype(whole).assign(optional=False), rows.reindex(columns=[*found.columns, "optional"])
                       .astype(whole)])  # fmt: skip
    return every.sort_values("step").reset_index(drop=True)


def _share(part: "np.ndarray", whole: "np.ndarray | int") -> "np.ndarray":
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(whole) > 0, part / np.asarray(whole, float), np.nan)


def compared(counts: Counts, steps: pd.DataFrame, *, confidence: float) -> dict[str, pd.DataFrame]:
    """Do the groups differ: at the last step, and on the way?

    Args:
        counts: what was counted.
        steps: the table of steps.
        confidence: level of the intervals.

    Returns:
        "comparison": the share that finished, Holm over the groups; "step_differences": all steps, Benjamini-Hochberg.
        Where a person may count more than once, both know it.
    """
    if counts.repeated is None or counts.shared is None:
        found = {"comparison": compare_segments(steps, confidence=confidence)}
        return found | {"step_differences": step_differences(steps, confidence=confidence)}
    rates = attempt_rates(counts.repeated, confidence=confidence)
    control = next(name for name in steps["segment"] if name != "all")
    rows = attempt_differences(rates, counts.shared, control=control, confidence=confidence)
    rows = rows.assign(
        people=rows["n"], control_people=rows["control_n"], n=rows["attempts"], control_n=rows["control_attempts"]
    ).drop(columns=["attempts", "control_attempts"])  # fmt: skip
    last = rows[rows["step"] == steps["step"].max()].drop(columns="step")
    named = rows.merge(steps[["step", "name"]].drop_duplicates(), on="step")
    return {
        "comparison": last.assign(p_adjusted=holm(last["p_value"])).reset_index(drop=True),
        "step_differences": named.assign(p_adjusted=benjamini_hochberg(named["p_value"]))[
            ["segment", "step", "name", *rows.columns[2:], "p_adjusted"]
        ],
    }


def compare_segments(steps: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """Do the groups finish equally often?

    Args:
        steps: the table of steps.
        confidence: level of the intervals.

    Returns:
        One row per group other than the largest: segment, n, estimate, control, control_n, control_estimate, effect,
        ci_low, ci_high, p_value (two proportions, score test), p_adjusted (Holm over the groups).
    """
    last = steps[(steps["step"] == steps["step"].max()) & (steps["segment"] != "all")]
    base, others = last.iloc[0], last.iloc[1:]
    reached, n = others["mature_reached"].to_numpy(float), others["mature_n"].to_numpy(float)
    effect, low, high = newcombe_difference(
        reached, n, float(base["mature_reached"]), float(base["mature_n"]), confidence=confidence
    )
    p = _score_test(reached, n, np.float64(base["mature_reached"]), np.float64(base["mature_n"]))
    return pd.DataFrame({
        "segment": others["segment"].to_numpy(), "n": others["mature_n"].to_numpy(),
        "estimate": others["rate"].to_numpy(),
        "control": base["segment"], "control_n": base["mature_n"], "control_estimate": base["rate"],
        "effect": effect, "ci_low": low, "ci_high": high, "p_value": p, "p_adjusted": holm(p),
    })  # fmt: skip


def _score_test(x1: "np.ndarray", n1: "np.ndarray", x0: "np.float64", n0: "np.float64") -> "np.ndarray":
    """Two-sided p-value that two shares are equal; missing where there is nothing to compare."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (x1 + x0) / (n1 + n0)
        z = (x1 / n1 - x0 / n0) / np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0))
    return 2 * ndtr(-np.abs(z))


def convert_times(counts: Counts, *, confidence: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """By when has which share finished, counting those who never do and those still watched?

    Args:
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        The curve (segment, time in seconds, n still watched, estimate, ci_low, ci_high) and the times by which a
        quarter, half and three quarters have finished (segment, n, share, estimate, ci_low, ci_high).
    """
    groups = {"all": counts.durations}
    groups |= {name: counts.durations[counts.durations["segment"] == name] for name in groups_of(counts.reached)}
    curves = {
        name: kaplan_meier(rows["seconds"], rows["converted"], weights=rows["n"], confidence=confidence)
        for name, rows in groups.items()
        if len(rows)
    }
    if not curves:
        return pd.DataFrame(), pd.DataFrame()
    shown = pd.concat([_curve(name, curve) for name, curve in curves.items()], ignore_index=True)
    return shown, pd.concat([_quantiles(name, curve) for name, curve in curves.items()], ignore_index=True)


def _curve(group: str, curve: Survival) -> pd.DataFrame:
    """Share finished at the moments somebody finished, thinned to a few hundred."""
    moments = np.append(curve.time[curve.events > 0], curve.time[-1])
    moments = np.unique(np.append(0.0, moments))
    if len(moments) > _POINTS:
        moments = np.unique(np.quantile(moments, np.linspace(0, 1, _POINTS), method="nearest"))
    left, low, high = curve.at(moments)
    return pd.DataFrame({
        "segment": group, "time": moments, "n": curve.watched(moments).astype(int), "estimate": 1 - left,
        "ci_low": 1 - high, "ci_high": 1 - low,
    })  # fmt: skip


def _quantiles(group: str, curve: Survival) -> pd.DataFrame:
    rows = [(group, int(curve.at_risk[0]), share, *curve.quantile(share)) for share in (0.25, 0.5, 0.75)]
    return pd.DataFrame(rows, columns=["segment", "n", "share", "estimate", "ci_low", "ci_high"])


def destination_table(counts: Counts, settings: Settings) -> pd.DataFrame:
    """What did those who stopped do next?

    Args:
        counts: what was counted.
        settings: the steps, and which of them may be skipped.

    Returns:
        One row per step and next event: step (the last one reached), name, destination, n, rate (of those who
        stopped there). "(none)": nothing more within the window; "(open)": nothing yet.
    """
    frame = counts.destinations
    total = frame.groupby("step")["n"].transform("sum")
    steps = [settings.required[int(level) - 1] for level in frame["step"]]
    return pd.DataFrame({
        "step": np.array(steps, int), "name": [settings.steps[step - 1].name for step in steps],
        "destination": frame["destination"], "n": frame["n"].astype(int), "rate": frame["n"] / total,
        **{name: frame[name].astype(int) for name in ("people",) if name in frame},
    })  # fmt: skip
