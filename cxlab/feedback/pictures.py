"""The pictures of the scores: what is drawn, and the words around it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.charts.score_classes import class_bars
from cxlab.charts.score_rows import Frame
from cxlab.charts.scores import answer_bars, group_points, wave_points
from cxlab.feedback.contrasts import OTHERS
from cxlab.feedback.instruments import Instrument
from cxlab.feedback.responses import ALL, NOT_GIVEN
from cxlab.feedback.sentences import told_interval
from cxlab.results import SMALLEST_DRAWN, publishable
from cxlab.wording import count, date, frequency, share

if TYPE_CHECKING:
    from cxlab.feedback.scores import ScoresResult

__all__ = ["score_pictures"]

_TITLE = 90  # letters that fit on two lines


def score_pictures(result: "ScoresResult") -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it; the first is the main one.
    """
    shown = publishable(result.table)
    level = _last(result, shown)
    if level["n"].isna().all():
        return {}
    waves, segments = "wave" in shown and shown["wave"].nunique() > 1, bool((shown["segment"] != ALL).any())
    if not waves and not segments:
        return {"scores": lambda width: _answers(result, level.iloc[0], width)}
    everybody = shown[shown["segment"] == ALL]
    drawn: dict[str, Callable[[int], Any]] = {}
    if waves:
        drawn["scores"] = lambda width: _waves(result, everybody, width)
    if segments:
        drawn["segments" if waves else "scores"] = lambda width: _points(result, level, width)
    last = level if segments else everybody.tail(13)
    if _enough(last).any():
        drawn["distribution"] = lambda width: _classes(result, last, width)
    whole = level[level["segment"] == ALL]
    if whole["n"].notna().all():
        drawn["answers"] = lambda width: _answers(result, whole.iloc[0], width, told=False)
    return drawn


