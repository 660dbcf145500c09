"""`cx.explore`: the notebook's one call. Findings in a report, live controls in JupyterLab and in an app."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any

from cxlab.publish.address import take_query
from cxlab.publish.answer import Answer, Question
from cxlab.publish.register import Analysis, analysis_of
from cxlab.publish.surface import surface
from cxlab.publish.values import check_values

__all__ = ["RESULT_TYPE", "Findings", "explore"]

RESULT_TYPE = "application/vnd.cxlab.result+json"


@dataclass(frozen=True)
class Findings:
    """An answer as a report shows it: the page's fragment, and the same as JSON beside it."""

    answer: Answer

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {
            "text/plain": f"{self.answer.result.title}\n{self.answer.result.headline}",
            "text/html": self.answer.html(),
            RESULT_TYPE: self.answer.record(),
        }


def explore(analysis: str | Callable[..., Any], data: Any, **parameters: Any) -> Any:
    """What does the data answer, and what does it answer when a setting changes?

    Args:
        analysis: an analysis such as `cx.ab_test`, or its name.
        data: what the analysis reads: a table, or any source that `cx.table` takes.
        parameters: the analysis's own parameters, and `quality`: "short", "full" or "off".

    Returns:
        In a report the findings; in JupyterLab and in an app the findings under live controls.

    Raises:
        ParameterError: an unknown parameter, a wrong type, or a value that is no choice.
        DataError: the data cannot give this answer.

    Examples:
        >>> explore("ab_tset", None)
        Traceback (most recent call last):
        cxlab.errors.ParameterError: There is no analysis 'ab_tset'. Did you mean 'ab_test'? ...
    """
    line = analysis_of(analysis)
    checked = check_values(line.passed, {name: _plain(value) for name, value in parameters.items()})
    if surface() == "report":
        return Findings(Question(line, data).answer(checked))
    return _panel(line, data, checked)


def _plain(value: Any) -> Any:
    """Metrics given as values are settings in text, like all others."""
    if isinstance(value, list | tuple):
        return [str(one) if is_dataclass(one) else one for one in value]
    return value


def _panel(line: Analysis, data: Any, values: Mapping[str, Any]) -> Any:
    from cxlab.publish.panel import Explorer

    query = take_query() if surface() == "app" else ""
    return Explorer(line, data, dict(values), query=query)
