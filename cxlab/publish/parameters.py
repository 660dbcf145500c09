"""One description of every parameter, read from the analysis's signature and its `Args:` lines."""

import inspect
import re
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

__all__ = ["REQUIRED", "Parameter", "annotation_text", "describe", "parameters_of"]

REQUIRED = inspect.Parameter.empty

# Arguments that name a column bear the bare role, so their choices can come from the table itself.
COLUMN_ROLES = frozenset(
    {
        "variant",
        "unit",
        "segment",
        "time",
        "event",
        "cohort",
        "covariate",
        "amount",
        "score",
        "cluster",
        "strata",
        "exposed",
        "day",
        "counts",
        "start",
        "end",
        "group",
        "reason",
        "event_time",
        "comparison",
        "channel",
    }
)
VALUES_OF = {
    "control": "variant", "compared_with": "comparison", "start_event": "event", "return_event": "event",
    "active_event": "event",
}  # fmt: skip

_WORDS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a mapping",
}
_PLURALS = {str: "text", int: "whole numbers", float: "numbers"}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """What may one parameter be, and what does it mean?"""

    name: str
    hint: Any
    default: Any
    help: str

    @property
    def required(self) -> bool:
        """Must it be given?"""
        return self.default is REQUIRED

    @property
    def members(self) -> tuple[Any, ...]:
        """The allowed types, without None."""
        return tuple(member for member in _members(self.hint) if member is not type(None))

    @property
    def optional(self) -> bool:
        """May it be left out by giving None?"""
        return type(None) in _members(self.hint)

    @property
    def choices(self) -> tuple[Any, ...]:
        """The allowed values, where they are few and fixed."""
        return tuple(value for member in self.members if get_origin(member) is Literal for value in get_args(member))

    @property
    def names_column(self) -> bool:
        """Does its value name a column of the data?"""
        return self.name in COLUMN_ROLES and str in self.members

    @property
    def expected(self) -> str:
        """What it may be, in words."""
        words = [_in_words(member) for member in self.members] + ["None"] * self.optional
        return " or ".join(words)


_QUALITY = Parameter(
    name="quality", hint=Literal["short", "full", "off"], default="short",
    help="what stands above the answer about the data: one line, the whole data-quality report, or nothing.",
)  # fmt: skip


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _in_words(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(map(repr, get_args(hint)))
    parts = get_args(hint)
    if get_origin(hint) is list and parts:
        return f"a list of {_PLURALS.get(parts[0], 'values')}"
    if get_origin(hint) is dict and len(parts) == 2:
        return f"a mapping of names to {_PLURALS.get(parts[1], 'values')}"
    return _WORDS.get(hint, "a value")


def annotation_text(parameter: Parameter) -> str:
    """How is the parameter's type written in a notebook, which imports cxlab alone?

    Args:
        parameter: the description.

    Returns:
        Python source of the annotation, in the form that Papermill reads: one type, a choice as the
        type of its values, without `| None` (the default says it).

    Examples:
        >>> annotation_text(Parameter(name="period", hint=Literal["day", "week"] | None, default=None, help=""))
        'str'
    """
    return _source(parameter.members[0])


def _source(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return type(get_args(hint)[0]).__name__
    return str(hint) if get_args(hint) else getattr(hint, "__name__", "object")


def describe(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Which parameters does an analysis take beside its data?

    Args:
        function: the analysis; its first argument is the data.

    Returns:
        One description per keyword argument, in the order of the signature.

    Examples:
        >>> def shares(data, *, column: str = "plan"):
        ...     '''Which?
        ...
        ...     Args:
        ...         data: one row per customer.
        ...         column: what to count.
        ...     '''
        >>> describe(shares)
        (Parameter(name='column', hint=<class 'str'>, default='plan', help='what to count.'),)
    """
    hints, lines = get_type_hints(function), argument_lines(inspect.getdoc(function) or "")
    keywords = list(inspect.signature(function).parameters.values())[1:]
    return tuple(
        Parameter(name=one.name, hint=hints.get(one.name, Any), default=one.default, help=lines.get(one.name, ""))
        for one in keywords
        if one.kind is not inspect.Parameter.VAR_KEYWORD
    )


def argument_lines(doc: str) -> dict[str, str]:
    """What does the docstring say about each argument?

    Args:
        doc: a docstring in Google style.

    Returns:
        Argument name to its text, continued lines joined.

    Examples:
        >>> argument_lines("Q?\\n\\nArgs:\\n    a: one\\n        thing.\\n\\nReturns:\\n    b: two.")
        {'a': 'one thing.'}
    """
    section = re.search(r"^Args:\n((?:[ \t]+.*\n?|\n(?=[ \t]))*)", doc, re.MULTILINE)
    entries = re.split(r"^ {4}(?=\w+(?: \([^)]*\))?:)", section.group(1), flags=re.MULTILINE) if section else []
    pairs = (entry.partition(":") for entry in entries if entry.strip())
    return {name.split(" ")[0]: " ".join(text.split()) for name, _, text in pairs}


def parameters_of(
    function: Callable[..., Any], sample: str, values: dict[str, Any], *, checked: bool = False
) -> tuple[Parameter, ...]:
    """Which parameters does an analysis's notebook take?

    Args:
        function: the analysis.
        sample: the data that the notebook reads by default.
        values: the settings that fit the sample.
        checked: whether its page says what is wrong with the data.

    Returns:
        `data`, `tz` and, where the data is checked, `quality`; then the analysis's own parameters with the sample's
        settings as defaults.
    """
    first = (
        Parameter(name="data", hint=str, default=sample, help="the table: a path, a glob of files, or SQL."),
        Parameter(name="tz", hint=str, default="UTC", help="time zone of the data's days, weeks and months."),
    )
    own = (
        Parameter(name=one.name, hint=one.hint, default=values.get(one.name, one.default), help=one.help)
        for one in describe(function)
    )
    return (*first, *([_QUALITY] if checked else []), *own)
