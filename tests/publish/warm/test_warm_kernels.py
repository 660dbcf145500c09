"""Kernels forked from the warm process are ordinary kernels: own luck, own folder, signals, restarts, no orphans."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.manager import KernelManager

from cxlab.publish.warm import owner, stop_warm, use_warm_kernels, warm_process
from cxlab.publish.warm.process import ForkedKernel

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux alone")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def our_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", os.environ.get("JUPYTER_PATH", ""))
    use_warm_kernels()


class Kernel:
    """A running kernel, asked in one line."""

    def __init__(self, manager: KernelManager) -> None:
        self.manager, self.client = manager, manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def __call__(self, code: str) -> str:
        said: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            content = message["content"]
            said.append(content.get("text", "") or content.get("ename", ""))

        self.client.execute_interactive(code, timeout=60, output_hook=hear)
        return "".join(said).strip()

    @property
    def warm(self) -> bool:
        return isinstance(self.manager.provisioner.process, ForkedKernel)  # type: ignore[union-attr]


@contextmanager
def kernel(**options: Any) -> Iterator[Kernel]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(**options)
    started = Kernel(manager)
    try:
        yield started
    finally:
        started.client.stop_channels()
        manager.shutdown_kernel(now=True)


def gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_a_kernel_is_forked_with_everything_imported_and_lives_in_its_own_folder(tmp_path: Path) -> None:
    with kernel(cwd=str(tmp_path), env={**os.environ, "CXLAB_TOLD": "yes"}) as ask:
        assert ask.warm
        assert ask("import os; print(os.getppid())") == str(warm_process().pid)
        assert ask("import os; print(os.getcwd(), os.environ['CXLAB_TOLD'])") == f"{tmp_path} yes"
        assert ask("import sys; print('altair' in sys.modules, 'cxlab.experiments' in sys.modules)") == "True True"
        assert ask("print('' in sys.path, __name__)") == "True __main__"


def test_for_one_report_only_what_it_needs_is_imported_before(tmp_path: Path) -> None:
    stop_warm()
    try:
        owner.start_warm("cxlab.experiments")
        with kernel(cwd=str(tmp_path)) as ask:
            assert ask.warm
            asked = (
                "import sys; print([name in sys.modules for name in ('cxlab.experiments', 'altair', 'scipy.stats')])"
            )
            assert ask(asked) == "[True, True, False]"
            assert (
                ask("from statsmodels.stats.proportion import proportion_confint as p; print(p(1, 2)[0] < 0.5)")
                == "True"
            )
    finally:
        stop_warm()


@pytest.mark.parametrize(("server", "ready"), [("voila/0.5", False), ("jupyter/2", True)])
def test_a_kernel_of_jupyterlab_brings_a_debugger_and_one_of_an_app_does_not(server: str, ready: bool) -> None:
    with kernel(env={**os.environ, "SERVER_SOFTWARE": server}) as ask:
        assert ask("import sys; print(sys.modules.get('debugpy') is not None)") == str(ready)


def test_a_page_that_asks_for_all_controls_at_once_is_answered() -> None:
    def told(message: dict[str, Any]) -> None:
        if message["msg_type"] == "comm_msg":
            states.update(message["content"]["data"].get("states", {}))

    states: dict[str, Any] = {}
    with kernel() as ask:
        ask("import ipywidgets; boxes = [ipywidgets.Text(), ipywidgets.IntSlider()]")
        open_it = ask.client.session.msg("comm_open", {"comm_id": "all", "target_name": "jupyter.widget.control"})
        open_it["content"]["data"], open_it["metadata"] = {}, {"version": "1.0.0"}
        ask.client.shell_channel.send(open_it)
        asked = {"comm_id": "all", "data": {"method": "request_states"}}
        ask.client.shell_channel.send(ask.client.session.msg("comm_msg", asked))
        while not states:
            told(ask.client.get_iopub_msg(timeout=10))
    assert {"TextModel", "IntSliderModel"} <= {one["model_name"] for one in states.values()}


def test_no_two_kernels_share_their_luck() -> None:
    code = "import numpy, random, uuid; print(numpy.random.rand(), random.random(), uuid.uuid4())"
    with kernel() as one, kernel() as other:
        assert not set(one(code).split()) & set(other(code).split())


def test_several_at_once_all_answer() -> None:
    def number(_: int) -> str:
        with kernel() as ask:
            assert ask.warm
            return ask("import numpy; print(numpy.random.rand())")

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(number, range(6)))) == 6


def test_an_interrupt_stops_the_cell_and_not_the_kernel() -> None:
    with kernel() as ask:
        ask("kept = 1")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(ask, "import time; time.sleep(60)")
            time.sleep(1)
            ask.manager.interrupt_kernel()
            assert waiting.result(20) == "KeyboardInterrupt"
        assert ask("print(kept)") == "1"


def test_a_restart_gives_a_fresh_warm_kernel() -> None:
    with kernel() as ask:
        ask("kept = 1")
        ask.manager.restart_kernel(now=True)
        ask.client.wait_for_ready(timeout=60)
        assert ask.warm
        assert ask("print('kept' in dir())") == "False"


def test_kernels_outlive_the_warm_process_and_the_next_one_is_warm_again() -> None:
    with kernel() as ask:
        ask("kept = 1")
        first = warm_process().pid
        os.kill(first, signal.SIGKILL)
        assert gone(first)
        assert ask("print(kept)") == "1"
        with kernel() as other:
            assert other.warm
            assert warm_process().pid != first
        assert ask("print(kept)") == "1"


def test_changed_code_renews_the_warm_process(monkeypatch: pytest.MonkeyPatch) -> None:
    before = warm_process()
    assert warm_process() is before
    monkeypatch.setattr(owner, "code_state", lambda: "edited")
    after = warm_process()
    assert after is not before
    assert gone(before.pid)
    with kernel() as ask:
        assert ask("import os; print(os.getppid())") == str(after.pid)


def test_the_state_of_the_code_follows_edits_and_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cxlab.publish.warm import folders

    source = tmp_path / "module.py"
    source.write_text("a = 1")
    monkeypatch.setattr(folders, "_sources", lambda: iter([source]))
    before = folders.code_state()
    assert folders.code_state() == before
    os.utime(source, ns=(1, source.stat().st_mtime_ns + 1))
    assert folders.code_state() != before


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, logger="cxlab.warm")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "cxlab.warm"]


def test_a_kernel_that_dies_before_it_listens_is_replaced_and_the_reason_is_logged(
    monkeypatch: pytest.MonkeyPatch, told: Callable[[], list[str]]
) -> None:
    from cxlab.publish.warm import provisioner

    real = provisioner._fork

    def fork(arguments: list[str], environment: dict[str, str], folder: str) -> ForkedKernel:
        return real(arguments, environment, str(Path(folder) / "no" / "such" / "folder"))

    monkeypatch.setattr(provisioner, "_fork", fork)
    with kernel() as ask:
        assert not ask.warm
        assert ask("print(1 + 1)") == "2"
    (line,) = told()
    assert "an ordinary one takes its place" in line
    assert "FileNotFoundError" in line


def test_where_it_is_switched_off_an_ordinary_kernel_starts_with_one_line(
    monkeypatch: pytest.MonkeyPatch, told: Callable[[], list[str]]
) -> None:
    monkeypatch.setenv("CXLAB_WARM", "off")
    with kernel() as ask:
        assert not ask.warm
        assert ask("print(1 + 1)") == "2"
    assert told() == ["A kernel starts cold: no warm process is wanted or possible here."]


def test_a_warm_process_with_threads_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from cxlab.publish.warm.owner import WarmError, WarmProcess

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent / "threaded"), str(ROOT)]))
    started = WarmProcess()
    with pytest.raises(WarmError, match="2 threads"):
        started.fork(["-f", "x"], {}, ".")
    started.stop()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, None])
def test_an_owner_that_ends_leaves_no_process(end: signal.Signals | None) -> None:
    code = (
        "import os, sys, time\n"
        "from cxlab.publish.warm import use_warm_kernels, warm_process\n"
        "use_warm_kernels()\n"
        "from jupyter_client.manager import start_new_kernel\n"
        "manager, client = start_new_kernel(kernel_name='python3')\n"
        "print(warm_process().pid, manager.provisioner.pid, flush=True)\n"
        "sys.stdin.readline()\n"
        "os._exit(0)\n"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdin and started.stdout
    pids = [int(word) for word in started.stdout.readline().split()]
    assert len(pids) == 2
    if end is None:
        started.stdin.write("\n")
        started.stdin.flush()
    else:
        started.send_signal(end)
    started.wait(20)
    started.stdin.close()
    started.stdout.close()
    assert all(gone(pid) for pid in pids)


def test_stopping_ends_the_warm_process_and_its_kernels() -> None:
    with kernel() as ask:
        pids = [warm_process().pid, ask.manager.provisioner.pid]  # type: ignore[union-attr]
        stop_warm()
        assert all(gone(pid) for pid in pids)


_SLOW_TO_SEND = """
import os, threading, time
from ipykernel.iostream import IOPubThread
def late(self, pipe=IOPubThread._event_pipe.fget, wait=time.sleep, me=threading.current_thread):
    found = pipe(self)
    wait(0.5 if me().name == "Control" else 0)
    return found
IOPubThread._event_pipe = property(late)
os.dup2(os.open({path!r}, os.O_CREAT | os.O_WRONLY), 2)
"""


def test_a_kernel_that_ends_says_its_last_word_before_it_closes_its_sockets(tmp_path: Path) -> None:
    heard = tmp_path / "stderr.txt"
    with kernel() as ask:
        assert ask(_SLOW_TO_SEND.format(path=str(heard))) == ""
        ask.manager.shutdown_kernel()
    assert heard.read_text() == ""
