"""`cx.run_report`: one executed notebook, one page and one JSON, written whole or not at all."""

import json
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxlab.errors import CxlabError, ParameterError, ReportError
from cxlab.publish.execution import run_notebook
from cxlab.publish.explorer import RESULT_TYPE
from cxlab.publish.page import report_page
from cxlab.publish.register import Analysis
from cxlab.publish.study import line_of
from cxlab.publish.values import check_values
from cxlab.publish.warm.owner import start_warm

__all__ = ["Job", "Report", "run_report", "write_report"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """Which report is wanted: the analysis, the values to set, the files' name and the page's title."""

    analysis: Analysis
    values: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    title: str = ""

    @property
    def stem(self) -> str:
        """The files' name without ending."""
        return self.name or self.analysis.name


@dataclass(frozen=True, kw_only=True)
class Report:
    """A finished report: its three files, and what the JSON says."""

    notebook: Path
    html: Path
    json: Path
    result: Mapping[str, Any] = field(repr=False)

    @property
    def data_headline(self) -> str:
        """What is wrong with the data beyond what the analysis takes care of; "" where nothing is."""
        quality = self.result.get("quality") or {"findings": [], "handled": [], "headline": ""}
        left = [one for one in quality["findings"] if one["finding"] not in quality["handled"]]
        return quality["headline"] if any(one["severity"] != "info" for one in left) else ""

    @property
    def failed_checks(self) -> tuple[Mapping[str, Any], ...]:
        """The checks that did not pass."""
        return failed_checks(self.result)


def failed_checks(result: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Which checks of a report did not pass?

    Args:
        result: a report's JSON.

    Returns:
        The checks that warn or fail.
    """
    return tuple(one for one in result["checks"] if not one["passed"])


def run_report(name: str, *, out: str | Path, **parameters: Any) -> Report:
    """What does an analysis say about this data, as files to hand on?

    Args:
        name: the analysis, such as "ab_test", or the path of a study's folder.
        out: folder for <name>.ipynb, <name>.html and <name>.json; made where missing.
        parameters: the notebook's parameters, among them `data`; the others keep the notebook's values.

    Returns:
        The three paths, and the JSON's content.

    Raises:
        ParameterError: an unknown parameter, a wrong type, or a value that is no choice; nothing was started.
        ReportError: the notebook failed while it ran; the JSON then says "failed".

    Examples:
        >>> run_report("ab_test", out="reports", metrik="x")
        Traceback (most recent call last):
        cxlab.errors.ParameterError: There is no parameter `metrik`. Did you mean 'metrics'? ...
    """
    return write_report(job_of(name, parameters), Path(out))


def job_of(analysis: str, values: Mapping[str, Any], *, name: str = "", title: str = "") -> Job:
    """May this report run? Everything is checked before a kernel starts.

    Args:
        analysis: the analysis's name, or the path of a study.
        values: the parameters to set.
        name: the files' name; "" takes the analysis's.
        title: the page's title; "" takes the notebook's question.

    Returns:
        The checked job.

    Raises:
        ParameterError: it may not.
    """
    line = line_of(analysis)
    if name and (Path(name).name != name or name.startswith(".")):
        raise ParameterError(f"`name` is {name!r}; expected a plain file name without folders, such as 'may'.")
    checked = check_values(line.parameters, {**line.fixed, **values}, complete=False)
    return Job(analysis=line, values=checked, name=name, title=title)


def write_report(job: Job, out: Path, *, progress: bool = False) -> Report:
    """Run a checked job and write its three files.

    Args:
        job: what is wanted.
        out: the folder.
        progress: show a bar on the terminal.

    Returns:
        The report.

    Raises:
        ReportError: the notebook failed; the JSON tells so, older pages of this name are gone.
    """
    start = time.perf_counter()
    start_warm()  # it warms up while Papermill is imported
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".cxlab-") as folder:
        place = Path(folder)
        try:
            notebook = run_notebook(job.analysis.notebook, job.values, progress=progress)
            result = _found(job, notebook, time.perf_counter() - start)
            _write_all(place, job, notebook, result)
        except CxlabError as error:
            _write_failure(place, out, job, error, time.perf_counter() - start)
            raise
        return Report(**_move(place, out, job.stem), result=result)


def _found(job: Job, notebook: Any, seconds: float) -> dict[str, Any]:
    """The result that the notebook displayed, with what only the run knows."""
    shown = [
        output["data"][RESULT_TYPE]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if RESULT_TYPE in output.get("data", {})
    ]
    if not shown:
        raise ReportError(f"The notebook {job.analysis.name}.ipynb showed no result; its last cell calls cx.explore.")
    settings = {one.name: one.default for one in job.analysis.parameters} | dict(job.values)
    source = {name: settings[name] for name in ("data", "tz", "quality") if name in settings}
    return {
        **shown[-1],
        "title": job.title or shown[-1]["title"],
        "parameters": {**source, **shown[-1]["parameters"]},
        "duration_s": round(seconds, 2),
    }


def _write_all(place: Path, job: Job, notebook: Any, result: Mapping[str, Any]) -> None:
    import nbformat

    nbformat.write(notebook, place / f"{job.stem}.ipynb")
    (place / f"{job.stem}.html").write_text(report_page(job, notebook, result), encoding="utf-8")
    _write_json(place / f"{job.stem}.json", result)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n", encoding="utf-8")


def _move(place: Path, out: Path, stem: str) -> dict[str, Path]:
    """The JSON comes last: where it stands, the two others stand."""
    paths = {
        kind: out / f"{stem}.{ending}" for kind, ending in (("notebook", "ipynb"), ("html", "html"), ("json", "json"))
    }
    for path in paths.values():
        os.replace(place / path.name, path)
    return paths


def _write_failure(place: Path, out: Path, job: Job, error: CxlabError, seconds: float) -> None:
    """A failed run leaves its JSON alone: no page that could pass for this run's."""
    path = place / f"{job.stem}.json"
    _write_json(path, failure_of(job, error, seconds))
    for ending in ("ipynb", "html"):
        (out / f"{job.stem}.{ending}").unlink(missing_ok=True)
    os.replace(path, out / path.name)


def failure_of(job: Job, error: CxlabError, seconds: float) -> dict[str, Any]:
    """What does the JSON of a failed report say?

    Args:
        job: what was wanted.
        error: why it failed.
        seconds: how long it ran.

    Returns:
        The same fields as a finished report's, empty, and `error`.
    """
    from importlib.metadata import version

    return {
        "analysis": job.analysis.kind, "title": job.title or job.analysis.question, "status": "failed",
        "parameters": dict(job.values), "headline": str(error), "decision": None, "checks": [], "tables": {},
        "semantics": [], "data": {"rows": None, "fingerprint": None, "from": None, "to": None},
        "versions": {"cxlab": version("cxlab")}, "duration_s": round(seconds, 2),
        "error": {"type": type(error).__name__, "message": str(error)},
    }  # fmt: skip
