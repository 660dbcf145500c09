"""The reference notebooks: each project notebook, executed, its answer in text. `python -m tests.notebooks.write`."""

from pathlib import Path

import nbformat

from cxlab.publish.notebooks import call_source
from cxlab.publish.register import ANALYSES, Analysis

HERE = Path(__file__).resolve().parent


def reference(analysis: Analysis) -> nbformat.NotebookNode:
    """The notebook without outputs: its last call prints the result instead of drawing it."""
    notebook = nbformat.read(analysis.notebook, 4)
    answer = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    name = analysis.function_name
    inner = call_source(analysis).removeprefix(f"cx.explore(\n    cx.{name},\n")
    answer.source = f"print(cx.{name}(\n{inner})".replace("    quality=quality,\n", "")
    return notebook


def main() -> None:
    from nbclient import NotebookClient

    for analysis in ANALYSES:
        notebook = reference(analysis)
        NotebookClient(notebook, kernel_name="python3", record_timing=False).execute()
        nbformat.write(notebook, HERE / f"{analysis.name}.ipynb")


if __name__ == "__main__":
    main()
