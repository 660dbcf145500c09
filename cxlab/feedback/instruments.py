"""Survey instruments: which answers exist, which end is good, and what the score is."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cxlab.errors import ParameterError, choose
from cxlab.wording import MINUS, SPACE, number, points, share

__all__ = ["Instrument", "Kind", "instrument_of", "parse_scale"]

Kind = Literal["nps", "csat", "ces1", "ces2"]
Direction = Literal["high is good", "low is good"]
Floats = NDArray[np.float64]
_USUAL = {"nps": (0, 10), "csat": (1, 5), "ces1": (1, 5), "ces2": (1, 7)}
_NAMES = {"nps": "NPS", "csat": "CSAT", "ces1": "Effort (CES1)", "ces2": "Ease (CES2)"}
_QUESTIONS = {
    "nps": "Would customers recommend us?", "csat": "Are customers satisfied?",
    "ces1": "How much effort does it cost customers?", "ces2": "Is it easy for customers?",
}  # fmt: skip
_CLASSES = {
    "nps": ("detractors", "passives", "promoters"), "csat": ("dissatisfied", "neutral", "satisfied"),
    "ces1": ("high_effort", "neutral", "low_effort"), "ces2": ("hard", "neutral", "easy"),
}  # fmt: skip
_SCALE = re.compile(r"\s*(\d+)\s*(?:-|–|to)\s*(\d+)\s*")
_LONGEST = 11


@dataclass(frozen=True)
class Instrument:
    """One way of asking: its scale, its good end, its classes of answers and its score.

    `bad` and `good` are the first and last answer of the two outer classes; between them lies the middle class.
    """

    kind: Kind
    low: int
    high: int
    bad: tuple[int, int]
    good: tuple[int, int]

    @property
    def name(self) -> str:
        """What readers call the score."""
        return _NAMES[self.kind]

    @property
    def question(self) -> str:
        """The question of the page."""
        return _QUESTIONS[self.kind]

    @property
    def direction(self) -> Direction:
        """Which end is good; scores of unlike direction are never put together."""
        return "low is good" if self.kind == "ces1" else "high is good"

    @property
    def sign(self) -> int:
        """1 where a higher score is better, else -1."""
        return -1 if self.kind == "ces1" else 1

    @property
    def classes(self) -> tuple[str, str, str]:
        """Column names of the bad, middle and good class."""
        return _CLASSES[self.kind]

    @property
    def scale(self) -> str:
        """The scale in words."""
        return f"{self.low} to {self.high}"

    @property
    def answers(self) -> Floats:
        """Every possible answer, lowest first."""
        return np.arange(self.low, self.high + 1, dtype=float)

    @property
    def places(self) -> NDArray[np.int_]:
        """For every answer its class: 0 bad, 1 middle, 2 good."""
        inside = [(self.answers >= first) & (self.answers <= last) for first, last in (self.bad, self.good)]
        return np.where(inside[0], 0, np.where(inside[1], 2, 1))

    @property
    def weights(self) -> Floats:
        """What one answer adds to the score: -1, 0 or 1; 0 or 1; or itself."""
        if self.kind == "nps":
            return self.places.astype(float) - 1
        return np.where(self.places == 2, 1.0, 0.0) if self.kind == "csat" else self.answers

    @property
    def unit(self) -> float:
        """What the mean of the weights is multiplied with: scores of NPS are in points."""
        return 100.0 if self.kind == "nps" else 1.0

    @property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest possible score."""
        return float(self.unit * self.weights.min()), float(self.unit * self.weights.max())

    def span(self, place: int) -> str:
        """The answers of a class in words: "0 to 6", "9, 10" or "3"."""
        inside = [int(answer) for answer, own in zip(self.answers, self.places, strict=True) if own == place]
        if len(inside) > 2:
            return f"{inside[0]} to {inside[-1]}"
        return ", ".join(map(str, inside))

    def write(self, value: float | None) -> str:
        """A score for readers."""
        digits = {"nps": 0, "ces1": 1, "ces2": 1}
        return share(value, 0) if self.kind == "csat" else number(value, digits[self.kind])

    def write_exact(self, value: float | None) -> str:
        """A score in a table: one digit more."""
        return share(value, 1) if self.kind == "csat" else number(value, 1 if self.kind == "nps" else 2)

    def write_change(self, change: float | None, *, sign: bool = True) -> str:
        """A difference of two scores for readers."""
        if self.kind == "csat":
            return points(change, 1, sign=sign)
        text = number(change, 0 if self.kind == "nps" else 2, sign=sign)
        return f"{text}{SPACE}point{'' if text.lstrip('+' + MINUS) == '1' else 's'}"


def parse_scale(text: str) -> tuple[int, int] | None:
    """Which scale does a text such as "1-7" or "0 to 10" name?

    Args:
        text: the text.

    Returns:
        Lowest and highest answer; None where the text names no scale.

    Examples:
        >>> parse_scale("1-7"), parse_scale("0 to 10"), parse_scale("channel")
        ((1, 7), (0, 10), None)
    """
    found = _SCALE.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def instrument_of(kind: Kind, scale: tuple[int, int] | None = None, satisfied_from: int | None = None) -> Instrument:
    """Which instrument is meant?

    Args:
        kind: "nps", "csat", "ces1" or "ces2".
        scale: lowest and highest answer; None takes the usual scale.
        satisfied_from: the lowest answer that counts as satisfied, for CSAT.

    Returns:
        The instrument.

    Raises:
        ParameterError: the kind is unknown, or the instrument has no such scale.

    Examples:
        >>> instrument_of("csat", (1, 7)).good, instrument_of("nps").bad, instrument_of("ces1").direction
        ((6, 7), (0, 6), 'low is good')
    """
    choose("kind", kind, get_args(Kind))
    low, high = scale or _USUAL[kind]
    _check_scale(kind, low, high)
    if satisfied_from is not None and kind != "csat":
        raise ParameterError(f"`satisfied_from` is {satisfied_from}, but it belongs to kind='csat' only; leave it out.")
    bad, good = _outer(kind, low, high, satisfied_from)
    return Instrument(kind, low, high, bad, good)


def _check_scale(kind: str, low: int, high: int) -> None:
    if kind in ("nps", "ces1", "ces2") and (low, high) != _USUAL[kind]:
        usual = "{} to {}".format(*_USUAL[kind])
        raise ParameterError(
            f"`scale` is {low} to {high}, but {_NAMES[kind]} is asked on {usual}. Another scale is another score: "
            "for satisfaction use kind='csat'."
        )
    if not 2 <= high - low < _LONGEST:
        raise ParameterError(f"`scale` is {low} to {high}; expected 3 to {_LONGEST} answers, such as '1-5' or '1-10'.")


def _outer(kind: str, low: int, high: int, satisfied_from: int | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last answer of the bad and of the good class."""
    if kind == "nps":
        return (0, 6), (9, 10)
    if kind == "ces1":
        return (4, 5), (1, 2)
    if kind == "ces2":
        return (1, 3), (5, 7)
    first = high - 1 if satisfied_from is None else satisfied_from
    if not (low + high) / 2 < first <= high:
        raise ParameterError(
            f"`satisfied_from` is {first}; expected an answer in the upper half of {low} to {high}, such as {high - 1}."
        )
    return (low, low + high - first), (first, high)
