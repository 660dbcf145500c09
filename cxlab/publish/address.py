"""The address of an app's page: it sets analysis parameters, strictly checked, and nothing else."""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cxlab.errors import ParameterError
from cxlab.publish.register import Analysis
from cxlab.publish.values import parse_pairs, write_text

__all__ = ["address_of", "take_query", "values_in"]

_REFUSED = {
    "data": "which data is read",
    "tz": "the time zone",
    "plan": "the plan",
    "blueprint": "the blueprint",
    "simulations": "how much is simulated",
    "answers": "which answers are read",
}
_DROPPED = frozenset({"token", "template", "theme"})


def take_query() -> str:
    """What did the visitor's address ask for? It is removed from the environment, which may hold a token.

    Returns:
        The query string, "" where there is none.
    """
    os.environ.pop("VOILA_REQUEST_URL", None)
    return os.environ.pop("QUERY_STRING", "")


def values_in(query: str, analysis: Analysis) -> dict[str, Any]:
    """Which parameters does an address set?

    Args:
        query: what stands behind the question mark.
        analysis: the analysis of the page.

    Returns:
        Name to checked value.

    Raises:
        ParameterError: an unknown name, a bad value, or an attempt to choose the data.
    """
    pairs = [(name, text) for name, text in parse_qsl(query, keep_blank_values=True) if name not in _DROPPED]
    for name, _ in pairs:
        if name in _REFUSED:
            raise ParameterError(f"The address cannot set `{name}`: {_REFUSED[name]} is fixed for this page.")
    return parse_pairs(analysis.settings, pairs)


def address_of(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """Which address restores this view?

    Args:
        values: the present settings.
        defaults: the page's own settings, which need no mention.

    Returns:
        A query with its question mark, or "" for the page's own view.

    Examples:
        >>> address_of({"period": "day", "steps": ["a", "b"]}, {"period": "week", "steps": ["a", "b"]})
        '?period=day'
    """
    changed = [(name, write_text(value)) for name, value in values.items() if value != defaults.get(name)]
    return f"?{urlencode(changed)}" if changed else ""
