"""What was found, in words: headline, badge, the three numbers and the definitions."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxlab.feedback.contrasts import OTHERS
from cxlab.feedback.instruments import Instrument
from cxlab.feedback.responses import ALL
from cxlab.results import Figure
from cxlab.wording import MINUS, count, frequency, share

__all__ = ["Found", "definitions", "figures", "headline", "status", "told_interval"]

_TOO_FEW = "Too few answers: 5 are needed before a score is told."


@dataclass(frozen=True)
class Found:
    """What the words are made of: everybody's row of the last wave, the comparisons and the wave's name."""

    instrument: Instrument
    level: "pd.Series[Any]"
    comparison: pd.DataFrame
    change: pd.DataFrame
    wave: str
    enough: bool

    @property
    def moved(self) -> "pd.Series[Any] | None":
        """Everybody's change since the wave before."""
        rows = self.change[self.change["segment"] == ALL]
        return None if rows.empty else rows.iloc[0]

    @property
    def apart(self) -> "pd.Series[Any] | None":
        """The segment that stands most clearly apart, the worse ones first."""
        for reading in ("worse", "better"):
            rows = self.comparison[self.comparison["reading"] == reading]
            if not rows.empty:
                return rows.loc[rows["effect"].abs().idxmax()]
        return None


def told_interval(instrument: Instrument, low: float, high: float) -> str:
    """An interval of scores for readers, such as "24 to 30".

    Args:
        instrument: the instrument.
        low: lower limit.
        high: upper limit.

    Returns:
        Text.
    """
    return f"{instrument.write(low)} to {instrument.write(high)}"


def status(found: Found) -> str:
    """Which word goes on the badge?

    Args:
        found: what was found.

    Returns:
        "Up", "Down", "Better", "Look here", "Undecided", "Too few" or "Measured".
    """
    if not found.enough:
        return "Too few"
    high_good = found.instrument.sign > 0
    if found.moved is not None:
        words = {"better": "Up" if high_good else "Better", "worse": "Down" if high_good else "Look here"}
        if found.moved["reading"] in words:
            return words[found.moved["reading"]]
    elif found.comparison.empty:
        return "Measured"
    return "Look here" if found.apart is not None else "Undecided"


def headline(found: Found) -> str:
    """What was found, in at most two sentences?

    Args:
        found: what was found.

    Returns:
        The level with its interval, then the change or the segment that stands apart.
    """
    if not found.enough:
        return _TOO_FEW
    one, level = found.instrument, found.level
    when = f" in {found.wave}" if found.wave else ""
    told = (
        f"{_subject(one)} {one.write(level['value'])}{when} ({told_interval(one, level['ci_low'], level['ci_high'])})"
    )
    if found.moved is not None:
        told += f", {_moved(one, found.moved)}"
        return f"{told}. {_apart(found)}".strip()
    if found.comparison.empty:
        return f"{told}. {_both_sides(one, level)}"
    return f"{told}. {_apart(found)}"


def _subject(instrument: Instrument) -> str:
    if instrument.kind in ("nps", "csat"):
        return f"{instrument.name} is"
    good = "high" if instrument.sign > 0 else "low"
    return f"{instrument.name[:-1]}, {good} is good) averages"


def _both_sides(instrument: Instrument, level: "pd.Series[Any]") -> str:
    bad, _, good = instrument.classes
    n = level["n"]
    first, second = _hundred(level[good] / n), _hundred(level[bad] / n)
    return f"Of 100 answers, {first} are {_class(good)} and {second} {_class(bad)}."


def _hundred(rate: float) -> str:
    return frequency(rate).split(" of ")[0] if rate >= 0.02 or rate == 0 else f"{100 * rate:.1f}"


def _class(name: str) -> str:
    return name.replace("_", " ")


def _moved(instrument: Instrument, row: "pd.Series[Any]") -> str:
    size = _size(instrument, row)
    between = _between(instrument, row)
    if row["reading"] in ("better", "worse"):
        word = "more" if row["effect"] > 0 else "less"
        return f"{size} {word} than in {row['control']} ({between})"
    if row["reading"] == "too few":
        return f"too few answers to compare with {row['control']}"
    return f"and the change since {row['control']} is undecided ({between})"


