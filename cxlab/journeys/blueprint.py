"""What happens behind each step of a service, and where do customers wait?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.data import as_table
from cxlab.errors import check_confidence
from cxlab.journeys import blueprint_words as words
from cxlab.journeys.blueprint_checks import blueprint_checks
from cxlab.journeys.blueprint_counts import BlueprintCounts, EventSums, blueprint_log, count_blueprint
from cxlab.journeys.blueprint_reading import read_blueprint
from cxlab.journeys.blueprint_starter import started_blueprint
from cxlab.journeys.blueprint_tables import link_table, node_table
from cxlab.journeys.blueprints import Blueprint
from cxlab.journeys.events import ticks
from cxlab.results import Result

if TYPE_CHECKING:
    import altair as alt

__all__ = ["BlueprintResult", "service_blueprint"]


@dataclass(frozen=True, kw_only=True, repr=False)
class BlueprintResult(Result):
    """A service blueprint: the table of nodes, and in `tables` the links.

    Attributes:
        blueprint: what was drawn.
        who: whose service and when, for the line under the picture.
    """

    blueprint: Blueprint = field(default_factory=lambda: Blueprint("", (), (), ()), repr=False)
    who: str = ""

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.journeys.blueprint_display import blueprint_display

        return blueprint_display(self)

    def _pictures(self) -> Mapping[str, Callable[[int], alt.Chart]]:  # type: ignore[override]
        from cxlab.journeys.blueprint_pictures import blueprint_pictures

        return blueprint_pictures(self)

    def _check_titles(self) -> Mapping[str, str]:
        return words.CHECK_TITLES

    def files(self) -> dict[str, str]:
        """The blueprint as YAML, to change and give again."""
        return {"blueprint.yml": self.blueprint.text}


def service_blueprint(
    data: Any,
    *,
    blueprint: str | Mapping[str, Any] | None = None,
    unit: str = "unit",
    event: str = "event",
    time: str = "time",
    actor: str | None = None,
    within: str | None = None,
    observe_until: str | None = None,
    confidence: float = 0.95,
) -> BlueprintResult:
    """What happens behind each step of a service, and where do customers wait?

    Args:
        data: one row per event: a table, a data frame or a path.
        blueprint: the path of a YAML file, YAML text or a mapping with stages and nodes; without one a start is made.
        unit: column of the person (or case) an event belongs to.
        event: column of the event's name.
        time: column of the event's time.
        actor: column that says who did it; it puts the nodes of a start into lanes.
        within: how long after one node the next one still counts, such as "30D"; no limit if not set.
        observe_until: until when people were seen; the last event if not set.
        confidence: level of the intervals, such as 0.95.

    Returns:
        A BlueprintResult. `table`: one row per node: stage, lane, node, state ("measured", "unseen", "not measured"),
        n (people), stage_n, rate (of the stage's people), ci_low, ci_high, before (the node that most came from),
        median_time, time_low, time_high (seconds since then, of those who come), crosses (lines between the lanes),
        own_time, own_low, own_high (from its begin to its end), value, value_low, value_high (its metric).
        `tables["links"]`: one row per link: before, node, n, arrived, rate, ci_low, ci_high, median_time, time_low,
        time_high, followed (seconds), crosses. `files()["blueprint.yml"]`: the YAML, to change and give again.

    Raises:
        ParameterError: the blueprint cannot be read (the message names the line), or a setting is none.
        DataError: a column is missing or holds what it must not.

    Assumes:
        People are independent of each other; all their events up to observe_until are in the data. How long somebody
        could be watched has nothing to do with how quick they are.

    Source:
        Lanes and lines after Shostack (1984), HBR 62:133, and Bitner, Ostrom & Morgan (2008), Calif. Manag. Rev.
        50:66. Shares: Wilson (1927). Times: Kaplan & Meier (1958), limits after Brookmeyer & Crowley (1982).

    Examples:
        >>> import pandas as pd
        >>> log = pd.DataFrame({
        ...     "unit": [*range(8), *range(6)],
        ...     "event": ["asked"] * 8 + ["answered"] * 6,
        ...     "time": ["2026-05-04 09:00"] * 8 + [f"2026-05-04 {hour}:00" for hour in (10, 11, 12, 13, 14, 15)],
        ... })
        >>> drawn = '''
        ... stages: [Ask, Solve]
        ... nodes:
        ... - {name: Question, lane: customer, stage: Ask, events: asked, to: Answer}
        ... - {name: Answer, lane: front, stage: Solve, events: answered}
        ... '''
        >>> found = service_blueprint(log, blueprint=drawn, observe_until="2026-05-10")
        >>> found.table[["node", "n", "median_time", "crosses"]].values.tolist()
        [['Question', 8.0, nan, ''], ['Answer', 6.0, 10800.0, 'line of interaction']]
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    check_confidence(confidence)
    ticks(within, "within")
    drawn = None if blueprint is None else read_blueprint(blueprint)
    table = as_table(data)
    settings = {**given, "confidence": None, "blueprint": drawn and drawn.text}
    asked = [table.tz, table.time_format, table.missing, table.decimal, table.roles, settings]
    log, plan, counts = table.engine.once(f"service_blueprint {asked!r}", lambda: _count(table, drawn, given))
    return _result(log, plan, counts, given)


def _count(table: Any, drawn: Blueprint | None, given: dict[str, Any]) -> tuple[EventSums, Blueprint, BlueprintCounts]:
    """What is counted does not depend on the level of the intervals."""
    log = blueprint_log(table, given)
    plan = started_blueprint(log) if drawn is None else drawn
    return log, plan, count_blueprint(log, plan, given)


def _result(log: EventSums, plan: Blueprint, counts: BlueprintCounts, given: dict[str, Any]) -> BlueprintResult:
    """Estimates, words and checks around the counts."""
    level = {"confidence": given["confidence"]}
    links = link_table(plan, counts, **level)
    nodes = node_table(log, plan, counts, links, **level)
    drawn = words.Drawn(log, plan, counts, nodes, links, given)
    return BlueprintResult(
        analysis="service_blueprint", title=words.TITLE, headline=words.blueprint_headline(drawn), table=nodes,
        tables={"links": links}, checks=blueprint_checks(drawn), parameters=given,
        semantics=words.blueprint_definitions(drawn), figures=words.blueprint_figures(drawn), status="Described",
        data=log.table.note(given["time"]), scope=words.blueprint_scope(drawn), who=words.blueprint_who(drawn),
        blueprint=plan, **level,
    )  # fmt: skip
