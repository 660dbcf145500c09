"""Faults in what people answered: careless, copied, hidden, or on another scale than the question's."""

from typing import Any

import numpy as np
import pandas as pd

from cxlab.data.synthetic.fault_values import Faults, constant, put, some

__all__ = ["ANSWER_FAULTS"]

_Found = tuple[pd.DataFrame, int]
_BATTERY = ["ease", "speed", "quality", "price", "staff"]
_KEYS = np.array(["asdf asdf", "qwertz", "jkljkl fgh", "xxxxxx yyy", "dfgdfgdfg"])
_QUESTION = "How likely are you to recommend us to a friend or colleague?"


def _answered(made: pd.DataFrame) -> Any:
    return made["score"].notna()


def _written(made: pd.DataFrame) -> Any:
    return made["verbatim"].notna()


def _straight_lines(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """The first mark is given to every question of the battery."""
    marks = made[_BATTERY]
    rows = some(rng, marks.notna().all(axis=1) & (marks.nunique(axis=1) > 1), 0.05)
    first = np.repeat(marks.iloc[rows, :1].to_numpy(), len(_BATTERY), axis=1)
    changed = marks.copy()
    changed.iloc[rows] = first
    return made.assign(**{name: changed[name] for name in _BATTERY}), len(rows)


def _speeders(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """Answered a few seconds after the invitation."""
    rows = some(rng, made["answered_at"].notna())
    took = pd.to_timedelta(rng.integers(2, 9, len(rows)), unit="s")
    return put(made, rows, "answered_at", (made["sent_at"].iloc[rows] + took).to_numpy())


def _gibberish(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    rows = some(rng, _written(made))
    return put(made, rows, "verbatim", rng.choice(_KEYS, len(rows)))


def _redacted(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """The publisher wrote XXXX over part of the text."""
    rows = some(rng, _written(made), 0.1)
    hidden = made["verbatim"].iloc[rows].map(lambda text: f"{text[: len(text) // 2]} XXXX XXXX")
    return put(made, rows, "verbatim", hidden.to_numpy())


def _mixed_scales(made: pd.DataFrame, rng: np.random.Generator) -> _Found:
    """One language was asked on a scale from 1 to 7 where all others had 1 to 5."""
    language = rng.choice(["de", "fr", "es"])
    fit = (made["instrument"] == "csat") & (made["language"] == language) & (made["score"] > 1)
    rows = np.flatnonzero(fit)
    wide = np.round((made["score"].iloc[rows].to_numpy() - 1) * 1.5) + 1
    return put(made, rows, "score", wide)


ANSWER_FAULTS: Faults = {
    "straight_lines": ("surveys", "ease", "one mark for every question of a battery", _straight_lines),
    "speeders": ("surveys", "answered_at", "answered within seconds", _speeders),
    "gibberish": ("surveys", "verbatim", "keys hit at random", _gibberish),
    "copied_questions": (
        "surveys",
        "verbatim",
        "the question pasted as the answer",
        constant("verbatim", _QUESTION, _written),
    ),
    "redacted_texts": ("surveys", "verbatim", "XXXX where words were taken out", _redacted),
    "mixed_scales": ("surveys", "score", "one language asked on another scale", _mixed_scales),
    "negative_codes": (
        "surveys",
        "score",
        "no answer is written as -1",
        constant("score", -1.0, lambda made: ~_answered(made)),
    ),
}
