"""One notebook per analysis, short and plain, equal to the register."""

import ast

import nbformat
import pytest

from cxlab.publish.register import ANALYSES
from tests.structure.source import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PLAIN = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.If,
    ast.For,
    ast.While,
    ast.Try,
    ast.With,
)


def code(path) -> list:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def names() -> set[str]:
    return {getattr(analysis, "name", analysis) for analysis in ANALYSES}


def test_every_analysis_has_a_notebook_and_every_notebook_an_analysis() -> None:
    assert {path.stem for path in NOTEBOOKS} == names()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_and_stores_no_output(path) -> None:
    cells = code(path)
    assert len(cells) <= 5
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_no_logic_and_imports_cxlab_alone(path) -> None:
    nodes = [node for cell in code(path) for node in ast.walk(ast.parse(cell.source))]
    assert not [node for node in nodes if isinstance(node, PLAIN)]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert imported == {"cxlab"}
    assert not [node for node in nodes if isinstance(node, ast.ImportFrom)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_one_parameters_cell(path) -> None:
    tagged = [cell for cell in code(path) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
