"""The record every analysis returns."""

import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from cxlab.data.note import DataNote
from cxlab.errors import ParameterError, choose
from cxlab.results.privacy import publishable

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Check", "Decision", "Figure", "Result"]

_PACKAGES = ("cxlab", "pandas", "numpy", "scipy", "duckdb", "altair")


@dataclass(frozen=True)
class Check:
    """One question of trust: its fixed name, whether it passed, how severe that is, and what it means.

    What passed is told as "info"; what did not is a "warning" or a "failure".
    """

    name: str
    passed: bool
    severity: Literal["info", "warning", "failure"]
    message: str

    def __post_init__(self) -> None:
        """Refuse a check that contradicts itself: a report's exit code hangs on it."""
        if self.passed != (self.severity == "info"):
            raise ParameterError(f"The check `{self.name}` has passed={self.passed} and severity {self.severity!r}.")


@dataclass(frozen=True)
class Decision:
    """A verdict, the sentences that led to it, what would change it, and whether it only explores."""

    verdict: Literal["ship", "don't ship", "keep running", "broken"]
    reasons: tuple[str, ...]
    changes: tuple[str, ...] = ()
    exploratory: bool = False


@dataclass(frozen=True)
class Figure:
    """One of the three numbers under the verdict: the number and what it means."""

    value: str
    meaning: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Result:
    """What was found: table, checks, sentence, decision, definitions and pictures, all at one level."""

    analysis: str
    title: str
    headline: str
    table: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    confidence: float = 0.95
    parameters: Mapping[str, Any] = field(default_factory=dict)
    semantics: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    decision: Decision | None = None
    data: DataNote = DataNote(0, "")
    status: str = ""
    scope: str = ""

    def _pictures(self) -> "dict[str, Callable[[int], alt.Chart]]":
        """Name of each picture and what draws it at a width; the first is the main one."""
        return {}

    def _display(self) -> dict[str, pd.DataFrame]:
        """Caption of each table for readers and its cells as text."""
        return {}

    def _check_titles(self) -> Mapping[str, str]:
        """Titles of checks that only this kind of result has."""
        return {}

    @property
    def pictures(self) -> tuple[str, ...]:
        """Names of the pictures; the first is the main one."""
        return tuple(self._pictures())

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if not check.passed)

    def chart(self, name: str | None = None, *, width: int = 680) -> "alt.Chart":
        """Draw one of the pictures.

        Args:
            name: one of `pictures`; None draws the main one.
            width: width of the page in pixels; below 500 the narrow layout is drawn.

        Returns:
            An Altair chart.

        Raises:
            ParameterError: no picture has that name.
        """
        from cxlab.charts.offline import use_offline_renderer

        use_offline_renderer()
        drawn = self._pictures()
        return drawn[choose("name", name or next(iter(drawn), ""), drawn)](width)

    def to_html(self, *, stills: bool = True, widths: Collection[str] = ("wide", "narrow")) -> str:
        """The result as readers see it: verdict, numbers, checks, pictures, tables, method.

        Args:
            stills: draw still pictures, which stay where no script runs.
            widths: which forms of each picture: "wide", "narrow" or both.

        Returns:
            HTML without page frame and style.
        """
        from cxlab.results.html import result_html

        return result_html(self, stills=stills, widths=widths)

    def to_dict(self) -> dict[str, Any]:
        """The result as a program reads it, small groups hidden.

        Returns:
            A mapping of plain values, ready for JSON.
        """
        tables = {"table": self.table, **self.tables}
        return _plain({
            "analysis": self.analysis, "title": self.title, "status": "ok", "parameters": dict(self.parameters),
            "headline": self.headline,
            "decision": None if self.decision is None else vars(self.decision),
            "badge": self.status, "scope": self.scope, "confidence": self.confidence,
            "figures": [vars(figure) for figure in self.figures],
            "checks": [vars(check) for check in self.checks],
            "tables": {name: publishable(frame).to_dict("records") for name, frame in tables.items()},
            "semantics": list(self.semantics),
            "data": {"rows": self.data.rows, "fingerprint": self.data.fingerprint,
                     "from": self.data.first, "to": self.data.last},
            "versions": {name: _version(name) for name in _PACKAGES},
        })  # fmt: skip

    def files(self) -> dict[str, str]:
        """Texts that go with the result, for a reader to take along.

        Returns:
            File name to text; most results have none.
        """
        return {}

    def to_json(self) -> str:
        """The result as JSON text, small groups hidden."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=1)

    def _repr_html_(self) -> str:
        from cxlab.results.html import styled

        return styled(self.to_html())

    def __repr__(self) -> str:
        from cxlab.results.text import result_text

        return result_text(self)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _plain(value: Any) -> Any:
    """The value as JSON knows it: missing is null, times are ISO text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, (bool, int, float, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