def _size(instrument: Instrument, row: "pd.Series[Any]") -> str:
    return instrument.write_change(abs(row["effect"]), sign=False)


def _between(instrument: Instrument, row: "pd.Series[Any]") -> str:
    low, high = (instrument.write_change(row[end]) for end in ("ci_low", "ci_high"))
    return f"{low.partition(chr(160))[0]} to {high}"


def _apart(found: Found) -> str:
    if found.comparison.empty:
        return ""
    row = found.apart
    if row is None:
        return "No group stands clearly apart from the others."
    other = "the others" if row["control"] == OTHERS else f"“{row['control']}”"
    word = "higher" if row["effect"] > 0 else "lower"
    return (
        f"“{row['segment']}” is {_size(found.instrument, row)} {word} than {other} ({_between(found.instrument, row)})."
    )


def figures(found: Found) -> tuple[Figure, ...]:
    """Which three numbers stand under the headline?

    Args:
        found: what was found.

    Returns:
        The level, the change or the widest difference, and how many of 100.
    """
    if not found.enough:
        return ()
    one, level = found.instrument, found.level
    between = told_interval(one, level["ci_low"], level["ci_high"])
    first = Figure(one.write(level["value"]), f"{_level_word(one)}, likely {between}")
    bad, _, good = one.classes
    n = level["n"]
    third = Figure(
        frequency(level[good] / n),
        f"answered {one.span(2)} ({_class(good)}); {frequency(level[bad] / n)} answered {one.span(0)} ({_class(bad)})",
    )
    return (first, _second(found), third)


def _level_word(instrument: Instrument) -> str:
    if instrument.kind == "csat":
        return f"satisfied (answers {instrument.span(2)} on {instrument.scale})"
    low, high = (f"{end:.0f}".replace("-", MINUS) for end in instrument.limits)
    return f"{instrument.name}, on {low} to {high}"


def _second(found: Found) -> Figure:
    row = found.moved if found.moved is not None else found.apart
    if row is None:
        return Figure(count(found.level["n"]), "valid answers")
    value = found.instrument.write_change(row["effect"])
    between = _between(found.instrument, row)
    if row["segment"] == ALL:
        return Figure(value, f"since {row['control']}, likely {between}")
    against = row["control"] if row["control"] == OTHERS else f"“{row['control']}”"
    return Figure(value, f"“{row['segment']}” against {against}, likely {between}")


def definitions(instrument: Instrument, *, confidence: float, unit: str | None, compared: bool) -> tuple[str, ...]:
    """How are the numbers defined?

    Args:
        instrument: the instrument.
        confidence: level of the intervals.
        unit: the column of customers.
        compared: whether groups or waves were compared.

    Returns:
        Sentences.
    """
    level = share(confidence, 0)
    sentences = [_score_definition(instrument), f"{instrument.name}: {instrument.direction}; scale {instrument.scale}."]
    sentences.append(
        "n counts valid answers; missing counts empty answers and codes for no answer; invalid ones stand apart."
    )
    sentences.append(f"Intervals are {level}: {_method(instrument)}.")
    if unit:
        sentences.append(
            "Answers of the same customer count at their effective number (linearised variance over customers)."
        )
    if compared:
        sentences.append(
            f"Differences have {level} intervals; a group is read as better or worse where the p-value, adjusted by "
            f"Holm over the groups, is below {1 - confidence:.2g} and both sides have 20 customers."
        )
    return tuple(sentences)


def _score_definition(instrument: Instrument) -> str:
    bad, good = instrument.span(0), instrument.span(2)
    return {
        "nps": f"NPS is the share of promoters ({good}) minus the share of detractors ({bad}), in points.",
        "csat": f"CSAT is the share of answers {good} among valid answers.",
        "ces1": f"CES1 is the mean answer to “how much effort”; share counts answers {good}, low effort.",
        "ces2": f"CES2 is the mean agreement with “it was easy”; share counts answers {good}.",
    }[instrument.kind]


def _method(instrument: Instrument) -> str:
    return {
        "nps": "adjusted Wald; score interval for at most 10 answers and at the ends of the scale",
        "csat": "Wilson",
    }.get(instrument.kind, "Wald after adding one answer spread over the scale; Wilson for the share")
