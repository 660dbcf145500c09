"""A batch of toy reports in a process of its own, which may be killed; no process of it may stay."""

import os
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager

import psutil

_CODE = """
import sys
from dataclasses import replace
from pathlib import Path
from cxlab.publish import register
from tests.publish import toy
toy.ToyAnalysis.place = Path(sys.argv[1])
sample = str(toy.ToyAnalysis.place.with_name("plans.csv"))
register.ANALYSES = (*register.ANALYSES, replace(toy.TOY, sample=sample))
from cxlab.cli import main
sys.exit(main(sys.argv[2:]))
"""
_MARK = "CXLAB_TEST_MARK"


class Outside:
    """Commands of one test, and all processes that come from them."""

    def __init__(self, notebook, waits_for):
        self.notebook, self.mark = notebook, uuid.uuid4().hex
        self.environment = {**os.environ, _MARK: self.mark, "TOY_WAIT": str(waits_for)}

    @contextmanager
    def started(self, *arguments, **options):
        command = [sys.executable, "-c", _CODE, str(self.notebook), *map(str, arguments)]
        one = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        )
        try:
            yield one
        finally:
            one.kill()
            one.communicate()

    def done(self, *arguments, **options):
        with self.started(*arguments, **options) as one:
            out, err = one.communicate(timeout=240)
            return subprocess.CompletedProcess(arguments, one.returncode, out, err)

    def processes(self):
        """Those alive that have the mark in their environment: the command, the warm process, its kernels."""
        found = []
        for one in psutil.process_iter():
            try:
                if one.environ().get(_MARK) == self.mark and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue
        return found

    def gone(self, seconds=20):
        """Are all of them gone soon?"""
        return until(lambda: not self.processes(), seconds)


def until(true, seconds=150):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return bool(true())
