"""YAML as it is written by hand: plain values, each with its line, and faults in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxlab.errors import ParameterError, nearest
from cxlab.folders import folder

__all__ = ["Lined", "read_yaml", "written_yaml", "yaml_text"]

_LONGEST, _DEEPEST = 100_000, 20
_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")  # ends of lines for YAML, which must not be written as they are
_ENDINGS = (".yml", ".yaml")
_NOT_TEXT = {"bool": "yes/no", "null": "nothing", "timestamp": "a date"}


class Lined(dict[str, Any]):
    """A mapping that knows in which line it and each of its keys stand."""

    line: int
    lines: Mapping[str, int]


def yaml_text(blueprint: str | Mapping[str, Any]) -> str:
    """What was written: a text, the content of a file, or a mapping as YAML.

    Args:
        blueprint: YAML of several lines, the path of a file, or a mapping.

    Returns:
        YAML.

    Raises:
        ParameterError: the file is not there, is of another kind or too long, or the mapping holds no plain values.
    """
    if isinstance(blueprint, Mapping):
        return _dumped(blueprint)
    if not isinstance(blueprint, str | Path):
        raise ParameterError(
            f"`blueprint` is {type(blueprint).__name__}; expected the path of a YAML file, YAML text, or a mapping."
        )
    text = str(blueprint)
    found = text if "\n" in text else _read(Path(text))
    if len(found) > _LONGEST:
        raise ParameterError(f"The blueprint has {len(found):,} signs; expected at most {_LONGEST:,}. Split it.")
    return found


def written_yaml(content: Mapping[str, Any]) -> str:
    """How is this written, so that it is read back as the same?

    Args:
        content: plain values.

    Returns:
        YAML.

    Examples:
        >>> written_yaml({"stages": ["ask", "no"]})
        "stages:\\n- ask\\n- 'no'\\n"
    """
    import yaml

    text = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=100)
    return yaml.safe_dump(dict(content), sort_keys=False, width=100) if _BREAKS.search(text) else text


def _dumped(blueprint: Mapping[str, Any]) -> str:
    import yaml

    try:
        return written_yaml(blueprint)
    except (yaml.YAMLError, RecursionError):
        raise ParameterError(
            "`blueprint` holds something else than text, numbers, lists and mappings; write it as YAML would."
        ) from None


def _read(path: Path) -> str:
    """The file's content: in the working folder first, then among the samples."""
    if path.suffix.casefold() not in _ENDINGS:
        raise ParameterError(
            f"`blueprint` is {str(path)!r}; expected a file whose name ends in .yml, or YAML text of several lines."
        )
    bases = [Path()] if path.is_absolute() else [Path(), folder("data_samples").parent]
    there = next((base / path for base in bases if (base / path).is_file()), None)
    if there is None:
        beside = {one.name for base in bases for one in (base / path).parent.glob("*.y*ml")}
        raise ParameterError(f"The blueprint {str(path)!r} was not found.{nearest(path.name, beside)}")
    if there.stat().st_size > 4 * _LONGEST:
        raise ParameterError(f"The blueprint {str(path)!r} is too large; expected at most {_LONGEST:,} signs.")
    try:
        return there.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ParameterError(f"The blueprint {str(path)!r} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ParameterError(f"The blueprint {str(path)!r} is no text in UTF-8; save it as such.") from None


def read_yaml(text: str) -> Any:
    """What does this YAML say? Values are text, lists and mappings; numbers are taken as they are written.

    Args:
        text: YAML.

    Returns:
        Its content; mappings are `Lined`.

    Raises:
        ParameterError: it is no YAML, a key stands twice, or it makes use of what a blueprint does not need.
    """
    import yaml

    try:
        _refuse_shape(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise ParameterError(_fault(error)) from None
    except yaml.YAMLError:
        raise ParameterError("The blueprint holds a sign that YAML does not allow; save it as plain text.") from None
    return None if root is None else _plain(root)


def _refuse_shape(text: str) -> None:
    """What refers back may never end, and what is nested deeply is no blueprint: seen before it is built."""
    import yaml

    depth = 0
    for one in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(one, yaml.CollectionStartEvent) - isinstance(one, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            line = one.start_mark.line + 1
            raise ParameterError(f"The blueprint is nested too deeply, line {line}; a node is a flat list of keys.")
        if isinstance(one, yaml.AliasEvent):
            raise ParameterError("The blueprint refers back with `*`; write each node out.")


def _fault(error: Any) -> str:
    mark = error.problem_mark or error.context_mark
    where = f", line {mark.line + 1}" if mark is not None else ""
    told = (error.problem or error.context or "it cannot be read").replace("\t", "tab")
    return (
        f"The blueprint is no YAML{where}: {told}. Check that line and the one above it: spaces at its start, "
        "a colon with a space after it, quotes around texts with `:` or `#`."
    )


def _plain(node: Any) -> Any:
    if node.id == "sequence":
        return [_plain(one) for one in node.value]
    if node.id == "mapping":
        return _mapping(node)
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind in _NOT_TEXT:
        raise ParameterError(
            f"Line {node.start_mark.line + 1} has {node.value}, which YAML reads as {_NOT_TEXT[kind]}; "
            f"put it in quotes: '{node.value}'."
        )
    return node.value


def _mapping(node: Any) -> Lined:
    found, lines = Lined(), dict[str, int]()
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.id != "scalar":
            raise ParameterError(f"Line {line} has a key that is no word; expected `key: value`.")
        if key.value in found:
            raise ParameterError(f"Line {line} has `{key.value}` again; it stands in line {lines[key.value]} already.")
        found[key.value], lines[key.value] = _plain(value), line
    found.line, found.lines = node.start_mark.line + 1, lines
    return found
