"""A study: an analysis's notebook in a folder of one's own, with its plan, the note on its data and its reports.yml."""

import ast
import glob
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from cxlab.errors import ParameterError, nearest
from cxlab.publish.analysis import FILES
from cxlab.publish.parameters import Parameter
from cxlab.publish.register import Analysis, analysis_named

__all__ = ["Study", "copy_study", "line_of", "seen_from", "studies_in", "study_at"]

_SQL = ("select ", "select\n", "with ", "from ")


@dataclass(frozen=True, kw_only=True)
class Study(Analysis):
    """An analysis whose notebook, with the settings in it, lies in a folder of one's own."""

    path: Path
    analysis: str
    cell: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The analysis of the register that the study makes use of."""
        return self.analysis

    @property
    def notebook(self) -> Path:
        """The notebook file."""
        return self.path

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What its notebook takes: the analysis's parameters, with the defaults that the notebook gives them."""
        own = {**self.cell, "data": self.sample}
        return tuple(replace(one, default=own.get(one.name, one.default)) for one in super().parameters)

    @property
    def fixed(self) -> dict[str, Any]:
        """What a run must be told: where the table and other files lie, seen from the folder that it runs in."""
        return {"data": self.sample, **self.files}


def line_of(name: str) -> Analysis:
    """Which analysis is meant: one of the register's, or a study by its folder or notebook?

    Args:
        name: a name from `cxlab list`, or the path of a study's folder or notebook.

    Returns:
        Its line in the register, or the study.

    Raises:
        ParameterError: there is neither.

    Examples:
        >>> line_of("ab_test").question
        'Does a change work?'
    """
    path = Path(name)
    if path.suffix == ".ipynb":
        return study_at(path)
    if os.sep in name or (path.is_dir() and _notebooks(path)):
        return _only(path)
    return analysis_named(name)


def _notebooks(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.ipynb")) if _kind(_content(path, strict=False))]


def _only(folder: Path) -> Study:
    found = _notebooks(folder)
    if len(found) != 1:
        said = ", ".join(path.name for path in found) or "none"
        raise ParameterError(
            f"The folder '{folder}' holds {len(found)} study notebooks ({said}); name one, or make one: cxlab new NAME."
        )
    return study_at(found[0])


def studies_in(folder: Path) -> tuple[Study, ...]:
    """Which studies lie in a folder?

    Args:
        folder: a study's own folder, or one that holds studies' folders.

    Returns:
        The studies, the folder's own first, then by name.

    Raises:
        ParameterError: a study's notebook does not fit its analysis.
    """
    places = [folder, *sorted(path for path in folder.glob("*") if path.is_dir() and not path.name.startswith("."))]
    return tuple(study_at(path) for place in places for path in _notebooks(place))


def study_at(path: Path) -> Study:
    """Which study is this notebook?

    Args:
        path: the notebook of a study.

    Returns:
        The study; its parameters are the analysis's, its defaults the notebook's.

    Raises:
        ParameterError: the file is no study's notebook, or sets what its analysis does not take.
    """
    content = _content(path, strict=True)
    kind = _kind(content)
    if not kind:
        raise ParameterError(
            f"{path.name} is no study: it names no analysis, or is a report. Make one: cxlab new NAME."
        )
    line = analysis_named(kind)
    cell = _settings(path, content, line)
    taken = {one.name: getattr(line, one.name) for one in fields(Analysis)}
    own = {
        "name": path.stem,
        "question": str(content["metadata"].get("title") or path.stem),
        "sample": seen_from(path.parent, str(cell.pop("data", line.sample)), Path()),
    }
    files = {name: seen_from(path.parent, cell[name], Path()) for name in FILES if _named(cell.get(name))}
    return Study(**taken | own, path=path, analysis=line.name, cell=cell, files=files)


def _named(value: Any) -> bool:
    """Can it be a file's name, and no text of several lines?"""
    return isinstance(value, str) and "\n" not in value


def _content(path: Path, *, strict: bool) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict) and isinstance(content.get("cells"), list):
            return {"metadata": {}, **content}
        problem = "it is no notebook"
    except OSError as error:
        problem = str(error.strerror)
    except ValueError:
        problem = "it is damaged or no notebook"
    if strict:
        raise ParameterError(f"The notebook '{path}' cannot be read: {problem}.")
    return {"metadata": {}, "cells": []}


def _kind(content: Mapping[str, Any]) -> str:
    """The analysis that a study's notebook names; a report made from one is no study."""
    ours = content["metadata"].get("cxlab")
    made = "papermill" in content["metadata"]
    return str(ours.get("analysis", "")) if isinstance(ours, dict) and not made else ""


def _settings(path: Path, content: Mapping[str, Any], line: Analysis) -> dict[str, Any]:
    """What the cell tagged `parameters` sets; values that are no plain ones stay the analysis's own."""
    tagged = [one for one in content["cells"] if "parameters" in one.get("metadata", {}).get("tags", ())]
    if not tagged:
        raise ParameterError(f"{path.name} has no cell tagged `parameters`; copy it from a new study: cxlab new NAME.")
    try:
        lines = ast.parse("".join(tagged[0]["source"])).body
    except SyntaxError as error:
        raise ParameterError(f"The parameters of {path.name} are no Python (line {error.lineno}).") from None
    found = dict(pair for one in lines if (pair := _assigned(one)))
    known = [one.name for one in line.parameters]
    for name in found:
        if name not in known:
            raise ParameterError(f"{path.name} sets `{name}`, which {line.name} does not take.{nearest(name, known)}")
    return found


def _assigned(line: ast.stmt) -> tuple[str, Any] | None:
    if not isinstance(line, ast.AnnAssign | ast.Assign) or line.value is None:
        return None
    target = line.target if isinstance(line, ast.AnnAssign) else line.targets[0]
    try:
        return (target.id, ast.literal_eval(line.value)) if isinstance(target, ast.Name) else None
    except ValueError:
        return None


def seen_from(folder: Path, data: str, start: Path) -> str:
    """How is a study's table called from another folder?

    Args:
        folder: where the name `data` was written.
        data: a path, a glob or SQL.
        start: the folder to call it from.

    Returns:
        The path from there; what is no file of that folder (SQL, a sample) stays as it is.

    Examples:
        >>> seen_from(Path("study"), "SELECT 1", Path())
        'SELECT 1'
    """
    if data[:7].casefold().startswith(_SQL) or Path(data).is_absolute() or not glob.glob(str(folder / data)):
        return data
    return os.path.relpath(folder / data, start)


def copy_study(study: Study, path: Path) -> None:
    """Copy a study's notebook to where its table and other files are called by their whole paths.

    Args:
        study: the study.
        path: the copy.
    """
    import nbformat

    notebook = nbformat.read(study.path, 4)
    whole = {name: str(Path(text).absolute()) if glob.glob(text) else text for name, text in study.fixed.items()}
    place = next(i for i, one in enumerate(notebook.cells) if "parameters" in one.metadata.get("tags", ()))
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell("\n".join(map(_set, whole.items()))))
    nbformat.write(notebook, path)


def _set(setting: tuple[str, str]) -> str:
    return f"{setting[0]} = {setting[1]!r}"
