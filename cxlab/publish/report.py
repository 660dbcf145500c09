"""`cx.run_report`: one executed notebook, one page and one JSON, written whole or not at all."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxlab.errors import CxlabError, ReportError
from cxlab.publish.deferred import defer_slow_imports
from cxlab.publish.execution import LONGEST, run_notebook
from cxlab.publish.explorer import RESULT_TYPE
from cxlab.publish.folderlock import draft_folder, open_folder, writing
from cxlab.publish.jobs import Job, job_of, seconds_of
from cxlab.publish.origin import files_of, origin_of
from cxlab.publish.page import report_page
from cxlab.publish.pdf import print_page
from cxlab.publish.warm.owner import start_warm

__all__ = [
    "Job",
    "Report",
    "failed_checks",
    "job_of",
    "make_report",
    "record_failure",
    "run_report",
    "seconds_of",
    "write_report",
]


# The JSON is moved last.
_ENDINGS = {"notebook": "ipynb", "html": "html", "pdf": "pdf", "json": "json"}


@dataclass(frozen=True, kw_only=True)
class Report:
    """A finished report: its files, and what the JSON says."""

    notebook: Path
    html: Path
    json: Path
    pdf: Path | None = None
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


def write_report(job: Job, out: Path, *, progress: bool = False) -> Report:
    """Run a checked job and write its files, unless a batch is at work in the folder.

    Args:
        job: what is wanted.
        out: the folder.
        progress: show a bar on the terminal.

    Returns:
        The report.

    Raises:
        ParameterError: the folder cannot be written to, or a batch is at work there.
        ReportError: the notebook failed; the JSON tells so, older pages of this name are gone.
    """
    start_warm()  # it warms up while Papermill is imported
    start = time.perf_counter()
    with writing(open_folder(out), alone=False):
        try:
            return make_report(job, out, progress=progress)
        except CxlabError as error:
            record_failure(job, out, error, time.perf_counter() - start)
            raise


def make_report(job: Job, out: Path, *, progress: bool = False) -> Report:
    """Run a checked job and write its files into a folder that is held already.

    Args:
        job: what is wanted.
        out: the folder.
        progress: show a bar on the terminal.

    Returns:
        The report.

    Raises:
        ReportError: the notebook failed, or its files could not be written; nothing has changed in the folder.
    """
    start, notebook = time.perf_counter(), job.analysis.notebook
    defer_slow_imports()
    with draft_folder(out) as place:
        origin = origin_of(job)
        executed = run_notebook(notebook, job.values, progress=progress, seconds=job.seconds or seconds_of(LONGEST))
        result = _found(job, executed, time.perf_counter() - start)
        result = _write_all(place, job, executed, {**result, "origin": origin})
        return Report(**_move(place, out, job), result=result)


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


def _write_all(place: Path, job: Job, notebook: Any, result: dict[str, Any]) -> dict[str, Any]:
    """The files, and the JSON's content: it knows page and notebook by their digests."""
    import nbformat

    nbformat.write(notebook, place / f"{job.stem}.ipynb")
    (place / f"{job.stem}.html").write_text(report_page(job, notebook, result), encoding="utf-8")
    if job.pdf:
        print_page(place / f"{job.stem}.html", place / f"{job.stem}.pdf")
    result = {**result, "origin": {**result["origin"], "files": files_of(place, job.stem)}}
    _write_json(place / f"{job.stem}.json", result)
    return result


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n", encoding="utf-8")


def _move(place: Path, out: Path, job: Job) -> dict[str, Path]:
    """The old JSON goes first and the new one comes last: where one stands, its other files stand."""
    names = {kind: f"{job.stem}.{ending}" for kind, ending in _ENDINGS.items()}
    (out / names["json"]).unlink(missing_ok=True)
    if not job.pdf:
        (out / names.pop("pdf")).unlink(missing_ok=True)
    for name in names.values():
        os.replace(place / name, out / name)
    return {kind: out / name for kind, name in names.items()}


def record_failure(job: Job, out: Path, error: CxlabError, seconds: float) -> dict[str, Any]:
    """A failed run leaves its JSON alone: no page that could pass for this run's.

    Args:
        job: what was wanted.
        out: the folder.
        error: why it failed.
        seconds: how long it ran.

    Returns:
        The JSON's content.

    Raises:
        ReportError: not even that can be written; nothing has changed in the folder.
    """
    content = failure_of(job, error, seconds)
    with draft_folder(out) as place:
        name = f"{job.stem}.json"
        _write_json(place / name, content)
        for ending in ("ipynb", "html", "pdf"):
            (out / f"{job.stem}.{ending}").unlink(missing_ok=True)
        os.replace(place / name, out / name)
    return content


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
