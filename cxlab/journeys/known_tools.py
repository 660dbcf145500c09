"""What the known tools count as a funnel: their own choices, and what they do not have."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from cxlab.errors import ParameterError, choose

__all__ = ["TOOLS", "USUAL", "Reentry", "Tool", "resolved"]

Tool = Literal["posthog", "mixpanel", "clickhouse"]
Reentry = Literal["latest", "first"]

CHOICES = {
    "like": ("posthog", "mixpanel", "clickhouse"), "order": ("ordered", "strict", "any"),
    "ties": ("step_order", "strict", "row_order"), "reentry": ("latest", "first"), "repeats": ("tolerate", "break"),
    "on_exclusion": ("stop_chain", "drop_unit"), "counting": ("units", "attempts"),
}  # fmt: skip
USUAL = MappingProxyType({
    "ties": "step_order", "tolerance": None, "reentry": "latest", "event_reuse": False, "repeats": "tolerate",
    "on_exclusion": "stop_chain",
})  # fmt: skip


@dataclass(frozen=True)
class Known:
    """How one tool counts.

    Attributes:
        title: the tool's name.
        own: where its own choices are not the usual ones.
        offered: choices that it has beside or instead; what is named here and not in it is refused.
        lacks: settings that it does not have.
        note: where its own results are known to differ from these rules.
    """

    title: str
    own: Mapping[str, Any]
    offered: Mapping[str, tuple[Any, ...]]
    lacks: tuple[str, ...]
    note: str = ""


_FINER = ("step_within", "min_gap", "anchored")
TOOLS: Mapping[str, Known] = MappingProxyType({
    "posthog": Known(
        "PostHog", {"on_exclusion": "drop_unit"},
        {"order": ("ordered", "strict", "any"), "ties": ("step_order",), "reentry": ("latest",), "tolerance": (None,),
         "event_reuse": (False,), "on_exclusion": ("drop_unit", "stop_chain"), "counting": ("units",)},
        (*_FINER, "session_gap"),
        "PostHog may also drop people who did a step again after an excluded event; here a clean chain counts.",
    ),
    "mixpanel": Known(
        "Mixpanel", {"tolerance": "2s", "reentry": "first"},
        {"order": ("ordered", "any"), "ties": ("step_order",), "on_exclusion": ("stop_chain",),
         "event_reuse": (False,)},
        (*_FINER, "optional"),
    ),
    "clickhouse": Known(
        "ClickHouse windowFunnel", {"event_reuse": True},
        {"order": ("ordered",), "ties": ("step_order",), "reentry": ("latest",), "tolerance": (None,),
         "event_reuse": (True,), "counting": ("units",)},
        (*_FINER, "optional", "exclude", "session_gap", "hold"),
    ),
})  # fmt: skip


def resolved(given: Mapping[str, Any]) -> dict[str, Any]:
    """Which choices are meant, where some are not named?

    Args:
        given: the arguments by name.

    Returns:
        The arguments with every choice filled in: as named, else as the tool in `like` does, else the usual.

    Raises:
        ParameterError: a choice does not exist, or the tool does not have it.
    """
    for name, words in CHOICES.items():
        if given.get(name) is not None:
            choose(name, given[name], words)
    usual = USUAL | _own(given)
    return {**given, **{name: usual[name] if given.get(name) is None else given[name] for name in USUAL}}


def _own(given: Mapping[str, Any]) -> dict[str, Any]:
    if given.get("like") is None:
        return {}
    tool = TOOLS[given["like"]]
    for name, offered in tool.offered.items():
        if given.get(name) is not None and given[name] not in offered:
            listed = ", ".join(map(repr, offered))
            raise ParameterError(
                f"`{name}` is {given[name]!r}, but {tool.title} (`like`) has only {listed}. Leave `{name}` out, or "
                "leave `like` out."
            )
    for name in tool.lacks:
        if given.get(name):
            raise ParameterError(f"{tool.title} (`like`) has no `{name}`. Leave one of the two out.")
    own = dict(tool.own)
    return own | {"on_exclusion": "stop_chain"} if given.get("order") == "any" else own
