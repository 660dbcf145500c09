"""Strict checking of parameter values, and reading them from text."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin
from zoneinfo import available_timezones

from cxlab.errors import ParameterError, nearest
from cxlab.publish.parameters import Parameter

__all__ = ["check_values", "parse_pairs", "parse_text", "write_text"]

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NOTHING = {"none", "null", ""}


def check_values(parameters: Sequence[Parameter], given: Mapping[str, Any], *, complete: bool = True) -> dict[str, Any]:
    """May the analysis run with these values?

    Args:
        parameters: what is allowed.
        given: name to value.
        complete: refuse when a parameter without a default is missing.

    Returns:
        The values, checked.

    Raises:
        ParameterError: unknown name, wrong type, not a choice, or a value missing.
    """
    by_name = {parameter.name: parameter for parameter in parameters}
    for name in given:
        _known(name, by_name)
    missing = [p.name for p in parameters if p.required and p.name not in given]
    if complete and missing:
        raise ParameterError(f"`{missing[0]}` is not given; expected {by_name[missing[0]].expected}.")
    return {name: check_value(by_name[name], value) for name, value in given.items()}


def _known(name: str, by_name: Mapping[str, Parameter]) -> None:
    if name not in by_name:
        listed = ", ".join(by_name)
        raise ParameterError(f"There is no parameter `{name}`.{nearest(name, by_name)} The parameters are: {listed}.")


def check_value(parameter: Parameter, value: Any) -> Any:
    """Is this value of the right type, and one of the choices?

    Args:
        parameter: the description.
        value: what was given.

    Returns:
        The value; whole numbers become numbers and tuples lists where that is what is expected.

    Raises:
        ParameterError: it is not.
    """
    for member in parameter.members:
        if _fits(member, value):
            return _in_range(parameter, _cast(member, value))
    if value is None and parameter.optional:
        return None
    raise _refusal(parameter, value)


def _refusal(parameter: Parameter, value: Any) -> ParameterError:
    hint = nearest(value, parameter.choices) if isinstance(value, str) else ""
    return ParameterError(f"`{parameter.name}` is {value!r}; expected {parameter.expected}.{hint}")


def _fits(hint: Any, value: Any) -> bool:
    if hint is Any:
        return True
    if get_origin(hint) is Literal:
        return any(value == choice and type(value) is type(choice) for choice in get_args(hint))
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return _fits_container(hint, value)


def _fits_container(hint: Any, value: Any) -> bool:
    origin, parts = get_origin(hint) or hint, get_args(hint) or (Any, Any)
    if origin is list:
        return isinstance(value, (list, tuple)) and all(_fits(parts[0], item) for item in value)
    if origin in (dict, Mapping):
        return isinstance(value, dict) and all(_fits(parts[0], k) and _fits(parts[1], v) for k, v in value.items())
    return isinstance(origin, type) and isinstance(value, origin)


def _cast(hint: Any, value: Any) -> Any:
    if hint is float:
        return float(value)
    return list(value) if isinstance(value, tuple) else value


def _in_range(parameter: Parameter, value: Any) -> Any:
    if parameter.name == "confidence" and not 0 < value < 1:
        raise ParameterError(f"`confidence` is {value!r}; expected a fraction between 0 and 1, such as 0.95.")
    if parameter.name == "tz" and value not in (zones := available_timezones()):
        raise ParameterError(f"`tz` is {value!r}; expected a time zone such as 'Europe/Paris'.{nearest(value, zones)}")
    return value


def parse_text(parameter: Parameter, text: str) -> Any:
    """Which value is written here?

    Args:
        parameter: the description.
        text: as typed on the command line, in a control or in an address.

    Returns:
        The checked value.

    Raises:
        ParameterError: the text is no such value.

    Examples:
        >>> parse_text(Parameter(name="steps", hint=list[str], default=(), help=""), "view, 'a, b', ratio(x, y)")
        ['view', 'a, b', 'ratio(x, y)']
    """
    if parameter.optional and text.strip().casefold() in _NOTHING:
        return None
    if isinstance(named := _choice(parameter, text), str | int | float):
        return named
    for member in sorted(parameter.members, key=_strictest_first):
        value = _read(member, text.strip())
        if value is not None and _fits(member, value):
            return check_value(parameter, value)
    raise _refusal(parameter, text)


def _choice(parameter: Parameter, text: str) -> Any:
    return next((choice for choice in parameter.choices if str(choice) == text), None)


def _strictest_first(hint: Any) -> int:
    order = (bool, int, float, dict, list)
    kind = get_origin(hint) or hint
    return order.index(kind) if kind in order else len(order)


def _read(hint: Any, text: str) -> Any:
    kind = get_origin(hint) or hint
    if kind in (int, float):
        return _number(kind, text)
    if kind is bool:
        return _FLAGS.get(text.casefold())
    if kind is list:
        return _read_list(hint, text)
    if kind is dict:
        return _read_mapping(hint, text)
    return text if kind in (str, Any) else None


def _number(kind: type, text: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        return None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _read_list(hint: Any, text: str) -> list[Any] | None:
    if text.startswith("[") and (value := _json(text)) is not None:
        return value
    item = (get_args(hint) or (str,))[0]
    return [_read(item, part) for part in split_list(text.strip("[]") if text.startswith("[") else text)]


def _read_mapping(hint: Any, text: str) -> dict[str, Any] | None:
    if text.startswith("{"):
        return _json(text)
    pairs = [re.split(r"\s*[:=]\s*", part, maxsplit=1) for part in split_list(text)]
    if any(len(pair) != 2 for pair in pairs):
        return None
    item = (get_args(hint) or (str, str))[1]
    return {name: _read(item, value) for name, value in pairs}


def split_list(text: str) -> list[str]:
    """Where does one item of a typed list end and the next begin?

    Args:
        text: items with commas or new lines between; a comma inside brackets or quotes belongs to its item.

    Returns:
        The items, without their surrounding quotes.

    Examples:
        >>> split_list("ratio('a','b'), \\"x, y\\"")
        ["ratio('a','b')", 'x, y']
    """
    parts, depth, quote, start = [], 0, "", 0
    for place, sign in enumerate(text):
        quote = _open_quote(quote, sign)
        depth += 0 if quote else (sign in "([{") - (sign in ")]}")
        if sign in ",\n" and not quote and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [_unquoted(part.strip()) for part in [*parts, text[start:]] if part.strip()]


def _open_quote(quote: str, sign: str) -> str:
    if quote:
        return "" if sign == quote else quote
    return sign if sign in "'\"" else ""


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def write_text(value: Any) -> str:
    """How is a value typed so that it is read back as the same value?

    Args:
        value: a checked value.

    Returns:
        Text for a control or an address.

    Examples:
        >>> write_text(["a", "b, c"]), write_text(None), write_text(0.95), write_text(True)
        ("a, 'b, c'", '', '0.95', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).casefold()
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, (list, tuple)):
        return _written_list([str(item) for item in value])
    return str(value)


def _written_list(items: list[str]) -> str:
    """With commas where that reads back as the same items, else as JSON."""
    text = ", ".join(map(_quoted, items))
    return text if split_list(text) == items and not text.startswith("[") else json.dumps(items, ensure_ascii=False)


def _quoted(item: str) -> str:
    return item if split_list(item) == [item] else f"'{item}'" if "'" not in item else f'"{item}"'


def parse_pairs(parameters: Sequence[Parameter], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Which values do these `name=text` pairs set?

    Args:
        parameters: what is allowed.
        pairs: name and text; a list parameter may be named several times.

    Returns:
        Name to checked value.

    Raises:
        ParameterError: unknown name, or text that is no such value.
    """
    by_name = {parameter.name: parameter for parameter in parameters}
    found: dict[str, Any] = {}
    for name, text in pairs:
        _known(name, by_name)
        value = parse_text(by_name[name], text)
        again = name in found and isinstance(value, list) and isinstance(found[name], list)
        found[name] = [*found[name], *value] if again else value
    return found
