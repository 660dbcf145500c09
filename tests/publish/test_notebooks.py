"""The notebooks: parameters from the register, five cells, nothing but cxlab."""

import ast

import nbformat
import pytest

from cxlab.publish.notebooks import main, parameters_source, stale
from cxlab.publish.register import ANALYSES

EACH = pytest.mark.parametrize("analysis", ANALYSES, ids=lambda one: one.name)


def code(analysis):
    return [cell for cell in nbformat.read(analysis.notebook, 4).cells if cell.cell_type == "code"]


@EACH
def test_the_parameters_cell_equals_the_register(analysis):
    assert not stale(analysis), "run: python -m cxlab.publish.notebooks"


def test_the_command_says_so_too(capsys):
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""


@EACH
def test_running_the_parameters_cell_gives_the_registers_values(analysis):
    space = {}
    exec(parameters_source(analysis), space)
    expected = {one.name: None if one.required else one.default for one in analysis.parameters}
    assert {name: space[name] for name in expected} == expected


@EACH
def test_papermill_reads_every_parameter(analysis):
    import papermill

    found = papermill.inspect_notebook(str(analysis.notebook))
    assert list(found) == [one.name for one in analysis.parameters]
    long = [one for one in analysis.parameters if isinstance(one.default, list) and len(str(one.default)) > 60]
    short = [one for one in analysis.parameters if one not in long]  # long lists stand on several lines
    assert len(short) >= len(found) - 1
    assert all(found[one.name]["help"].startswith(one.help) for one in short)


@EACH
def test_a_notebook_has_at_most_five_plain_code_cells_and_imports_cxlab_alone(analysis):
    cells = code(analysis)
    tree = ast.parse("\n".join(cell.source for cell in cells))
    assert len(cells) <= 5
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert imported == ["cxlab"]
    banned = (ast.ImportFrom, ast.FunctionDef, ast.If, ast.For, ast.While, ast.ClassDef, ast.Lambda)
    assert not [node for node in ast.walk(tree) if isinstance(node, banned)]


@EACH
def test_a_notebook_stores_no_outputs_and_starts_with_its_question(analysis):
    notebook = nbformat.read(analysis.notebook, 4)
    assert all(not cell.outputs and cell.execution_count is None for cell in code(analysis))
    assert notebook.cells[0].source.startswith(f"# {analysis.question}\n")
    assert "widgets" not in notebook.metadata
