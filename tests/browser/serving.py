"""Servers for the browser tests, as `cxlab app` and `cxlab lab` start them; run as a program it serves the apps."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlab.publish import app, register
from cxlab.publish.register import Analysis

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class Faulty(Analysis):
    """An analysis whose notebook differs in one place."""

    found: str = ""
    planted: str = ""

    @property
    def notebook(self) -> Path:
        source = register.analysis_named("journey_funnel").notebook.read_text(encoding="utf-8")
        assert self.found in source
        path = Path(tempfile.gettempdir()) / f"cxlab-{os.getpid()}-{self.name}.ipynb"
        path.write_text(source.replace(self.found, self.planted), encoding="utf-8")
        return path


def faulty(name: str, found: str, planted: str) -> Faulty:
    return Faulty(
        name=name, location="cxlab.journeys:journey_funnel", room="Journeys", question=f"Does {name} speak plainly?",
        scope="A planted fault", sample="data_samples/shop_events.csv.gz", found=found, planted=planted,
    )  # fmt: skip


FAULTS = (
    faulty("no_source", "data_samples/shop_events.csv.gz", "data_samples/no_such_table.csv"),
    faulty("no_column", r"time: str = \"timestamp\"", r"time: str = \"timestmp\""),
    faulty("surprise", "table = cx.table(data, tz=tz)", "table = cx.table(data, tz=tz)[0]"),
)


@dataclass(frozen=True, kw_only=True)
class Patient(Analysis):
    """An analysis that takes its time, or takes its kernel along."""

    @property
    def notebook(self) -> Path:
        import nbformat
        from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

        cells = [
            new_markdown_cell("# How long does it take?\n\nLonger."),
            new_code_cell(f'data: str = "{self.sample}"', metadata={"tags": ["parameters"]}),
            new_code_cell("import cxlab as cx\nfrom tests.browser import patient\n\ntable = cx.table(data)"),
            new_code_cell('cx.explore(patient.patient, table, pause="none")'),
        ]
        path = Path(tempfile.gettempdir()) / f"cxlab-{os.getpid()}-{self.name}.ipynb"
        kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
        return path


PATIENT = Patient(
    name="patient", location="tests.browser.patient:patient", room="Journeys", question="How long does it take?",
    scope="A planted wait", sample="data_samples/checkout_test.csv",
)  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def running(command: list[str], address: str, log: Path, **environment: str) -> Iterator[str]:
    """The server's address, once it answers; it is stopped at the end."""
    with log.open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        )
    try:
        deadline = time.monotonic() + 90
        while not answers(address):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(30)
        finally:
            process.kill()
            process.wait()


def until(page: Any, expression: str, seconds: float = 60) -> None:
    """Wait until something holds in the page; its policy lets no text be run, so it is asked again and again."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        time.sleep(0.02)


def main(port: int, *more: str) -> None:
    from cxlab.cli import main as command

    register.ANALYSES = app.ANALYSES = (*register.ANALYSES, *FAULTS, PATIENT)
    command(["app", "--port", str(port), *more])


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
