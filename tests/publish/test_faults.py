"""What goes wrong in a batch: time, crashes, other runs, disks. Nothing is lost, nothing stays, words are plain."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cxlab.cli import main
from cxlab.errors import ParameterError, ReportError
from cxlab.publish.batch import run_batch
from cxlab.publish.execution import ended_by
from cxlab.publish.report import job_of, run_report, write_report
from tests.publish.outside import Outside, until

THREE = (
    "reports:\n- {analysis: shares, name: a}\n- {analysis: shares, name: b, parameters: {order: name}}\n"
    "- {analysis: shares, name: c, parameters: {segment: wait}}\n"
)


@pytest.fixture
def waits_for(tmp_path):
    path = tmp_path / "wait"
    path.touch()
    return path


@pytest.fixture
def outside(toy_notebook, waits_for):
    return Outside(toy_notebook, waits_for)


@pytest.fixture
def plan(tmp_path):
    def write(text):
        path = tmp_path / "reports.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def record(out):
    return json.loads((out / "batch.json").read_text(encoding="utf-8"))


def state(out):
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


def test_a_report_that_runs_for_ever_is_stopped_and_the_others_go_on(outside, plan, tmp_path):
    text = "reports:\n- {analysis: shares, name: long, timeout: 4s, parameters: {segment: forever}}\n"
    out = tmp_path / "out"
    done = outside.done("batch", plan(f"{text}- {{analysis: shares, name: short}}\n"), "--out", out)
    assert done.returncode == 3
    assert "ran longer than 4\u00a0s and was stopped" in done.stdout
    assert "Traceback" not in done.stderr
    assert {one["name"]: one["status"] for one in record(out)["reports"]} == {"long": "failed", "short": "ok"}
    assert [path.name for path in out.glob("long.*")] == ["long.json"]
    assert outside.gone(), "the kernel listens to no signal and has a child; both are gone all the same"


def test_a_batch_killed_in_the_middle_is_resumed(outside, plan, waits_for, tmp_path):
    out, asked = tmp_path / "out", ("batch", plan(THREE), "--out", tmp_path / "out", "--jobs", 1)
    with outside.started(*asked) as one:
        assert until(lambda: (out / "b.json").exists() and list(out.glob(".cxlab-*")), 150)
        one.kill()
    assert outside.gone(), "kernels end with their batch"
    before = state(out)
    assert sorted(before) == sorted(f"{name}.{kind}" for name in "ab" for kind in ("html", "ipynb", "json"))
    waits_for.unlink()
    done = outside.done(*asked, "--resume")
    assert done.returncode == 0, done.stderr
    assert {name: (out / name).read_bytes() for name in before} == before, "what was finished is kept"
    assert [one["kept"] for one in record(out)["reports"]] == [True, True, False]
    assert not list(out.glob(".cxlab-*")), "drafts of the killed run are gone"
    assert outside.gone()


def test_the_second_batch_into_a_folder_is_refused(outside, plan, waits_for, tmp_path):
    out, asked = tmp_path / "out", ("batch", plan(THREE), "--out", tmp_path / "out")
    with outside.started(*asked) as one:
        assert until((out / "a.json").exists, 150)
        for other in (asked, ("run", "shares", "--out", out)):
            refused = outside.done(*other)
            assert refused.returncode == 2
            assert "Another run is writing to the folder" in refused.stderr
            assert refused.stderr.count("\n") == 1
        waits_for.unlink()
        said = one.communicate(timeout=150)
        assert one.returncode == 0, said
    assert {one["status"] for one in record(out)["reports"]} == {"ok"}


def test_single_reports_may_be_written_side_by_side(outside, waits_for, toy_analysis, tmp_path):
    out = tmp_path / "out"
    with outside.started("run", "shares", "-p", "segment=wait", "--out", out) as one:
        assert until(lambda: out.exists() and list(out.glob(".cxlab-*")), 150)
        write_report(job_of("shares", {}, name="beside"), out)
        waits_for.unlink()
        assert one.wait(150) == 0
    assert {"beside.html", "shares.html"} <= {path.name for path in out.iterdir()}


def test_a_run_leaves_no_process_behind_and_no_word_of_the_kernel(outside, tmp_path):
    done = outside.done("run", "shares", "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert not outside.processes()


def test_an_interrupted_batch_stops_soon_and_keeps_what_is_finished(outside, plan, tmp_path):
    out = tmp_path / "out"
    with outside.started("batch", plan(THREE), "--out", out, "--jobs", 1) as one:
        assert until(lambda: (out / "b.json").exists() and list(out.glob(".cxlab-*")), 150)
        one.send_signal(2)
        _, said = one.communicate(timeout=60)
        assert one.returncode == 130
    assert "cxlab: stopped" in said
    assert "Traceback" not in said
    assert sorted({path.stem for path in out.iterdir()} - {""}) == ["a", "b"]
    assert outside.gone()


def test_a_report_that_begins_while_its_batch_is_stopped_ends_at_once(toy_analysis, tmp_path):
    stopped = threading.Event()
    stopped.set()
    with ended_by(stopped), pytest.raises(ReportError):
        run_report("shares", out=tmp_path / "out", segment="forever")


def test_a_killed_kernel_is_a_failed_report(toy_analysis, tmp_path):
    with pytest.raises(ReportError, match=r"lost its kernel: it was ended from outside"):
        run_report("shares", out=tmp_path / "out", segment="killed")


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"cells": [1]}', '{"cells": [{}]}', "\x00"])
def test_a_corrupt_notebook_fails_alone_with_a_plain_message(toy_analysis, toy_notebook, plan, tmp_path, text):
    toy_notebook.write_text(text)
    batch = run_batch(plan("reports:\n- {analysis: shares, name: a}\n"), out=tmp_path / "out")
    assert batch.code == 3
    assert "The notebook shares.ipynb cannot be read: it is damaged or no notebook" in batch.reports[0]["headline"]


def test_a_missing_notebook_is_said(toy_analysis, toy_notebook, tmp_path):
    toy_notebook.unlink()
    with pytest.raises(ReportError, match=r"The notebook shares.ipynb cannot be read: No such file"):
        run_report("shares", out=tmp_path / "out")


def test_a_folder_that_cannot_be_written_to_is_refused_before_anything_starts(plan, tmp_path, capsys):
    (tmp_path / "file").write_text("I am no folder")
    asked = ["batch", str(plan("reports:\n- analysis: ab_test\n")), "--out", str(tmp_path / "file" / "out")]
    assert main(asked) == 2
    assert "Nothing can be written to the folder" in capsys.readouterr().err
    assert main(["run", "ab_test", "--out", str(tmp_path / "file")]) == 2
    assert "File exists" in capsys.readouterr().err


def test_a_report_that_cannot_be_written_leaves_the_older_one(toy_analysis, plan, tmp_path, monkeypatch):
    out, asked = tmp_path / "out", plan("reports:\n- {analysis: shares, name: a}\n")
    run_batch(asked, out=out)
    before = state(out)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nbformat.write", full)
    monkeypatch.setattr("cxlab.publish.report._write_json", full)
    batch = run_batch(asked, out=out)
    assert batch.code == 3
    assert "No space left on device. Earlier reports are untouched." in batch.reports[0]["headline"]
    assert {name: text for name, text in state(out).items() if name.startswith("a.")} == {
        name: text for name, text in before.items() if name.startswith("a.")
    }


MOUNT = ["unshare", "-rm", "sh", "-c"]


def may_mount():
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*MOUNT, "mount -t tmpfs none /mnt"], check=False, capture_output=True).returncode == 0


def test_on_a_full_disk_a_batch_ends_with_one_sentence(toy_notebook, plan, tmp_path):
    if not may_mount():
        pytest.skip("no small disk can be made here")
    small, waits = tmp_path / "small", tmp_path / "none"
    small.mkdir()
    outside = Outside(toy_notebook, waits)
    code = "import sys; from tests.publish import outside; print(outside._CODE)"
    program = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    script = (
        f'mount -t tmpfs -o size=200k none "{small}" && cd "{Path.cwd()}" && '
        f'"{sys.executable}" -c "$PROGRAM" "{toy_notebook}" batch "{plan(THREE)}" --out "{small}"; '
        f'code=$?; ls -A "{small}"; exit $code'
    )
    done = subprocess.run(
        [*MOUNT, script], check=False, env={**outside.environment, "PROGRAM": program}, capture_output=True, text=True
    )
    assert done.returncode == 3, done.stderr
    assert "No space left on device" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert ".cxlab-" not in done.stdout, "no draft stays"
    assert outside.gone()


def test_what_holds_the_folder_is_refused_in_process_too(tmp_path):
    from cxlab.publish.folderlock import writing

    with (
        writing(tmp_path, alone=False),
        writing(tmp_path, alone=False),
        pytest.raises(ParameterError, match="Another run is writing"),
        writing(tmp_path, alone=True),
    ):
        pytest.fail("two held it")
    with writing(tmp_path, alone=True):
        pass
