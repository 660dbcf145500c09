"""The reference notebooks: each project notebook, executed, its answer in text.

python -m tests.notebooks.write [NAME ...]
"""

import sys
from pathlib import Path

import nbformat

from cxlab.publish.notebooks import call_source
from cxlab.publish.register import ANALYSES, Analysis, analysis_named

HERE = Path(__file__).resolve().parent


def reference(analysis: Analysis) -> nbformat.NotebookNode:
    """The notebook without outputs: its last call prints the result instead of drawing it."""
    notebook = nbformat.read(analysis.notebook, 4)
    answer = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    _, _, inner = call_source(analysis).split("\n", 2)  # after the line that names what is asked
    answer.source = f"print(cx.{analysis.function_name}(\n{inner})".replace("    quality=quality,\n", "")
    return notebook


def main(names: list[str]) -> None:
    """Write these notebooks, or all where none is named."""
    from nbclient import NotebookClient

    for analysis in map(analysis_named, names) if names else ANALYSES:
        notebook = reference(analysis)
        NotebookClient(notebook, kernel_name="python3", record_timing=False).execute()
        nbformat.write(notebook, HERE / f"{analysis.name}.ipynb")


if __name__ == "__main__":
    main(sys.argv[1:])
