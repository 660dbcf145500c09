"""What can go wrong, in words that say what was found, what was expected and what to do.

CxlabError (a ValueError)
├── ParameterError   unknown name, wrong type, value that is not a choice
├── DataError        the data cannot give this answer
│   └── SourceError  the source cannot be read at all
└── ReportError      a notebook failed while it ran
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeVar

__all__ = [
    "CxlabError", "DataError", "ParameterError", "ReportError", "SourceError",
    "check_confidence", "choose", "nearest",
]  # fmt: skip

T = TypeVar("T")


class CxlabError(ValueError):
    """Any error that cxlab raises on purpose; its text is written for the reader."""

    def _render_traceback_(self) -> list[str]:
        """Jupyter prints this one line in place of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class ParameterError(CxlabError):
    """A parameter has an unknown name, the wrong type or a value that is not a choice."""


class DataError(CxlabError):
    """The data cannot give this answer: a column is missing, a value is bad, a unit stands twice."""


class SourceError(DataError):
    """The source cannot be read at all."""


class ReportError(CxlabError):
    """A notebook failed while it ran."""


def nearest(word: object, choices: Iterable[object]) -> str:
    """Which of the choices was probably meant?

    Args:
        word: what was given.
        choices: what is allowed.

    Returns:
        " Did you mean 'x'?" with a leading space, or "" where nothing is near.

    Examples:
        >>> nearest("metrik", ["metrics", "variant"])
        " Did you mean 'metrics'?"
        >>> nearest("zzz", ["metrics"])
        ''
    """
    by_folded = {str(choice).casefold(): str(choice) for choice in choices}
    found = get_close_matches(str(word).casefold(), by_folded, n=1, cutoff=0.55)
    return f" Did you mean {by_folded[found[0]]!r}?" if found else ""


def choose(argument: str, value: T, choices: Iterable[T]) -> T:
    """Is this value one of the choices? It is returned, or refused with the nearest one.

    Args:
        argument: name of the parameter, for the message.
        value: what was given.
        choices: what is allowed.

    Returns:
        The value.

    Raises:
        ParameterError: the value is not a choice.

    Examples:
        >>> choose("period", "week", ["day", "week"])
        'week'
        >>> choose("period", "weak", ["day", "week"])
        Traceback (most recent call last):
        cxlab.errors.ParameterError: `period` is 'weak'; expected one of 'day', 'week'. Did you mean 'week'?
    """
    allowed = list(choices)
    if value in allowed:
        return value
    listed = ", ".join(repr(choice) for choice in allowed)
    raise ParameterError(f"`{argument}` is {value!r}; expected one of {listed}.{nearest(value, allowed)}")


def check_confidence(confidence: object) -> None:
    """Is this the level of an interval?

    Args:
        confidence: what was given.

    Raises:
        ParameterError: it is no fraction from 0.5 to below 1.

    Examples:
        >>> check_confidence(95)
        Traceback (most recent call last):
        cxlab.errors.ParameterError: `confidence` is 95; expected a fraction from 0.5 to below 1, such as 0.95.
    """
    if not isinstance(confidence, (int, float)) or not 0.5 <= confidence < 1:
        raise ParameterError(f"`confidence` is {confidence!r}; expected a fraction from 0.5 to below 1, such as 0.95.")
