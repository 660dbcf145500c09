"""What the notebooks say of parameters is written from the register: `python -m cxlab.publish.notebooks`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxlab.publish.parameters import Parameter, annotation_text
from cxlab.publish.register import ANALYSES, Analysis

__all__ = ["call_source", "main", "parameters_source", "stale"]


def parameters_source(analysis: Analysis) -> str:
    """What stands in a notebook's `parameters` cell?

    Args:
        analysis: its line in the register.

    Returns:
        One line per parameter: name, type, default and help.
    """
    return "\n".join(map(_line, analysis.parameters))


def _line(parameter: Parameter) -> str:
    value = None if parameter.required else parameter.default
    choices = f" One of {', '.join(map(str, parameter.choices))}." if parameter.choices else ""
    written = _list(value) if isinstance(value, list) and len(str(value)) > 60 else _literal(value)
    return f"{parameter.name}: {annotation_text(parameter)} = {written}  # {parameter.help}{choices}"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return repr(value)


def _list(values: Sequence[Any]) -> str:
    return "[\n" + "".join(f"    {_literal(value)},\n" for value in values) + "]"


def call_source(analysis: Analysis) -> str:
    """What stands in the cell that analyses and shows?

    Args:
        analysis: its line in the register.

    Returns:
        The one call, every setting passed on by its name.
    """
    passed = "".join(f"    {one.name}={one.name},\n" for one in analysis.passed)
    asked = f"cx.{analysis.function_name}" if analysis.leads else _literal(analysis.kind)
    return f"cx.explore(\n    {asked},\n    table,\n{passed})"


def stale(analysis: Analysis) -> bool:
    """Does the notebook say something else than the register?

    Args:
        analysis: its line in the register.

    Returns:
        Whether the notebook needs to be written again.
    """
    import nbformat

    notebook = nbformat.read(analysis.notebook, 4)
    return [cell.source for cell in _written(notebook)] != [parameters_source(analysis), call_source(analysis)]


def _written(notebook: Any) -> list[Any]:
    """The two cells that the register writes."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [code[0], code[-1]]


def _write(analysis: Analysis) -> Path:
    import nbformat

    notebook = nbformat.read(analysis.notebook, 4)
    for cell, source in zip(_written(notebook), (parameters_source(analysis), call_source(analysis)), strict=True):
        cell.source = source
    nbformat.write(notebook, analysis.notebook)
    return analysis.notebook


def main(arguments: Sequence[str]) -> int:
    """Write the notebooks' cells, or say which are stale.

    Args:
        arguments: `--check` writes nothing.

    Returns:
        1 where --check found a stale notebook.
    """
    old = [one for one in ANALYSES if stale(one)]
    for one in old:
        print(
            f"{one.notebook.name} differs from the register" if "--check" in arguments else f"wrote {_write(one).name}"
        )
    return int("--check" in arguments and bool(old))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
