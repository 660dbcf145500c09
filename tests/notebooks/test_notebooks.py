"""Executed reference notebooks are compared, output by output; every project notebook runs as it is."""

import os
import subprocess
import sys

import nbformat
import pytest

from cxlab.publish.register import ANALYSES, analysis_named
from tests.notebooks.write import HERE, reference

EACH = pytest.mark.parametrize("analysis", ANALYSES, ids=lambda one: one.name)


def nbval(*arguments, cwd):
    (cwd / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(cwd / "pytest.ini"), "-p", "no:cacheprovider",
               "--nbval-cell-timeout=120", *map(str, arguments)]  # fmt: skip
    environment = os.environ | {"CXLAB_SURFACE": "report"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@EACH
def test_a_reference_is_the_projects_notebook(analysis):
    stored = nbformat.read(HERE / f"{analysis.name}.ipynb", 4)
    assert [cell.source for cell in stored.cells] == [cell.source for cell in reference(analysis).cells], (
        "run: python -m tests.notebooks.write"
    )
    assert any(cell.get("outputs") for cell in stored.cells)


def test_the_references_give_what_they_store(tmp_path):
    """The notebooks themselves, whose last call draws, are run by the batch of all reports (tests/publish/made.py)."""
    done = nbval("--nbval", *(HERE / f"{one.name}.ipynb" for one in ANALYSES), cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-4000:]


def test_a_planted_change_is_found(tmp_path):
    stored = nbformat.read(HERE / f"{analysis_named('ab_test').name}.ipynb", 4)
    shown = [output for cell in stored.cells for output in cell.get("outputs", ())]
    assert "23.5%" in shown[-1]["text"]
    shown[-1]["text"] = shown[-1]["text"].replace("23.5%", "23.6%")
    nbformat.write(stored, tmp_path / "planted.ipynb")
    done = nbval("--nbval", tmp_path / "planted.ipynb", cwd=tmp_path)
    assert done.returncode == 1
    assert "23.6%" in done.stdout
