"""The job as a notebook for Voila as it comes, written where it is wanted."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

CELL = """
import sys
sys.path.insert(0, {root!r})
import altair as alt
import ipywidgets
import pandas as pd
from IPython.display import display
from benchmarks.visits.job import compared, sentence, table_path

frame = pd.read_csv(table_path())
metric, out = ipywidgets.Dropdown(options=["revenue", "effort"], description="Metric"), ipywidgets.Output()

def show(_=None):
    found = compared(frame, metric.value)
    out.clear_output(wait=True)
    with out:
        print(sentence(found, metric.value))
        display(found)
        display(alt.Chart(found).mark_bar().encode(x="ci_low", x2="ci_high", y="segment"))

metric.observe(show, "value")
show()
display(metric, out)
"""

SAME = """
import sys
sys.path.insert(0, {root!r})
import cxlab as cx
import ipywidgets
from IPython.display import display
from benchmarks.visits.job import table_path

table = cx.table(table_path())
metric, out = ipywidgets.Dropdown(options=["revenue", "effort"], description="Metric"), ipywidgets.Output()

def show(_=None):
    settings = {{"control": "control", "unit": "customer_id", "segment": "segment"}}
    found = cx.ab_test(table, metrics=[f"mean('{{metric.value}}')"], **settings)
    out.outputs = ()
    out.append_display_data(found)

metric.observe(show, "value")
show()
display(metric, out)
"""


def write_notebook(path: str, root: str, cell: str = CELL) -> None:
    """Write the notebook.

    Args:
        path: where.
        root: the project's folder.
        cell: its one cell.
    """
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook = new_notebook(cells=[new_code_cell(cell.format(root=root))], metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)
