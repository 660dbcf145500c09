"""Where do customers struggle, change the channel, and have to ask for help?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.data import Table, as_table
from cxlab.errors import ParameterError, check_confidence, nearest
from cxlab.journeys import friction_words as words
from cxlab.journeys.events import ticks
from cxlab.journeys.friction_channels import ChannelCounts, count_contacts, count_switches
from cxlab.journeys.friction_signals import SignalCounts, count_signals
from cxlab.journeys.friction_tables import channel_table, event_table, friction_comparisons, goal_table, signal_table
from cxlab.journeys.path_log import PathLog, path_log
from cxlab.journeys.path_shares import largest_segment
from cxlab.results import Result

if TYPE_CHECKING:
    import altair as alt

__all__ = ["FrictionCounts", "FrictionResult", "journey_friction"]

_MOST_NAMED, _MOST_TIMES = 30, 20
_INNER = ("effective", "size")  # what only the comparison of groups needs


@dataclass(frozen=True)
class FrictionCounts:
    """Everything that was counted: people and paths by segment, signs of struggle, channels and contacts."""

    sizes: pd.DataFrame
    signals: SignalCounts
    channels: ChannelCounts | None
    contacts: pd.DataFrame | None


@dataclass(frozen=True, kw_only=True, repr=False)
class FrictionResult(Result):
    """Friction: the table of signs of struggle, and in `tables` the goal, switches, channels, contacts and groups.

    Attributes:
        who: whose paths, when and how they are cut, for the line under each picture.
        waits: above how many seconds a wait after an event is a long one.
    """

    who: str = ""
    waits: Mapping[str, float] = field(default_factory=dict, repr=False)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.journeys.friction_display import friction_display

        return friction_display(self)

    def _pictures(self) -> Mapping[str, Callable[[int], alt.Chart]]:  # type: ignore[override]
        from cxlab.journeys.friction_pictures import friction_pictures

        return friction_pictures(self)

    def _check_titles(self) -> Mapping[str, str]:
        return words.CHECK_TITLES


def journey_friction(
    data: Any,
    *,
    unit: str = "unit",
    event: str = "event",
    time: str = "time",
    session: str | None = None,
    session_gap: str | None = None,
    goal: str | None = None,
    errors: list[str] | None = None,
    times: int = 3,
    within: str = "1min",
    dwell: float = 0.95,
    channel: str | None = None,
    contacts: list[str] | None = None,
    contact_within: str = "3D",
    top: int = 15,
    segment: str | None = None,
    observe_until: str | None = None,
    confidence: float = 0.95,
) -> FrictionResult:
    """Where do customers struggle, where do they change the channel, and when must they ask for help?

    Args:
        data: one row per event: a table, a data frame or a path.
        unit: column of the person (or case) an event belongs to.
        event: column of the event's name.
        time: column of the event's time.
        session: column of the visit or matter; a path is then one of them, else all that a person did.
        session_gap: a longer pause than this begins a new path, such as "30min"; not together with `session`.
        goal: event that people want to reach; a path ends there.
        errors: events that say that something went wrong, such as a refused payment.
        times: so often the same event within a short time is a struggle.
        within: the short time in which repeats, going back and forth and trying again count, such as "1min".
        dwell: a wait longer than this part of all waits after the same event is a long one.
        channel: column of the channel an event came by, such as web, app or phone.
        contacts: channels (events, where there is no channel) by which people ask for help.
        contact_within: how long after an event a contact counts as following it, such as "3D".
        top: how many events are told by name; rarer ones are left out of what is told by event.
        segment: column whose value at a person's first event divides people into groups.
        observe_until: until when people were seen; the last event if not set.
        confidence: level of the intervals, such as 0.95.

    Returns:
        A FrictionResult. `table`: one row per segment, event and sign of struggle ("repeated", "back_and_forth",
        "error", "error_again", "long_wait"): segment, event, signal, n (people with the event), found (of them with the
        sign), rate, ci_low, ci_high. `tables`: with a goal "goal" (do those who struggle reach it less often), with a
        channel "switches" (after which events) and "channels" (from where to where), with contacts "contacts" (after
        which events people ask for help), with a segment "comparison" and a "…_comparison" of the others.

    Raises:
        ParameterError: a choice that is none, an event or channel that never occurs, or both `session` and
            `session_gap`.
        DataError: a column is missing or holds what it must not; a group is called "all".

    Assumes:
        People are independent of each other; all their events up to observe_until are in the data. That people who
        struggle reach the goal less often goes together; it need not be the cause.

    Source:
        Wilson (1927); Korn & Graubard (1998) where a person does something several times; Newcombe (1998) for groups;
        odds ratios by Woolf (1955); Benjamini & Hochberg (1995).

    Examples:
        >>> import pandas as pd
        >>> log = pd.DataFrame({
        ...     "unit": ["a"] * 5 + ["b"] * 2,
        ...     "event": ["search", "search", "search", "pay", "declined", "search", "pay"],
        ...     "time": ["2026-05-01 10:00:00", "2026-05-01 10:00:05", "2026-05-01 10:00:10", "2026-05-01 10:02:00",
        ...              "2026-05-01 10:02:04", "2026-05-02 10:00:00", "2026-05-02 10:01:00"],
        ... })
        >>> found = journey_friction(log, errors=["declined"], observe_until="2026-05-31")
        >>> found.table.loc[found.table["found"] > 0, ["event", "signal", "n", "found"]].values.tolist()
        [['search', 'repeated', 2, 1], ['pay', 'error', 2, 1], ['search', 'long_wait', 2, 1]]
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    _refuse(given)
    table = as_table(data)
    asked = [table.tz, table.time_format, table.missing, table.decimal, table.roles, {**given, "confidence": None}]
    log, counts = table.engine.once(f"journey_friction {asked!r}", lambda: _count(table, given))
    return _result(log, counts, given)


