"""The job in cxlab: the A/B test's own notebook on the job's table. `python -m benchmarks.visits.cxlab_app PORT`."""

import json
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.visits.job import table_path
from cxlab.publish import app, register
from cxlab.publish.notebooks import parameters_source
from cxlab.publish.register import Analysis, analysis_named

_NOTEBOOK = analysis_named("ab_test").notebook
_SETTINGS = {"metrics": ["mean('revenue')"], "control": "control", "unit": "customer_id", "segment": "segment"}


@dataclass(frozen=True, kw_only=True)
class OnTheJob(Analysis):
    """The A/B test with the job's table and settings in its notebook."""

    @property
    def notebook(self) -> Path:
        """A copy of the project's notebook with other parameters."""
        notebook = json.loads(_NOTEBOOK.read_text(encoding="utf-8"))
        cells = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", ())]
        cells[0]["source"] = parameters_source(self)
        path = Path(tempfile.gettempdir()) / "cxlab-bench-ab_test.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path


def main(port: int) -> None:
    """Serve it.

    Args:
        port: where.
    """
    line = analysis_named("ab_test")
    ours = OnTheJob(**vars(replace(line, sample=table_path(), values=_SETTINGS)))
    register.ANALYSES = app.ANALYSES = (ours,)
    app.serve(port=port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
