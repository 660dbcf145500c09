"""A small analysis with its notebook, as a fourth line of the register."""

from dataclasses import replace

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from cxlab.publish import app, register
from tests.publish import toy

READ = "import cxlab as cx\nfrom tests.publish import toy\n\ntable = cx.table(data, tz=tz)"
CALL = "cx.explore(toy.shares, table, segment=segment, order=order, least=least, only=only, confidence=confidence)"


@pytest.fixture
def plans(tmp_path):
    path = tmp_path / "plans.csv"
    plan = ["basic"] * 300 + ["plus"] * 150 + ["pro"] * 50
    pd.DataFrame({"plan": plan, "id": range(500), "explode": plan}).to_csv(path, index=False)
    return path


def write_notebook(path, plans):
    parameters = (
        f'data: str = "{plans}"\ntz: str = "UTC"\nsegment: str = "plan"\norder: str = "share"\nleast: float = 0.0\n'
        "only: list[str] = None\nconfidence: float = 0.95"
    )
    cells = [
        new_markdown_cell("# How are customers spread?\n\nRead the bars."),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}), new_code_cell(READ), new_code_cell(CALL),
        new_markdown_cell("## Method\n\nWe count."),
    ]  # fmt: skip
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


@pytest.fixture
def toy_notebook(tmp_path, plans):
    path = tmp_path / "shares.ipynb"
    write_notebook(path, plans)
    return path


@pytest.fixture
def toy_analysis(toy_notebook, plans, monkeypatch):
    path = toy_notebook
    monkeypatch.setattr(toy.ToyAnalysis, "place", path)
    monkeypatch.setattr(register, "ANALYSES", (*register.ANALYSES, replace(toy.TOY, sample=str(plans))))
    monkeypatch.setattr(app, "ANALYSES", register.ANALYSES)
    return toy.TOY
