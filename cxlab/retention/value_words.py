"""What customers are worth, in words: headline, figures, definitions."""

from __future__ import annotations

from cxlab.results import Figure
from cxlab.retention.amounts import rounded
from cxlab.retention.value_estimates import Total
from cxlab.retention.value_findings import ValueFindings
from cxlab.wording import count, date, share

__all__ = ["definitions", "figures", "headline", "scope", "status", "tested", "tracking_title"]

_NAMES = {"bg/nbd": "BG/NBD", "mbg/nbd": "MBG/NBD", "pareto/nbd": "Pareto/NBD", "bg/bb": "BG/BB"}
_LEAVING = {
    "bg/nbd": "after each repeat purchase a customer may leave",
    "mbg/nbd": "after each purchase, the first one too, a customer may leave",
    "pareto/nbd": "a customer may leave at any moment",
    "bg/bb": "between two occasions a customer may leave, and at each buys or not",
}


def _span(total: Total) -> str:
    return f"{count(rounded(total.ci_low))} to {count(rounded(total.ci_high))}"


def headline(found: ValueFindings) -> str:
    """How many are still there, what they will do, and whether the model has been right."""
    there = f"About {count(rounded(found.still.estimate))} of {count(found.n)} customers are still customers"
    first = f"{there}." if found.flat else f"{there} ({_span(found.still)})."
    bought = f"In the next {found.ahead()} they will buy about {count(rounded(found.purchases.estimate))} times"
    if found.flat:
        return f"{first} {bought}, but these data do not tell how long customers stay, so no value is shown."
    worth = ""
    if found.revenue is not None:
        low, high = found.money(found.revenue.ci_low), found.money(found.revenue.ci_high)
        worth = f", for about {found.money(found.revenue.estimate)} ({low} to {high})"
    return f"{first} {bought} ({_span(found.purchases)}){worth}. {tested(found)}"


def tested(found: ValueFindings) -> str:
    """The test in one sentence: expected against seen, and whether chance explains it."""
    tracking = found.tracking
    if tracking.came == 0:
        return f"In the part of the log that the model had not seen nobody bought, {_span(tracking.expected)} expected."
    error = tracking.error
    much = f"{abs(100 * error):.0f}%"
    way = "as many" if much == "0%" else f"{much} {'more' if error > 0 else 'fewer'}"
    than = "as" if much == "0%" else "than"
    why = "as near as chance makes it" if tracking.possible else "more than chance explains"
    why = "near, if not by chance alone" if tracking.holds and not tracking.possible else why
    return f"In weeks it had not seen, the model expected {way} purchases {than} came, {why}.".replace(
        "weeks", f"{found.period}s"
    )


def tracking_title(found: ValueFindings) -> str:
    """The finding of the tracking picture."""
    return tested(found).rpartition(",")[0]


def status(found: ValueFindings) -> str:
    """The badge."""
    if found.flat:
        return "Undecided"
    return "On track" if found.tracking.holds else "Off track"


def figures(found: ValueFindings) -> tuple[Figure, ...]:
    """The three numbers: value of all, value of a new one, and who is still there."""
    span = "" if found.flat else f", {_span(found.still)}"
    alive = Figure(
        f"{count(rounded(found.still.estimate))} of {count(found.n)}", f"customers are still customers{span}"
    )
    if found.flat:
        return (alive,)
    whole, new = found.valuation.total_value(), found.valuation.new_value
    what = "gain" if found.margin != 1 else "revenue"
    told = (
        f"{what} still to come from all of them, discounted"
        if found.revenue is not None
        else "purchases to come, discounted"
    )
    return (
        Figure(found.money(whole.estimate), f"{told}, {_money_span(found, whole)} ({found.level} interval)"),
        Figure(found.money(new.estimate), f"is a new customer worth, {_money_span(found, new)}"),
        alive,
    )


def _money_span(found: ValueFindings, total: Total) -> str:
    return f"{found.money(total.ci_low)} to {found.money(total.ci_high)}"


def scope(found: ValueFindings) -> str:
    """Object and period, for the line on top."""
    first = date(found.day(float(found.history.first.min())))
    return f"{count(found.n)} customers, {first} to {date(found.day(found.history.last))}"


def definitions(found: ValueFindings) -> tuple[str, ...]:
    """Every definition, in words."""
    model = found.valuation.fit.purchases.model
    day = "day" if not model.discrete else f"{found.period} since the first purchase"
    told = [
        f"Purchase: a {day} with a purchase; several on one {day.partition(' ')[0]} count as one, their amounts added "
        "up. Repeat purchases are all but a customer's first.",
        f"Model: {_NAMES[model.name]}: customers buy at rates of their own, and {_LEAVING[model.name]}. Still a "
        "customer: the model's chance that he or she has not left, given what was seen.",
        f"Ahead: purchases expected in the next {found.ahead()}. Value: purchases expected without end, discounted by "
        f"{share(found.discount, 0)} a year" + _spend_words(found),
        f"Test: the model fitted on purchases until {date(found.day(found.tracking.cut))} foretells those after it. "
        "All other numbers come from the model fitted on the whole log.",
        f"Intervals hold the true value in {found.level} of such cases. Of parameters: profile likelihood. Of "
        "purchases and revenue ahead: simulated futures, each with parameters drawn anew, so that chance is part of "
        "them. Of values: the expected value, by the robust covariance of the parameters; what one customer really "
        "brings varies far more.",
    ]
    return tuple(told)


def _spend_words(found: ValueFindings) -> str:
    if found.revenue is None:
        return "; no amounts are known, so it counts purchases."
    gain = f", times the margin of {share(found.margin, 0)}" if found.margin != 1 else ""
    return f", times the amount expected per purchase (Gamma-Gamma on repeat purchases){gain}."
