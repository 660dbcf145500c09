"""The plan as a small file: written before the data, read back when they are judged."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxlab.errors import ParameterError, nearest
from cxlab.experiments.metrics import Metric, parse_metrics
from cxlab.experiments.outlook import EXPLORED
from cxlab.experiments.sentences import trust_words
from cxlab.results import Check
from cxlab.wording import sentence_list

if TYPE_CHECKING:
    from cxlab.experiments.comparison import ABTestResult

__all__ = ["PROMISED", "by_plan", "plan_text", "read_plan"]

PROMISED = (
    "metrics", "control", "planned_ratio", "planned_n", "minimum_duration", "confidence", "monitoring", "looks",
    "cluster", "strata", "exposed", "day", "alternative", "prior",
)  # fmt: skip
"""What a plan may hold: settings of `ab_test` that must not follow from the data."""

_TOLD = ("question", "promise")
_READ = 'ab_test(data, plan="...") judges by it; what is given beside it counts as a change.'


def plan_text(settings: Mapping[str, Any], *, question: str, promise: str) -> str:
    """How is a plan written down?

    Args:
        settings: settings of `ab_test`; those that are None or empty are left out.
        question: what the test asks.
        promise: what the plan promises, in plain words.

    Returns:
        YAML that a person can read and change.

    Examples:
        >>> print(plan_text({"control": "old", "planned_n": 800}, question="Is new better?", promise="It will show."))
        # The plan of an A/B test. ab_test(data, plan="...") judges by it; what is given beside it counts as a change.
        question: Is new better?
        promise: It will show.
        control: old
        planned_n: 800
        <BLANKLINE>
    """
    import yaml

    head = f"# The plan of an A/B test. {_READ}\n"
    kept = {name: settings[name] for name in PROMISED if settings.get(name) not in (None, [], {}, "none")}
    content = {"question": question, "promise": promise, **kept}
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def read_plan(path: str | Path) -> dict[str, Any]:
    """What does a plan promise?

    Args:
        path: the file.

    Returns:
        Settings of `ab_test`, and the question as `question`.

    Raises:
        ParameterError: it cannot be read, is no plan, or holds a word that is no part of one.
    """
    import yaml

    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ParameterError(f"The plan {str(path)!r} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ParameterError(f"The plan {str(path)!r} is no YAML; the page on ab_test shows one.") from None
    if not isinstance(content, dict) or not content.get("metrics"):
        raise ParameterError(f"The plan {str(path)!r} names no `metrics`; the page on ab_test shows one.")
    known = (*PROMISED, *_TOLD)
    for name in content:
        if name not in known:
            listed = ", ".join(known)
            raise ParameterError(
                f"The plan has `{name}`, which is no part of one.{nearest(name, known)} It may: {listed}."
            )
    return {name: value for name, value in content.items() if name != "promise"}


def by_plan(analysis: Callable[..., ABTestResult], asked: Mapping[str, Any]) -> ABTestResult:
    """What does the test say, judged by what was promised?

    Args:
        analysis: `ab_test`.
        asked: everything it was given, `plan` and `data` among it.

    Returns:
        The result under the plan's settings. What was given beside them and differs stands over them, and the
        check `plan_changed` says so.

    Raises:
        ParameterError: the plan cannot be read, or holds what `ab_test` does not know.
    """
    usual = {one.name: one.default for one in inspect.signature(analysis).parameters.values()}
    path, promised = asked["plan"], read_plan(asked["plan"])
    strange = next((name for name in promised if name not in usual), None)
    if strange is not None:
        raise ParameterError(
            f"The plan {path!r} has `{strange}`, which ab_test does not take.{nearest(strange, usual)}"
        )
    given = {name: value for name, value in asked.items() if name in promised and _given(value, usual[name])}
    changed = sorted(n for n, v in given.items() if n != "question" and not _same(n, v, promised[n]))
    settings = {**asked, **promised, **{name: given[name] for name in given}, "plan": None}
    result = analysis(settings.pop("data"), **settings)
    return _judged(result, path, changed, promised)


def _given(value: Any, usual: Any) -> bool:
    return value not in (None, [], {}, ()) and value != usual


def _same(name: str, value: Any, promised: Any) -> bool:
    """Do the two say the same? Metrics are compared as what they mean, numbers as numbers."""
    if name == "metrics":
        return _texts(value) == _texts(promised)
    if isinstance(value, Mapping) and isinstance(promised, Mapping):
        return {k: float(v) for k, v in value.items()} == {k: float(v) for k, v in promised.items()}
    return list(value) == list(promised) if isinstance(value, (list, tuple)) else bool(value == promised)


def _texts(metrics: Any) -> list[str]:
    listed: Any = [metrics] if isinstance(metrics, Metric | str) else metrics
    return [str(metric) for metric in parse_metrics(listed)]


def _judged(result: ABTestResult, path: str, changed: list[str], promised: Mapping[str, Any]) -> ABTestResult:
    """The result with what became of the plan."""
    parameters, decision = {**result.parameters, "plan": str(path)}, result.decision
    if not changed:
        told = f"Judged by the plan {Path(path).name}: {sentence_list(sorted(n for n in promised if n != 'question'))}."
        check = Check("plan_changed", True, "info", told)
        return replace(result, checks=(*result.checks, check), parameters=parameters)
    verb = "differs" if len(changed) == 1 else "differ"
    told = f"{sentence_list([f'`{name}`' for name in changed])} {verb} from the plan {Path(path).name}."
    check = Check("plan_changed", False, "warning", f"{told} What is chosen after the data are seen proves little.")
    assert decision is not None
    checks = (*result.checks, check)
    before, now = trust_words(result.checks), trust_words(checks)
    reasons = tuple(now if reason == before else reason for reason in decision.reasons)
    if not decision.exploratory and decision.verdict != "broken":
        reasons = (EXPLORED, *reasons)
    marked = replace(decision, reasons=reasons, exploratory=True)
    return replace(result, checks=checks, parameters=parameters, decision=marked)
