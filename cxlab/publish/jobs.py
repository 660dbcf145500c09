"""Which report is wanted: described once, checked before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxlab.data.durations import parse_duration
from cxlab.errors import ParameterError
from cxlab.publish.gates import Gate
from cxlab.publish.register import Analysis
from cxlab.publish.study import line_of
from cxlab.publish.values import check_values

__all__ = ["Job", "job_of", "seconds_of"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """Which report is wanted: analysis, values to set, the files' name, the page's title, time and thresholds."""

    analysis: Analysis
    values: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    title: str = ""
    seconds: float | None = None
    gates: tuple[Gate, ...] = ()
    pdf: bool = False

    @property
    def stem(self) -> str:
        """The files' name without ending."""
        return self.name or self.analysis.name


def job_of(analysis: str, values: Mapping[str, Any], *, name: str = "", title: str = "") -> Job:
    """May this report run? Everything is checked before a kernel starts.

    Args:
        analysis: the analysis's name, or the path of a study.
        values: the parameters to set.
        name: the files' name; "" takes the analysis's.
        title: the page's title; "" takes the notebook's question.

    Returns:
        The checked job.

    Raises:
        ParameterError: it may not.
    """
    line = line_of(analysis)
    if name and (Path(name).name != name or name.startswith(".")):
        raise ParameterError(f"`name` is {name!r}; expected a plain file name without folders, such as 'may'.")
    checked = check_values(line.parameters, {**line.fixed, **values}, complete=False)
    return Job(analysis=line, values=checked, name=name, title=title)


def seconds_of(timeout: str) -> float:
    """How many seconds may a report run?

    Args:
        timeout: a number with a unit, such as "10min".

    Returns:
        Seconds.

    Raises:
        ParameterError: no length of time, or none at all.

    Examples:
        >>> seconds_of("10min")
        600.0
    """
    seconds = parse_duration(timeout, argument="timeout").total_seconds()
    if seconds <= 0:
        raise ParameterError(f"`timeout` is {timeout!r}; expected more than no time, such as '10min'.")
    return seconds