def _enough(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Which groups are large enough to be drawn?"""
    return (table["respondents" if "respondents" in table else "n"] >= SMALLEST_DRAWN).to_numpy(bool)


def _last(result: "ScoresResult", shown: pd.DataFrame) -> pd.DataFrame:
    return shown[shown["wave"] == result.wave_told] if "wave" in shown else shown


def _span(result: "ScoresResult", rows: pd.DataFrame) -> str:
    """Who and when, for the subtitle."""
    when = f", {result.wave_names[rows['wave'].iloc[-1]]}" if "wave" in rows and rows["wave"].nunique() == 1 else ""
    if not when and result.data.first:
        when = f", {date(result.data.first)} to {date(result.data.last)}"
    whole = rows[rows["segment"] == ALL]
    given, asked = whole["n"].sum(), whole[["n", "missing", "invalid"]].sum().sum()
    of = f" ({frequency(given / asked)} asked)" if given < asked else ""
    return f"{count(given)} answers{of}{when}."


def _definition(one: Instrument) -> str:
    if one.kind == "nps":
        return "NPS = promoters (9, 10) minus detractors (0 to 6), out of 100 answers."
    if one.kind == "csat":
        return f"Satisfied = answers {one.span(2)} on a scale from {one.scale}."
    end = "low effort is good" if one.sign < 0 else "high is good"
    return f"{one.name}: mean answer from {one.scale}, {end}."


def _answers(result: "ScoresResult", level: "pd.Series[Any]", width: int, *, told: bool = True) -> Any:
    """The bars of all answers; the score is their title unless another picture has told it."""
    one, few = result.instrument, level["n"] < SMALLEST_DRAWN
    rows = _given(result, level)
    places = dict(zip(one.answers, one.places, strict=True))
    rows = rows.assign(
        height=rows["count"] if few else 100 * rows["share"], place=[places[answer] for answer in rows["answer"]]
    )
    classes = _heads(one, level, few=few)
    heights = "number of answers" if few else "answers out of 100"
    frame = Frame(
        _answers_title(one, level, told=told),
        f"{_definition(one)} Bars: {heights}. {_span(result, level.to_frame().T)}",
        result.headline,
        "Fewer than 50 answers: the score is rough." if few else "",
        width,
    )
    return answer_bars(rows, classes, frame)


def _given(result: "ScoresResult", level: "pd.Series[Any]") -> pd.DataFrame:
    """The answers of everybody, in the wave that is told."""
    rows = result.tables["distribution"]
    rows = rows[rows["segment"] == ALL]
    return rows[rows["wave"] == level["wave"]] if "wave" in rows else rows


def _answers_title(one: Instrument, level: "pd.Series[Any]", *, told: bool) -> str:
    if told:
        between = f"between {one.write(level['ci_low'])} and {one.write(level['ci_high'])}"
        return f"{_score_title(one)} {one.write(level['value'])} ({between})"
    bad, _, good = one.classes
    first, second = (frequency(level[name] / level["n"]) for name in (good, bad))
    return f"{_word(good)}: {first} answers; {_word(bad).casefold()}: {second}"


def _heads(one: Instrument, level: "pd.Series[Any]", *, few: bool) -> pd.DataFrame:
    """The three classes with the words above their bars."""
    return pd.DataFrame(
        [
            {
                "place": place,
                "name": _word(name),
                "at": (np.ceil if place == 2 else np.floor)(np.median(one.answers[one.places == place])),
                "told": f"{count(level[name])} answers" if few else frequency(level[name] / level["n"]),
            }
            for place, name in enumerate(one.classes)
            if one.span(place)
        ]
    )


def _score_title(one: Instrument) -> str:
    return {"nps": "NPS is", "csat": "CSAT is", "ces1": "Effort averages", "ces2": "Ease averages"}[one.kind]


def _word(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _rows(result: "ScoresResult", table: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Groups as pictures need them: under 50 customers nothing is drawn, hidden ones have no number at all."""
    one = result.instrument
    enough = _enough(table)
    told = [
        f"{one.write(row.value)} ({told_interval(one, row.ci_low, row.ci_high)})"
        if drawn
        else f"under {SMALLEST_DRAWN}"
        for row, drawn in zip(table.itertuples(), enough, strict=True)
    ]
    columns = {name: table[name].where(enough).to_numpy(float) for name in ("value", "ci_low", "ci_high")}
    n_told = [count(n) if drawn else "–" for n, drawn in zip(table["n"], enough, strict=True)]
    short = [one.write(value) if drawn else "" for value, drawn in zip(table["value"], enough, strict=True)]
    words = {"label": list(labels), "n": n_told, "n_told": n_told, "told": told, "short": short}
    return pd.DataFrame(words | columns)


def _points(result: "ScoresResult", level: pd.DataFrame, width: int) -> Any:
    one = result.instrument
    ordered = _sorted(one, level)
    readings = dict(zip(result.comparison["segment"], result.comparison["reading"], strict=True))
    labels = ["Everybody" if segment == ALL else segment for segment in ordered["segment"]]
    rows = _rows(result, ordered, labels).assign(
        reading=["all" if s == ALL else _known(readings.get(s)) for s in ordered["segment"]]
    )
    frame = Frame(
        _points_title(result),
        f"{_definition(one)} Point: score, bar: {share(result.confidence, 0)} interval. {_span(result, level)}",
        result.headline,
        "Circle: better than the others, square: worse, hollow diamond: undecided (Holm over the groups).",
        width,
    )
    return group_points(rows, frame, limits=one.limits, axis=_axis(one), percent=one.kind == "csat")


def _sorted(one: Instrument, level: pd.DataFrame) -> pd.DataFrame:
    """Everybody first, then the best group; what is not known last."""
    order = level.assign(
        last=level["segment"] == NOT_GIVEN, whole=level["segment"] != ALL, rank=-one.sign * level["value"]
    )
    return order.sort_values(["whole", "last", "rank"], kind="stable")


def _known(reading: str | None) -> str:
    return reading if reading in ("better", "worse") else "undecided"


def _points_title(result: "ScoresResult") -> str:
    apart = result.comparison[result.comparison["reading"].isin(["better", "worse"])]
    name = result.instrument.name
    if apart.empty:
        return f"{name}: no group stands clearly apart"
    parts = [
        f"{len(rows)} {'group' if len(rows) == 1 else 'groups'} {word} than the others"
        for word in ("better", "worse")
        if len(rows := apart[apart["reading"] == word])
    ]
    told = f"{name}: {', '.join(parts)}"
    if len(apart) > 1:
        return told
    row = apart.iloc[0]
    than = row["control"] if row["control"] == OTHERS else f"“{row['control']}”"
    size = result.instrument.write_change(abs(row["effect"]), sign=False)
    exact = f"{name}: “{row['segment']}” is {size} {row['reading']} than {than}"
    return exact if len(exact) <= _TITLE else told


def _axis(one: Instrument) -> str:
    low, high = (f"{end:g}" for end in one.limits)
    good = "low is good" if one.sign < 0 else "high is good"
    return "Satisfied" if one.kind == "csat" else f"{one.name} (possible: {low.replace('-', '−')} to {high}; {good})"


def _waves(result: "ScoresResult", everybody: pd.DataFrame, width: int) -> Any:
    one = result.instrument
    rows = _rows(result, everybody, [result.wave_names[wave] for wave in everybody["wave"]])
    running = everybody["wave"].eq(result.wave_told).shift(fill_value=False).cummax().to_numpy(bool)
    short = [f"{text} so far" if text and late else text for text, late in zip(rows["short"], running, strict=True)]
    frame = Frame(
        _waves_title(result, everybody),
        f"{_definition(one)} Bar: {share(result.confidence, 0)} interval. {_span(result, everybody)}",
        result.headline,
        _waves_note(rows, running),
        width,
    )
    drawn = rows.assign(running=running, short=short)
    return wave_points(drawn, frame, limits=one.limits, axis=_axis(one), percent=one.kind == "csat")


def _waves_note(rows: pd.DataFrame, running: NDArray[np.bool_]) -> str:
    parts = [
        f"Hollow: {rows['label'].iloc[-1]} may not be over yet." if running.any() else "",
        f"Waves with fewer than {SMALLEST_DRAWN} customers are not drawn." if rows["value"].isna().any() else "",
    ]
    return " ".join(filter(None, parts))


def _waves_title(result: "ScoresResult", everybody: pd.DataFrame) -> str:
    one, last = result.instrument, everybody[everybody["wave"] == result.wave_told].iloc[0]
    told = f"{_score_title(one)} {one.write(last['value'])} in {result.wave_names[str(result.wave_told)]}"
    if result.change.empty or result.change["segment"].iloc[0] != ALL:
        return told
    moved = result.change.iloc[0]
    if moved["reading"] not in ("better", "worse"):
        return f"{told}; the change since {moved['control']} is undecided"
    word = "more" if moved["effect"] > 0 else "less"
    return f"{told}, {one.write_change(abs(moved['effect']), sign=False)} {word} than in {moved['control']}"


def _classes(result: "ScoresResult", level: pd.DataFrame, width: int) -> Any:
    one = result.instrument
    by_wave = not (level["segment"] != ALL).any()
    ordered = level if by_wave else _sorted(one, level)
    ordered = ordered[_enough(ordered)]
    if by_wave:
        labels = [result.wave_names[wave] for wave in ordered["wave"]]
    else:
        labels = ["Everybody" if segment == ALL else segment for segment in ordered["segment"]]
    shares = ordered[list(one.classes)].div(ordered["n"], axis=0).to_numpy(float)
    parts = pd.DataFrame(
        [{"row": r, "place": p, "share": shares[r, p]} for r in range(len(shares)) for p in range(3)],
        columns=["row", "place", "share"],
    )
    bad, middle, good = (_word(name) for name in one.classes)
    spans = "; ".join(f"{_word(name)}: {one.span(place)}" for place, name in enumerate(one.classes) if one.span(place))
    frame = Frame(
        _range_title(good, labels, shares[:, 2]),
        f"Out of 100 answers. {spans}. {_span(result, level)}",
        result.headline,
        f"The middle of “{middle}” stands on the line.",
        width,
    )
    return class_bars(_rows(result, ordered, labels), parts, (bad, middle, good), frame)


def _range_title(good: str, labels: Sequence[str], shares: Sequence[float]) -> str:
    """From where to where does the share of good answers go?"""
    low, high = int(np.argmin(shares)), int(np.argmax(shares))
    least, most = (f"{frequency(shares[place])} in {_short(labels[place])}" for place in (low, high))
    return f"{good}: {least} to {most}" if low != high else f"{good}: {frequency(shares[low])} answers"


def _short(label: str) -> str:
    return label if len(label) < 20 else label[:18] + "…"
