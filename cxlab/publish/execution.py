"""Papermill runs a notebook as it is, and a failure becomes one plain message."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxlab import errors
from cxlab.errors import CxlabError, DataError, ReportError
from cxlab.publish.surface import VARIABLE
from cxlab.publish.warm.folders import use_warm_kernels

__all__ = ["DataReportError", "run_notebook"]

_KERNEL = [
    f"--IPKernelApp.exec_lines=import os; os.environ['{VARIABLE}'] = 'report'",
    "--IPKernelApp.log_level=40",  # its warnings about the transport are for servers, not for readers
]
OURS = {name for name in errors.__all__ if name.endswith("Error")} | {"EngineError"}


class DataReportError(ReportError, DataError):
    """A notebook failed because the data or a value cannot give the answer: nothing is broken but the input."""


def run_notebook(path: Path, values: Mapping[str, Any], *, progress: bool = False) -> Any:
    """What does the notebook show with these values?

    Args:
        path: the notebook.
        values: parameters to set, checked before.
        progress: show a bar on the terminal.

    Returns:
        The executed notebook.

    Raises:
        ReportError: a cell failed; the message is the cell's own where cxlab raised it on purpose.
    """
    import papermill

    use_warm_kernels()
    logging.getLogger("papermill").setLevel(logging.ERROR)  # what it would warn of was checked before
    try:
        return papermill.execute_notebook(
            str(path), None, parameters=dict(values), progress_bar=progress, cwd=str(Path.cwd()),
            kernel_name="python3", store_widget_state=False, extra_arguments=_KERNEL,
            request_save_on_cell_execute=False,
        )  # fmt: skip
    except papermill.exceptions.PapermillExecutionError as error:
        raise failure(path, error) from None
    except Exception as error:
        raise ReportError(f"The notebook {path.name} could not be run: {error}") from error


def failure(path: Path, error: Any) -> CxlabError:
    """Why did the notebook fail, for a reader?

    Args:
        path: the notebook.
        error: Papermill's.

    Returns:
        The error to raise: cxlab's own text as it is, any other with its cell and kind.
    """
    if error.ename in OURS:
        return DataReportError(str(error.evalue))
    return ReportError(f"The notebook {path.name} failed in cell {error.exec_count}: {error.ename}: {error.evalue}")
