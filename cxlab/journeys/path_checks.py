"""What could make paths misleading."""

from __future__ import annotations

import numpy as np

from cxlab.journeys.path_clusters import LEAST_STABLE, Clusters
from cxlab.journeys.path_log import OTHER
from cxlab.journeys.path_words import Told
from cxlab.journeys.words import moment
from cxlab.results import SMALLEST_DRAWN, Check
from cxlab.stats.absorbing_chain import log_likelihoods
from cxlab.wording import count, date, duration, sentence_list, share

__all__ = ["path_checks"]

_MANY, _FEW, _HELPS = 0.25, 0.01, 0.05


def path_checks(told: Told) -> tuple[Check, ...]:
    """Can the paths be trusted?

    Args:
        told: everything that was found.

    Returns:
        The checks, those about the data first.
    """
    found = [_observed(told), _open(told), _ties(told), _others(told), _small(told)]
    if told.counts.clusters is not None:
        found.append(_groups(told.counts.clusters))
    return (*found, *([_before(told)] if told.counts.turns is not None else []))


def _observed(told: Told) -> Check:
    until = date(moment(told.log.until, told.log.table.tz))
    if told.given["observe_until"] is None:
        message = f"Taken from the data: seen until {until}, the last event. Give observe_until if it was later."
    else:
        message = f"People were seen until {until}, as given."
    return Check("observe_until", True, "info", message)


def _total(told: Told) -> int:
    return int(told.counts.moves["y"].sum()) + told.counts.unknown


def _open(told: Told) -> Check:
    part = told.counts.unknown / max(_total(told), 1)
    if not told.counts.unknown:
        return Check("open_windows", True, "info", "Of every event it is known what came next.")
    message = (
        f"{count(told.counts.unknown)} events ({share(part)}) lie in the last {duration(told.log.pause / 1e6)} of the "
        "log. What comes after them is not known yet; they are left out of the moves."
    )
    return Check("open_windows", part < _MANY, "info" if part < _MANY else "warning", message)


def _ties(told: Told) -> Check:
    part = told.counts.tied / max(_total(told), 1)
    if not told.counts.tied:
        return Check("ties", True, "info", "No order had to be guessed: no two events of a path share an instant.")
    message = (
        f"{count(told.counts.tied)} moves ({share(part)}) are between events of one instant, whose order is that of "
        "their names. Times that are finer would tell."
    )
    return Check("ties", part < _FEW, "info" if part < _FEW else "warning", message)


def _others(told: Told) -> Check:
    if not told.log.folded:
        return Check("other_events", True, "info", "Every kind of event is told by its name.")
    sources = told.counts.sources
    part = float(sources.loc[sources["source"] == OTHER, "m"].sum()) / max(float(sources["m"].sum()), 1.0)
    message = f"{count(told.log.folded)} rarer kinds of events go together as “{OTHER}”, {share(part)} of all moves."
    if part < _MANY:
        return Check("other_events", True, "info", message)
    return Check("other_events", False, "warning", f"{message} Tell more by name with `top`.")


def _small(told: Told) -> Check:
    sizes = told.counts.sizes.set_index("segment")["people"]
    small = sorted(str(name) for name, n in sizes.items() if n < SMALLEST_DRAWN)
    if not small:
        return Check("small_groups", True, "info", f"Every group has at least {SMALLEST_DRAWN} people.")
    named = sentence_list(["all" if one == "all" else f"“{one}”" for one in small[:5]])
    more = f" and {len(small) - 5} more" if len(small) > 5 else ""
    return Check(
        "small_groups", False, "warning", f"Fewer than {SMALLEST_DRAWN} people: {named}{more}. Such shares say little."
    )


def _groups(found: Clusters) -> Check:
    """Would other people of the same kind have given the same groups of ways?"""
    if found.found:
        message = f"Samples of other people give nearly the same groups: agreement {found.stable:.2f} of 1."
        return Check("stable_groups", True, "info", message)
    if not found.names:
        why = f"There are only {count(len(found.paths))} paths with two events or more before the goal."
    elif found.stable < LEAST_STABLE:
        why = f"Samples of other people give other groups: agreement {found.stable:.2f} of 1, {LEAST_STABLE:g} needed."
    else:
        why = "The ways differ no more clearly than one crowd of ways would."
    return Check("stable_groups", False, "warning", f"No stable groups of ways, so none are shown. {why}")


def _before(told: Told) -> Check:
    """Does the event before tell more than the place alone? Learnt from one half of people, tried on the other."""
    turns = told.counts.turns
    assert turns is not None
    alone, both = np.mean([log_likelihoods(turns[one], turns[1 - one]) for one in (0, 1)], axis=0)
    gain = 1 - float(np.exp(alone - both))
    message = (
        "The next event is foretold from the one before it too, in people who were not learnt from: the number of "
        f"likely next events changes by {share(-gain, 0)}."
    )
    if gain < _HELPS:
        return Check("markov_order", True, "info", f"{message} So it is enough to know where somebody is.")
    return Check(
        "markov_order", False, "warning",
        f"{message} Where people came from matters; read “without an event” as a rough guide.",
    )  # fmt: skip