def _count(table: Table, given: dict[str, Any]) -> tuple[PathLog, FrictionCounts]:
    """What is counted does not depend on the level of the intervals."""
    with path_log(table, {**given, "begin": None, "repeats": "keep"}) as log:
        _refuse_contacts(log, given)
        own = f"SELECT segment, u, count(*) AS m FROM {log.steps} WHERE k = 1 GROUP BY 1, 2"
        sizes = table.query(f"SELECT segment, count(*) AS people, sum(m) AS m FROM ({own}) AS own GROUP BY 1")
        return log, FrictionCounts(
            sizes, count_signals(log, given), count_switches(log) if given["channel"] is not None else None,
            count_contacts(log, given) if given["contacts"] else None,
        )  # fmt: skip


def _refuse(given: dict[str, Any]) -> None:
    """Settings that are none, named before the data are read."""
    for name, least, most in (("top", 2, _MOST_NAMED), ("times", 2, _MOST_TIMES)):
        value = given[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ParameterError(f"`{name}` is {value!r}; expected a whole number from {least} to {most}.")
    if given["session"] is not None and given["session_gap"] is not None:
        raise ParameterError("`session` and `session_gap` both say where a path ends; leave one out.")
    for name in ("within", "contact_within"):
        ticks(given[name], name)
    share = given["dwell"]
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0.5 <= share < 1:
        raise ParameterError(f"`dwell` is {share!r}; expected a fraction from 0.5 to below 1, such as 0.95.")
    for name in ("errors", "contacts"):
        _refuse_list(name, given[name])
    if given["goal"] is not None and given["goal"] in (given["errors"] or []):
        raise ParameterError(f"`goal` is {given['goal']!r}, which is one of `errors` too; leave it out of one.")
    check_confidence(given["confidence"])


def _refuse_list(name: str, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, (list, tuple)) or not value or not all(isinstance(one, str) for one in value):
        raise ParameterError(f"`{name}` is {value!r}; expected a list of names, such as ['{name[:-1]}'].")


def _refuse_contacts(log: PathLog, given: Mapping[str, Any]) -> None:
    """A channel asked for that never occurs."""
    if given["channel"] is None or not given["contacts"]:
        return
    rows = log.table.engine.rows(f"SELECT DISTINCT channel FROM {log.steps} ORDER BY 1 LIMIT 50")
    known = [str(row[0]) for row in rows]
    for name in given["contacts"]:
        if name not in known:
            listed = ", ".join(map(repr, known[:8]))
            raise ParameterError(
                f"`contacts` has {name!r}, which never occurs in column {given['channel']!r}.{nearest(name, known)} "
                f"Its channels are {listed}."
            )


def _tables(counts: FrictionCounts, level: dict[str, float]) -> dict[str, pd.DataFrame]:
    """The other tables that were asked for."""
    tables = {}
    if counts.signals.goal is not None:
        tables["goal"] = goal_table(counts.signals.goal, **level)
    if counts.contacts is not None:
        tables["contacts"] = event_table(counts.contacts, **level)
    if counts.channels is not None:
        tables["channels"] = channel_table(counts.channels, **level)
        tables["switches"] = event_table(counts.channels.switches, **level)
    return tables


def _result(log: PathLog, counts: FrictionCounts, given: dict[str, Any]) -> FrictionResult:
    """Estimates, words and checks around the counts."""
    level = {"confidence": given["confidence"]}
    signals = signal_table(counts.signals.people, **level)
    tables = _tables(counts, level)
    if log.segmented:
        control = largest_segment(counts.sizes)
        tables |= friction_comparisons({"signals": signals, **tables}, control=control, **level)
    tables = {name: frame.drop(columns=[*_INNER], errors="ignore") for name, frame in tables.items()}
    signals = signals.drop(columns=[*_INNER])
    waits = dict(zip(counts.signals.waits["event"], counts.signals.waits["limit"], strict=True))
    told = words.Friction(log, counts.sizes, signals, tables, given)
    return FrictionResult(
        analysis="journey_friction", title="Where do customers struggle?", headline=words.friction_headline(told),
        table=signals, tables=tables, checks=words.friction_checks(told), parameters=given,
        semantics=words.friction_definitions(told), figures=words.friction_figures(told), status="Described",
        data=log.table.note(given["time"]), scope=words.friction_scope(told), who=words.friction_who(told),
        waits=waits, **level,
    )  # fmt: skip
