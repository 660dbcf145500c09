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
            command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=os.environ | environment
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
        process.wait(30)


def main(port: int) -> None:
    register.ANALYSES = app.ANALYSES = (*register.ANALYSES, *FAULTS)
    app.serve(port=port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
