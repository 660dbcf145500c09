"""A reports.yml, read and checked wholly before anything starts."""

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from cxlab.errors import ParameterError, nearest
from cxlab.publish.gates import read_gates
from cxlab.publish.jobs import Job, job_of, seconds_of
from cxlab.publish.register import analysis_named
from cxlab.publish.study import study_at
from cxlab.publish.values import write_text

__all__ = ["read_plan"]

_KEYS = ("analysis", "notebook", "title", "name", "parameters", "matrix", "timeout", "gates")


def read_plan(path: str | Path) -> list[Job]:
    """Which reports does this file ask for, and may all of them run?

    Args:
        path: a YAML file with a list under `reports`.

    Returns:
        One checked job per report; a matrix gives one for each combination.

    Raises:
        ParameterError: the file, or any one report in it, is not right; the message names the place.
    """
    folder = Path(path).parent
    jobs = [job for place, entry in enumerate(_entries(Path(path)), 1) for job in _jobs(place, entry, folder)]
    stems = [job.stem for job in jobs]
    twice = next((stem for stem in stems if stems.count(stem) > 1), None)
    if twice is not None:
        raise ParameterError(f"Two reports would be written as '{twice}'; give them different names with `name:`.")
    return jobs


def _entries(path: Path) -> list[Any]:
    content = _content(path)
    entries = content.get("reports") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise ParameterError(f"{path.name} has no reports; expected a list under `reports:`.")
    _only_known(content, ("reports",), path.name)
    return entries


def _content(path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ParameterError(f"The file '{path}' cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParameterError(f"{path.name} is no YAML: {' '.join(str(error).split())}.") from None


def _only_known(entry: Mapping[str, Any], known: tuple[str, ...], place: str) -> None:
    for key in entry:
        if key not in known:
            raise ParameterError(
                f"{place} has `{key}`, which nothing reads.{nearest(key, known)} Allowed are: {', '.join(known)}."
            )


def _jobs(place: int, entry: Any, folder: Path) -> list[Job]:
    where = f"Report {place}"
    if not isinstance(entry, dict) or "analysis" not in entry:
        raise ParameterError(f"{where} names no analysis; expected `analysis:` with a name from `cxlab list`.")
    _only_known(entry, _KEYS, where)
    try:
        return _expanded(entry, _source(entry, folder))
    except ParameterError as error:
        raise ParameterError(f"{where} ({entry['analysis']}): {error}") from None


def _source(entry: Mapping[str, Any], folder: Path) -> str:
    """The analysis's own notebook, or the study's that `notebook` names, seen from the file's folder."""
    if "notebook" not in entry:
        return str(entry["analysis"])
    path = folder / str(entry["notebook"])
    if (found := study_at(path).kind) != analysis_named(str(entry["analysis"])).name:
        raise ParameterError(f"`notebook` is {path.name}, a study of {found}; `analysis` says {entry['analysis']}.")
    return str(path)


def _expanded(entry: Mapping[str, Any], source: str) -> list[Job]:
    matrix, shared = _mapping(entry, "matrix"), _mapping(entry, "parameters")
    for name, values in matrix.items():
        if not isinstance(values, list) or not values:
            raise ParameterError(f"`matrix` has {name}: {values!r}; expected a list of values.")
    limits: dict[str, Any] = {"gates": read_gates(entry.get("gates")), "seconds": _seconds(entry)}
    jobs = (
        job_of(
            source, {**shared, **dict(zip(matrix, chosen, strict=True))},
            name=_name(entry, chosen), title=_title(entry, chosen),
        )
        for chosen in product(*matrix.values())
    )  # fmt: skip
    return [replace(job, **limits) for job in jobs]


def _seconds(entry: Mapping[str, Any]) -> float | None:
    return None if entry.get("timeout") is None else seconds_of(entry["timeout"])


def _mapping(entry: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = entry.get(key) or {}
    if not isinstance(value, dict):
        raise ParameterError(f"`{key}` is {value!r}; expected a mapping of parameters to values.")
    return value


def _name(entry: Mapping[str, Any], chosen: tuple[Any, ...]) -> str:
    base = str(entry.get("name") or (entry["analysis"] if chosen else ""))
    words = (re.sub(r"[^\w.-]+", "-", write_text(value)).strip("-.") for value in chosen)
    return "-".join(filter(None, [base, *words]))


def _title(entry: Mapping[str, Any], chosen: tuple[Any, ...]) -> str:
    return ", ".join(
        filter(None, [str(entry.get("title") or ""), *(map(write_text, chosen) if entry.get("title") else ())])
    )
