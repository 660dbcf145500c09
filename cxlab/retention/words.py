"""The findings in sentences."""

from typing import Any

from cxlab.results import Figure
from cxlab.retention.findings import Findings
from cxlab.wording import count, date, frequency, interval, points, share

__all__ = [
    "did",
    "figures",
    "finding",
    "headline",
    "pair_title",
    "period_of",
    "scope",
    "slope_title",
    "status",
    "staying_sentence",
    "trend_title",
    "within",
]  # fmt: skip

LONGEST_TITLE = 90


def did(findings: Findings) -> str:
    """What customers do who come back."""
    question = findings.question
    event, where = question.return_event, question.return_where
    what = "are active" if event is None else f"come back with {event!r}"
    what += f" with {where}" if where else ""
    return what if question.minimum == 1 else f"{what} {question.minimum} times or more"


def within(findings: Findings, age: int) -> str:
    """In which period they do it."""
    question = findings.question
    name = findings.age_name(age)
    period = f"{question.period}s" if "to" in name else question.period
    if question.measure == "streak" and age:
        return f"in every {question.period} up to {question.period} {name.rpartition(' ')[2]}"
    if question.measure == "on_or_before" and age:
        return f"by {question.period} {name.rpartition(' ')[2]}"
    return f"in {period} {name}" + (" or later" if question.measure == "on_or_after" else "")


def _of(rate: float, base: str) -> str:
    return f"{rate * int(base.replace(',', '')):,.0f}"


def finding(findings: Findings) -> str:
    """The level in natural frequencies, with its interval."""
    point = findings.point
    if point is None:
        return f"No {findings.question.period} after the start has been seen whole for 50 customers yet."
    rate = frequency(point["rate"])
    base = rate.rpartition(" of ")[2]
    likely = f"{_of(point['ci_low'], base)} to {_of(point['ci_high'], base)}"
    return f"{rate} customers {did(findings)} {within(findings, int(point['age']))} ({likely})."


def headline(findings: Findings) -> str:
    """The level, and the clearest difference or the change between older and newer cohorts."""
    second = _pair_sentence(findings) if findings.pair else _change_sentence(findings)
    return f"{finding(findings)} {second}".strip()


def _pair_sentence(findings: Findings) -> str:
    pair = findings.pair or {}
    age, likely = int(pair["age"]), interval(pair["ci_low"], pair["ci_high"], points)
    if findings.clear_pair:
        return (
            f"{pair['segment']} keeps more than {pair['against']} {within(findings, age)}: "
            f"{share(pair['estimate'], 0)} and {share(pair['control_estimate'], 0)}, {likely}."
        )
    names = f"The clearest difference, {pair['segment']} against {pair['against']}"
    if pair["ci_low"] > 0 or pair["ci_high"] < 0:
        pairs = count(len(findings.comparison))
        return f"{names}, is {likely} by itself, but open once all {pairs} pairs are counted."
    return f"{names}, is open: {likely}."


def _change_sentence(findings: Findings) -> str:
    change = findings.change
    if change is None:
        return ""
    likely = interval(change["ci_low"], change["ci_high"], points)
    where = within(findings, int(change["age"]))
    since = findings.name(change["since"])
    if findings.direction:
        return (
            f"Customers who started since {since} come back {findings.direction} often {where}: "
            f"{share(change['estimate'], 0)}, before that {share(change['control_estimate'], 0)}."
        )
    return f"Newer against older cohorts {where}: {likely}, so the direction is open."


def trend_title(findings: Findings) -> str:
    """The title of the triangle: what changes from cohort to cohort."""
    change = findings.change
    if change is None or not findings.direction:
        return finding(findings).partition(" (")[0].rstrip(".")
    since, where = findings.name(change["since"]), within(findings, int(change["age"]))
    return f"Customers who started since {since} come back {findings.direction} often {where}"


