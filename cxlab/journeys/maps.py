"""How do customers fare in each stage of their journey, and where does it hurt?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from cxlab.data import Table, as_table
from cxlab.errors import ParameterError, check_confidence, choose
from cxlab.journeys import map_words as words
from cxlab.journeys.map_answers import Asked, asked_of
from cxlab.journeys.map_checks import map_checks
from cxlab.journeys.map_counts import MapCounts, count_map
from cxlab.journeys.map_log import MapLog, map_log
from cxlab.journeys.map_pain import pain_table, pain_weights, with_pain
from cxlab.journeys.map_tables import (
    answer_table,
    channel_table,
    next_table,
    stage_table,
    theme_table,
    time_table,
)
from cxlab.results import Result

if TYPE_CHECKING:
    import altair as alt

__all__ = ["MapResult", "journey_map"]

EffortKind = Literal["ces1", "ces2"]
_READ_ONLY = ("confidence", "weights", "targets", "stage")  # change how counts are read, not what is counted


@dataclass(frozen=True, kw_only=True, repr=False)
class MapResult(Result):
    """A journey map: the table of stages, and in `tables` pain, answers, channels, themes, times and next.

    Attributes:
        who: whose journeys, when and how they are counted, for the line under each picture.
        aims: question -> share that satisfaction and effort are measured against.
        shown: the stage whose details are shown.
    """

    who: str = ""
    aims: Mapping[str, float] = field(default_factory=dict, repr=False)
    shown: str = ""

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.journeys.map_display import map_display

        return map_display(self)

    def _pictures(self) -> Mapping[str, Callable[[int], alt.Chart]]:  # type: ignore[override]
        from cxlab.journeys.map_pictures import map_pictures

        return map_pictures(self)

    def _check_titles(self) -> Mapping[str, str]:
        return words.CHECK_TITLES


def journey_map(
    data: Any,
    *,
    stages: list[str],
    within: str | None = "30D",
    optional: list[str] | None = None,
    goal: str | None = None,
    unit: str = "unit",
    event: str = "event",
    time: str = "time",
    channel: str | None = None,
    stage: str | None = None,
    answers: str | None = None,
    satisfaction: str | None = None,
    effort: str | None = None,
    comment: str | None = None,
    answer_unit: str | None = None,
    answer_time: str | None = None,
    satisfaction_scale: str = "1-5",
    effort_kind: EffortKind = "ces2",
    linked_within: str = "7D",
    again_within: str = "1D",
    targets: dict[str, float] | None = None,
    time_targets: dict[str, str] | None = None,
    weights: dict[str, float] | None = None,
    observe_until: str | None = None,
    confidence: float = 0.95,
) -> MapResult:
    """How do customers fare in each stage of their journey, and where does it hurt?

    Args:
        data: one row per event: a table, a data frame or a path.
        stages: the stages in their order, each a name and its events, such as "Discover: home|search".
        within: longest time from the first stage to the last, such as "30D"; None for no limit.
        optional: names of stages that people may skip, such as "Support".
        goal: event after the last stage that means somebody has come through.
        unit: column of the person (or case) an event belongs to.
        event: column of the event's name.
        time: column of the event's time.
        channel: column of where it happens, such as web, app or phone.
        stage: name of the stage whose details are shown; the one that hurts most if not set.
        answers: table of answers to surveys, one row per answer; if not set, answers stand among the events.
        satisfaction: column of the answers on satisfaction, high is good.
        effort: column of the answers on effort or ease.
        comment: column of what people wrote; words that five people or more use are counted, nobody is quoted.
        answer_unit: column of the person in the table of answers; as `unit` if not set.
        answer_time: column of the time of the answer; as `time` if not set.
        satisfaction_scale: lowest and highest answer on satisfaction, such as "1-5"; the two highest are satisfied.
        effort_kind: "ces1": effort from 1 to 5, low is good; "ces2": ease from 1 to 7, high is good.
        linked_within: longest time from a stage's event to an answer, or to a next event, that belongs to it.
        again_within: the same event again within this time means that somebody struggles.
        targets: shares aimed at, such as 0.7 for satisfaction and 0.33 for effort; the mean of all stages if not set.
        time_targets: how long a stage should take, such as 3D for Delivery.
        weights: how much drop, time, dissatisfaction, effort and struggle count in the pain index; alike if not set.
        observe_until: until when people were seen; the last event if not set.
        confidence: level of the intervals, such as 0.95.

    Returns:
        A MapResult. `table`: one row per stage: stage, step, optional, n (people who came), open (may still go on), and
        each with _ci_low, _ci_high and _n (people): reach, drop, late, median_time (seconds), satisfaction, effort,
        switch_rate, struggle, pain_index (0 to 100); and moment ("hurts", "delights" or ""). `tables`: "pain" (its
        parts), "answers", "channels", "themes", "times", "next" (what those who stop do next).

    Raises:
        ParameterError: stages that are none, an event in two of them, an unknown stage, weights without a part.
        DataError: a column is missing or holds what it must not; nobody begins; no person stands in both tables.

    Assumes:
        People are independent of each other; all their events up to observe_until are in the data; those who answer
        fare as those who do not.

    Source:
        Lemon & Verhoef (2016), J. Marketing 80:69 (stages and touchpoints); Wilson (1927); Kaplan & Meier (1958);
        answers and moves of one person: Korn & Graubard (1998); the index: Kott (2001). Counts equal the funnel's.

    Examples:
        >>> import pandas as pd
        >>> log = pd.DataFrame({
        ...     "unit": ["a", "a", "a", "b", "b", "c"],
        ...     "event": ["home", "form", "paid", "home", "form", "home"],
        ...     "time": ["2026-05-01", "2026-05-02", "2026-05-03", "2026-05-01", "2026-05-02", "2026-05-01"],
        ... })
        >>> stages = ["Discover: home", "Sign up: form", "Order: paid"]
        >>> found = journey_map(log, stages=stages, observe_until="2026-07-01")
        >>> found.table[["stage", "n", "drop"]].round(2).values.tolist()
        [['Discover', 3, 0.33], ['Sign up', 2, 0.5], ['Order', 1, nan]]
    """
    given = {name: value for name, value in locals().items() if name not in ("data", "answers")}
    choose("effort_kind", effort_kind, get_args(EffortKind))
    check_confidence(confidence)
    _refuse_targets(targets)
    weighed = pain_weights(given)
    table, said = as_table(data), None if answers is None else as_table(answers)
    asked = asked_of(table, said, given)
    counted = {name: value for name, value in given.items() if name not in _READ_ONLY}
    sources = [
        [one.tz, one.time_format, one.missing, one.decimal, one.roles, one.fingerprint] for one in (table, said) if one
    ]
    log, counts = table.engine.once(f"journey_map {sources!r} {counted!r}", lambda: _count(table, asked, given))
    if stage is not None:
        choose("stage", stage, log.names)
    named = {"answers": answers if answers is None or isinstance(answers, str) else "a table"}
    return _result(log, counts, asked, weighed, {**given, **named})


def _refuse_targets(targets: dict[str, float] | None) -> None:
    for name, value in (targets or {}).items():
        choose("targets", name, ("satisfaction", "effort"))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1:
            raise ParameterError(f"`targets` has {name}: {value!r}; expected a share between 0 and 1, such as 0.7.")


def _count(table: Table, asked: Asked | None, given: dict[str, Any]) -> tuple[MapLog, MapCounts]:
    """What is counted does not depend on the level of the intervals."""
    with map_log(table, given) as log:
        return log, count_map(log, asked)


def _result(
    log: MapLog, counts: MapCounts, asked: Asked | None, weights: dict[str, float], given: dict[str, Any]
) -> MapResult:
    """Estimates, words and checks around the counts."""
    level = {"confidence": given["confidence"]}
    stages = with_pain(stage_table(log, counts, **level), log, counts, weights, **level)
    aims = words.aims_of(stages, given)
    stages = words.with_moments(stages, aims)
    tables = {
        "pain": pain_table(stages, weights), "answers": answer_table(log, counts, aims, **level),
        "channels": channel_table(log, counts, **level), "themes": theme_table(log, counts),
        "times": time_table(list(log.names), counts, **level), "next": next_table(log, counts),
    }  # fmt: skip
    told = words.Told(log, counts, asked, stages, tables, weights, given)
    hurts = bool((stages["moment"] == "hurts").any()) and given["targets"] is not None
    return MapResult(
        analysis="journey_map", title="How do customers fare on their journey?", headline=words.map_headline(told),
        table=stages, tables=tables, checks=map_checks(told), parameters=given, semantics=words.map_definitions(told),
        figures=words.map_figures(told), status="Look here" if hurts else "Described",
        data=log.table.note(given["time"]), scope=f"{log.names[0]} to {log.names[-1]}", who=words.map_who(told),
        aims=aims, shown=words.shown_stage(stages, given), **level,
    )  # fmt: skip
