"""Every definition in words, so that nobody has to guess which retention this is."""

from cxlab.retention.question import Question

__all__ = ["definitions"]


def definitions(question: Question) -> tuple[str, ...]:
    """Which definitions does this result use?

    Args:
        question: the question.

    Returns:
        One sentence or two per definition.
    """
    return (
        _start(question), _back(question), _clock(question), _measure(question), _start_period(question),
        _counted(question), _intervals(question), *_comparisons(question),
    )  # fmt: skip


def _start(question: Question) -> str:
    event = f"{question.start_event!r}" if question.start_event else "event of any kind"
    if question.anchor == "recurring":
        return (
            f"Start: a customer joins the cohort of every {question.period} with an {event}; one customer can stand "
            "in several cohorts."
        ).replace("an '", "a '")
    since = " Who started before the first cohort asked for is left out." if question.first_period else ""
    return f"Start: a customer's first {event} in the whole log, counted once.{since}"


def _back(question: Question) -> str:
    event = f"{question.return_event!r}" if question.return_event else "event of any kind"
    return f"Coming back: at least one {event} at a later instant than the start."


def _clock(question: Question) -> str:
    days = f", beginning on {question.week_start.capitalize()}" if question.period == "week" else ""
    return (
        f"Age: calendar {question.period}s{days}, in the time zone {question.table.tz}; {question.period} 0 is the one "
        f"of the start, {question.period} 1 the next."
    )


def _measure(question: Question) -> str:
    if question.measure == "on":
        return f"Measure: back in that very {question.period}."
    return (
        f"Measure: back in that {question.period} or a later one, up to {question.period} {question.horizon}; the same "
        "bound for all cohorts."
    )


def _start_period(question: Question) -> str:
    drawn = "Pictures draw the start as 100%, everybody." if question.starts_at_all else "Pictures leave it out."
    return f"In {question.period} 0 the table counts who came back after the start within it. {drawn}"


def _counted(question: Question) -> str:
    return (
        f"Rates count only customers who could be seen for the whole {question.period}. A running cell has no rate, "
        "only who has come back so far; what cannot be seen yet is missing, never 0%."
    )


def _intervals(question: Question) -> str:
    level = f"{100 * question.confidence:g}%"
    curve = "The curve pools customers, not rates: all who came back of all who could be seen."
    if question.anchor == "recurring":
        curve += " Its variance is clustered by customer."
    return f"Intervals: Wilson, {level}. {curve}"


def _comparisons(question: Question) -> list[str]:
    found = []
    names = [name for name in (question.cohort, question.segment) if name]
    if names:
        found.append(
            f"{' and '.join(names)}: the value at the first start event. Pairs are compared at the last age that at "
            "least half of every group reached; Newcombe interval, p from the score test, Holm over all pairs."
        )
    if question.cohort is None and question.anchor == "first_matching":
        found.append(
            f"Newer against older cohorts: complete cohorts cut into two halves of about equal size, {question.period} "
            "1, Newcombe interval."
        )
    return found