def slope_title(findings: Findings) -> str:
    """The title of the trend: up, down or open from the first cohort to the last."""
    row = findings.slope.iloc[0]
    where, cohorts = within(findings, int(row["age"])), count(row["cohorts"])
    ends = f"from {share(row['control_estimate'], 0)} to {share(row['estimate'], 0)} over {cohorts} cohorts"
    if row["p_value"] < 1 - findings.question.confidence:
        title = f"Coming back {where} {'rises' if row['effect'] > 0 else 'falls'} {ends}"
    else:
        title = f"No clear trend over {cohorts} cohorts in coming back {where}"
    return title if len(title) <= LONGEST_TITLE else title.partition(" over ")[0][:LONGEST_TITLE]


def staying_sentence(findings: Findings) -> str:
    """How many stay, up to the last age that is well observed."""
    row, period = findings.leaving, findings.question.period
    if row is None:
        return f"Fewer than 50 customers were watched long enough to say how many stay past {period} 1."
    rate = frequency(row["estimate"])
    base = rate.rpartition(" of ")[2]
    likely = ""
    if row["ci_low"] == row["ci_low"]:
        likely = f" ({_of(row['ci_low'], base)} to {_of(row['ci_high'], base)})"
    return f"{rate} customers stay to {period} {int(row['age'])} or longer{likely}."


def pair_title(findings: Findings) -> str:
    """The title of the curves: the difference if it is clear, else the level."""
    if findings.clear_pair:
        pair = findings.pair or {}
        title = (
            f"{pair['segment']} keeps more customers than {pair['against']}: {share(pair['estimate'], 0)} and "
            f"{share(pair['control_estimate'], 0)} {within(findings, int(pair['age']))}"
        )
        if len(title) <= LONGEST_TITLE:
            return title
    return finding(findings).partition(" (")[0].rstrip(".")


def status(findings: Findings) -> str:
    """The badge."""
    if findings.point is None:
        return "Too few"
    if findings.pair is not None:
        return "Segments differ" if findings.clear_pair else "Undecided"
    if findings.change is None:
        return ""
    return {"more": "Up", "less": "Down", "": "As usual"}[findings.direction]


def figures(findings: Findings) -> tuple[Figure, ...]:
    """The three numbers: level, change, how many people."""
    found, level = [], f"{100 * findings.question.confidence:g}%"
    point = findings.point
    if point is not None:
        likely = interval(point["ci_low"], point["ci_high"], share)
        what = f"{did(findings)} {within(findings, int(point['age']))}"
        meaning = f"of customers {what}, likely {likely} ({level} interval)"
        found.append(Figure(share(point["rate"]), meaning))
    found += _difference(findings)
    return (*found, Figure(count(findings.counts.started), _people(findings)))


def _difference(findings: Findings) -> list[Figure]:
    row: dict[str, Any] | None = findings.pair or findings.change
    if row is None:
        return []
    likely = interval(row["ci_low"], row["ci_high"], points)
    if findings.pair:
        what = f"{row['segment']} against {row['against']}"
    else:
        what = f"cohorts since {findings.name(row['since'])} against older ones"
    return [Figure(points(row["effect"]), f"{what} {within(findings, int(row['age']))}, likely {likely}")]


def _people(findings: Findings) -> str:
    question = findings.question
    kind = "customers" if question.once else "starts of customers"
    cohorts = int((findings.cells.drop_duplicates("group")["size"] > 0).sum())
    return f"{kind} in {count(cohorts)} cohorts, seen until {date(question.local(question.observe_until))}"


def scope(findings: Findings) -> str:
    """Object and period, for the line on top."""
    question = findings.question
    first, last = date(question.local(question.first_event)), date(question.local(question.observe_until))
    return f"{count(findings.counts.started)} customers, {first} to {last}"


def period_of(findings: Findings) -> str:
    """The period as a heading: "Week"."""
    return findings.question.period.capitalize()
