"""`cx.run_batch`: many reports side by side, one index page; one failing never spoils another."""

import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cxlab.errors import CxlabError, ParameterError
from cxlab.publish.execution import LONGEST, ended_by, stop_notebooks
from cxlab.publish.folderlock import draft_folder, open_folder, writing
from cxlab.publish.gates import judged, missed_gates
from cxlab.publish.index import index_page
from cxlab.publish.jobs import Job, seconds_of
from cxlab.publish.junit import junit_xml
from cxlab.publish.origin import kept_result, look_again, versions
from cxlab.publish.pdf import chromium
from cxlab.publish.plan import read_plan
from cxlab.publish.report import failed_checks, failure_of, make_report, record_failure
from cxlab.publish.warm.owner import start_warm

__all__ = ["Batch", "run_batch"]

_FIELDS = ("analysis", "title", "status", "parameters", "headline", "decision", "checks", "data", "duration_s")
_MEANINGS = {
    0: "every report is finished",
    1: "every report is finished, but a gate was missed, or a check failed and --fail-on-check was given",
    3: "a report failed",
}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a batch wrote: the index page, the JSON, the JUnit XML, and what they say."""

    index: Path
    json: Path
    junit: Path
    reports: Sequence[Mapping[str, Any]] = field(repr=False)
    fail_on_check: bool = False

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the reports that failed."""
        return tuple(one["name"] for one in self.reports if one["status"] == "failed")

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of the reports that missed a gate."""
        return tuple(one["name"] for one in self.reports if missed_gates(one))

    @property
    def warned(self) -> tuple[str, ...]:
        """Names of the reports in which a check failed."""
        return tuple(one["name"] for one in self.reports if failed_checks(one))

    @property
    def code(self) -> int:
        """The exit code: 0 done, 1 a gate missed or a check failed, 3 a report failed."""
        if self.failed:
            return 3
        return int(bool(self.missed or (self.fail_on_check and self.warned)))


def run_batch(
    path: str | Path,
    *,
    out: str | Path,
    jobs: int | None = None,
    timeout: str = LONGEST,
    resume: bool = False,
    fail_on_check: bool = False,
    pdf: bool = False,
    progress: bool = False,
) -> Batch:
    """What do all the reports of a file say?

    Args:
        path: a reports.yml: a list under `reports`, each with `analysis` and, where wanted, `title`, `name`,
            `parameters`, `matrix` (parameter: list of values), `timeout` and `gates`.
        out: folder for the reports, index.html, batch.json and junit.xml; made where missing.
        jobs: how many to run side by side; None takes the number of processors, four at most.
        timeout: how long a report may run that has no `timeout` of its own, such as "10min".
        resume: keep reports that are finished, if data, parameters, notebook and versions are what they were.
        fail_on_check: a failed check makes the exit code 1.
        pdf: print each page as PDF as well, by Chromium.
        progress: show a bar, on the terminal or in a notebook's cell.

    Returns:
        The paths of index page, JSON and JUnit XML, one entry per report, and the exit code.

    Raises:
        ParameterError: the file or any report in it is not right, the folder cannot be written to, or another run is
            at work there; nothing was started.
        ReportError: the folder could not be written to at the end.

    Examples:
        >>> run_batch("no_such.yml", out="reports")
        Traceback (most recent call last):
        cxlab.errors.ParameterError: The file 'no_such.yml' cannot be read: No such file or directory.
    """
    if jobs is not None and jobs < 1:
        raise ParameterError(f"`jobs` is {jobs}; expected a whole number from 1.")
    plan = _plan(path, timeout, pdf)
    folder, start = open_folder(Path(out)), time.perf_counter()
    with writing(folder, alone=True):
        kept = _kept(plan, folder) if resume else {}
        wanted = [job for job in plan if job.stem not in kept]
        made = _made(wanted, folder, jobs or min(os.cpu_count() or 1, 4), progress)
        reports = [_entry(job, *(kept | made)[job.stem], kept=job.stem in kept) for job in plan]
        return _finish(folder, reports, time.perf_counter() - start, fail_on_check)


def _plan(path: str | Path, timeout: str, pdf: bool) -> list[Job]:
    longest = seconds_of(timeout)
    plan = [replace(job, seconds=job.seconds or longest, pdf=pdf) for job in read_plan(path)]
    if pdf:
        chromium()
    return plan


def _kept(plan: Sequence[Job], folder: Path) -> dict[str, tuple[dict[str, Any], bool]]:
    look_again()
    found = {job.stem: kept_result(job, folder) for job in plan}
    return {stem: (result, True) for stem, result in found.items() if result is not None}


def _made(plan: Sequence[Job], folder: Path, jobs: int, progress: bool) -> dict[str, tuple[dict[str, Any], bool]]:
    """Name of each report to its JSON, and whether its pages are there."""
    if not plan:
        return {}
    start_warm()
    stopped = threading.Event()
    with _pool(jobs, stopped) as pool:
        running = {pool.submit(_outcome, job, folder, stopped): job.stem for job in plan}
        return {running[one]: one.result() for one in _watched(running, progress)}


@contextmanager
def _pool(jobs: int, stopped: threading.Event) -> Iterator[ThreadPoolExecutor]:
    """Workers that let go at once when the user stops the batch; what is finished stays."""
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="cxlab-report")
    try:
        yield pool
    except BaseException:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
        stop_notebooks()
        raise
    pool.shutdown()


def _watched(running: Mapping[Future[Any], str], progress: bool) -> Iterable[Future[Any]]:
    finished = as_completed(running)
    if not progress:
        return finished
    from tqdm.auto import tqdm  # a bar of the notebook's own in JupyterLab

    return tqdm(finished, total=len(running), desc="Reports", unit="report")


def _outcome(job: Job, folder: Path, stopped: threading.Event) -> tuple[dict[str, Any], bool]:
    """One report's JSON, whatever became of it."""
    start = time.perf_counter()
    try:
        with ended_by(stopped):
            return dict(make_report(job, folder).result), True
    except CxlabError as error:
        return _failed(job, folder, error, time.perf_counter() - start, stopped), False
    finally:
        _close_loop()


