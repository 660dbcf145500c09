"""`cx.run_batch`: many reports side by side, one index page; one failing never spoils another."""

import json
import os
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cxlab.errors import CxlabError, ParameterError
from cxlab.publish.index import index_page
from cxlab.publish.plan import read_plan
from cxlab.publish.report import Job, failed_checks, failure_of, write_report

__all__ = ["Batch", "run_batch"]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a batch wrote: the index page, the JSON, and what that says."""

    index: Path
    json: Path
    reports: Sequence[Mapping[str, Any]] = field(repr=False)

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the reports that failed."""
        return tuple(one["name"] for one in self.reports if one["status"] == "failed")

    @property
    def warned(self) -> tuple[str, ...]:
        """Names of the reports in which a check failed."""
        return tuple(one["name"] for one in self.reports if failed_checks(one))


def run_batch(path: str | Path, *, out: str | Path, jobs: int | None = None, progress: bool = False) -> Batch:
    """What do all the reports of a file say?

    Args:
        path: a reports.yml: a list under `reports`, each with `analysis` and, where wanted, `title`, `name`,
            `parameters` and `matrix` (parameter: list of values).
        out: folder for the reports, index.html and batch.json; made where missing.
        jobs: how many to run side by side; None takes the number of processors, four at most.
        progress: show a bar, on the terminal or in a notebook's cell.

    Returns:
        The paths of index page and JSON, and one entry per report.

    Raises:
        ParameterError: the file or any report in it is not right; nothing was started.

    Examples:
        >>> run_batch("no_such.yml", out="reports")
        Traceback (most recent call last):
        cxlab.errors.ParameterError: The file 'no_such.yml' cannot be read: No such file or directory.
    """
    plan, folder = read_plan(path), Path(out)
    if jobs is not None and jobs < 1:
        raise ParameterError(f"`jobs` is {jobs}; expected a whole number from 1.")
    folder.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with ThreadPoolExecutor(jobs or min(os.cpu_count() or 1, 4)) as pool:
        running = {pool.submit(_entry, job, folder): place for place, job in enumerate(plan)}
        done = {running[one]: one.result() for one in _watched(running, progress)}
    reports = [done[place] for place in sorted(done)]
    return _finish(folder, reports, time.perf_counter() - start)


def _watched(running: Mapping[Future[Any], int], progress: bool) -> Iterable[Future[Any]]:
    finished = as_completed(running)
    if not progress:
        return finished
    from tqdm.auto import tqdm  # a bar of the notebook's own in JupyterLab

    return tqdm(finished, total=len(running), desc="Reports", unit="report")


def _entry(job: Job, folder: Path) -> dict[str, Any]:
    """One report's line in batch.json, whatever became of it."""
    start = time.perf_counter()
    try:
        result = write_report(job, folder).result
        files = {kind: f"{job.stem}.{kind}" for kind in ("html", "ipynb", "json")}
    except CxlabError as error:
        result, files = failure_of(job, error, time.perf_counter() - start), {"json": f"{job.stem}.json"}
    finally:
        _close_loop()
    kept = ("analysis", "title", "status", "parameters", "headline", "decision", "checks", "data", "duration_s")
    also = {key: result.get(key) for key in ("badge", "scope", "error") if result.get(key)}
    return {"name": job.stem, **{key: result[key] for key in kept}, **also, "files": files}


def _close_loop() -> None:
    """Papermill leaves this thread's event loop open."""
    from jupyter_core.utils import ensure_event_loop

    ensure_event_loop().close()


def _finish(folder: Path, reports: list[dict[str, Any]], seconds: float) -> Batch:
    content = {
        "status": "failed" if any(one["status"] == "failed" for one in reports) else "ok",
        "reports": reports, "versions": {"cxlab": version("cxlab")}, "duration_s": round(seconds, 2),
    }  # fmt: skip
    index, record = folder / "index.html", folder / "batch.json"
    _replace(index, index_page(reports))
    _replace(record, json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
    return Batch(index=index, json=record, reports=reports)


def _replace(path: Path, text: str) -> None:
    """Write whole or not at all."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".cxlab-") as place:
        draft = Path(place) / path.name
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)