def _failed(job: Job, folder: Path, error: CxlabError, seconds: float, stopped: threading.Event) -> dict[str, Any]:
    """A failure is written beside the others, where anything can be written."""
    if not stopped.is_set():
        try:
            return record_failure(job, folder, error, seconds)
        except CxlabError:
            pass  # the disk is full: the index page may fail too, and says so then
    return failure_of(job, error, seconds)


def _close_loop() -> None:
    """Papermill leaves this thread's event loop open."""
    from jupyter_core.utils import ensure_event_loop

    ensure_event_loop().close()


def _entry(job: Job, result: Mapping[str, Any], whole: bool, *, kept: bool) -> dict[str, Any]:
    """One report's line in batch.json."""
    kinds = ("html", "ipynb", *(["pdf"] if job.pdf else []), "json") if whole else ("json",)
    also = {key: result.get(key) for key in ("badge", "scope", "error") if result.get(key)}
    return {
        "name": job.stem, **{key: result[key] for key in _FIELDS}, **also,
        "gates": judged(job.gates, result) if whole else [], "kept": kept,
        "files": {kind: f"{job.stem}.{kind}" for kind in kinds},
    }  # fmt: skip


def _finish(folder: Path, reports: list[dict[str, Any]], seconds: float, fail_on_check: bool) -> Batch:
    paths = {"index": folder / "index.html", "junit": folder / "junit.xml", "json": folder / "batch.json"}
    batch = Batch(**paths, reports=reports, fail_on_check=fail_on_check)
    content = {
        "status": "failed" if batch.failed else "ok",
        "exit": {"code": batch.code, "meaning": _MEANINGS[batch.code]},
        "fail_on_check": fail_on_check, "reports": reports, "versions": versions(), "duration_s": round(seconds, 2),
    }  # fmt: skip
    texts = {
        "index": index_page(reports), "junit": junit_xml(reports, seconds=seconds, fail_on_check=fail_on_check),
        "json": json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n",
    }  # fmt: skip
    with draft_folder(folder) as drafts:
        for kind, path in paths.items():
            (drafts / path.name).write_text(texts[kind], encoding="utf-8")
        for path in paths.values():
            os.replace(drafts / path.name, path)
    return batch
