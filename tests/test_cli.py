"""The command line: every command helps, bad input is one sentence with its exit code."""

import json
import subprocess
import sys

import pytest

from cxlab import __version__, cli
from cxlab.publish import execution
from cxlab.publish.batch import Batch
from cxlab.publish.report import Report

COMMANDS = ["list", "describe", "run", "batch", "diff", "app", "lab", "new", "demo", "check", "sample"]


@pytest.fixture
def no_kernel(monkeypatch):
    monkeypatch.setattr(execution, "run_notebook", lambda *_, **__: pytest.fail("a kernel would have started"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_that_fits_a_screen(command, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([command, "--help"])
    assert stop.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) < 24


def test_the_version(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.strip() == f"cxlab {__version__}"


def test_list_names_every_analysis_with_its_question(capsys):
    assert cli.main(["list"]) == 0
    out = capsys.readouterr().out
    assert "ab_test" in out
    assert "Do customers come back?" in out


def test_describe_names_every_parameter_with_help_and_choices(capsys):
    assert cli.main(["describe", "cohort_retention"]) == 0
    out = capsys.readouterr().out
    assert "period = month" in out
    assert "one of 'hour', 'day', 'week', 'month'" in out
    assert "last day or moment up to which the log is complete" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "ab_test", "-p", "metrik=x"], "Did you mean 'metrics'?"),
        (["run", "ab_tset"], "Did you mean 'ab_test'?"),
        (["run", "cohort_retention", "-p", "period=wek"], "Did you mean 'week'?"),
        (["run", "cohort_retention", "-p", "horizon=long"], "`horizon` is 'long'; expected a whole number or None."),
        (["run", "ab_test", "-p", "confidence"], "expected KEY=VALUE"),
        (["run", "ab_test", "-p", "tz=Mars"], "expected a time zone"),
        (["describe", "funnel"], "There is no analysis 'funnel'"),
        (["batch", "no_such.yml"], "cannot be read"),
        (["run", "ab_test", "--timeout", "10"], "`timeout` is '10'; expected a number with a unit"),
        (["batch", "notebooks/reports.yml", "--timeout", "0min"], "expected more than no time"),
        (["app", "--ip", "0.0.0.0"], "add --token"),
        (["app", "--base-url", "https://cx.example.org/"], "expected a path such as /cx/"),
        (["app", "--jupyterhub"], "No JupyterHub started this"),
        (["lab", "--jupyterhub"], "No JupyterHub started this"),
        (["check", "no_such.csv"], "no_such.csv"),
        (["check", "data_samples/checkout_test.csv", "--as", "asignments"], "Did you mean 'assignments'?"),
        (["check", "data_samples/checkout_test.csv", "-p", "unit=customer"], "Did you mean 'customer_id'?"),
        (["check", "data_samples/checkout_test.csv", "--preset", "zendesk_ticket"], "Did you mean 'zendesk_tickets'?"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(no_kernel, capsys, tmp_path, arguments, message):
    out = [] if arguments[0] in ("describe", "app", "lab") else ["--out", str(tmp_path)]
    assert cli.main([*arguments, *out]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_typing_error_fails_before_papermill_is_even_loaded():
    code = (
        "import sys; from cxlab.cli import main; code = main(['run', 'ab_test', '-p', 'metrik=x']);"
        "print(code, 'papermill' in sys.modules, 'ipywidgets' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2 False False"
    assert "metrics" in done.stderr
    assert "Traceback" not in done.stderr


def result(**changed):
    return {"headline": "39 of 100 come back.", "checks": [], **changed}


def wrote(monkeypatch, tmp_path, **changed):
    report = Report(notebook=tmp_path, html=tmp_path / "x.html", json=tmp_path, result=result(**changed))
    monkeypatch.setattr("cxlab.publish.report.write_report", lambda *_, **__: report)


def test_a_report_ends_with_its_sentence_and_page(monkeypatch, tmp_path, capsys):
    wrote(monkeypatch, tmp_path)
    assert cli.main(["run", "ab_test", "--fail-on-check"]) == 0
    assert capsys.readouterr().out.splitlines() == ["39 of 100 come back.", str(tmp_path / "x.html")]


def test_a_failed_check_is_said_and_can_fail_the_command(monkeypatch, tmp_path, capsys):
    check = {"name": "sample_ratio", "passed": False, "severity": "failure", "message": "Uneven."}
    wrote(monkeypatch, tmp_path, checks=[check])
    assert cli.main(["run", "ab_test"]) == 0
    assert cli.main(["run", "ab_test", "--fail-on-check"]) == 1
    assert "! sample_ratio: Uneven." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code"), [(execution.ReportError("cell 3"), 3), (execution.DataReportError("no column"), 2)]
)
def test_what_is_at_fault_decides_the_code(monkeypatch, capsys, error, code):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("cxlab.publish.report.write_report", fail)
    assert cli.main(["run", "ab_test"]) == code
    assert capsys.readouterr().err == f"cxlab: {error}\n"


FAILED = {"status": "failed", "checks": []}
DOUBTED = {"status": "ok", "checks": [{"passed": False}]}
MISSED = {"status": "ok", "checks": [], "gates": [{"passed": False, "message": "rate is 0.1."}]}
FINE = {"status": "ok", "checks": [{"passed": True}], "gates": [{"passed": True}]}


@pytest.mark.parametrize(
    ("reports", "strict", "code"),
    [([FINE], True, 0), ([DOUBTED], False, 0), ([DOUBTED], True, 1), ([FINE, MISSED], False, 1),
     ([FAILED, MISSED, DOUBTED], True, 3)],
)  # fmt: skip
def test_a_batch_ends_with_its_index_page_and_code(monkeypatch, tmp_path, capsys, reports, strict, code):
    index = tmp_path / "index.html"
    named = [{"name": "a", "headline": "Up.", **one} for one in reports]
    done = Batch(index=index, json=index, junit=index, reports=named, fail_on_check=strict)
    monkeypatch.setattr("cxlab.publish.batch.run_batch", lambda *_, **__: done)
    assert cli.main(["batch", "reports.yml"]) == code
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "a: Up."
    assert said[-1] == str(index.resolve())
    assert ("! gate missed: rate is 0.1." in said) == (MISSED in reports)


def test_the_lab_is_started_with_our_settings_beside_the_users(monkeypatch):
    from cxlab.publish.lab import lab_command

    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/home/ann/jupyter")
    command, environment = lab_command()
    assert command[1:3] == ["-m", "cxlab.publish.labserver"]
    assert f"--ServerApp.root_dir={cli.Path.cwd() / 'notebooks'}" in command
    assert environment["JUPYTER_CONFIG_PATH"].endswith("/home/ann/jupyter")
    assert environment["JUPYTER_CONFIG_PATH"].startswith(str(cli.Path(__file__).resolve().parent.parent))


def test_a_hub_gets_a_server_that_speaks_to_it(monkeypatch):
    from cxlab.publish.lab import lab_command

    for name in ("JUPYTERHUB_API_TOKEN", "JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_SERVICE_PREFIX"):
        monkeypatch.setenv(name, "given")
    monkeypatch.setattr("cxlab.publish.entrance.find_spec", lambda _: object())
    command, environment = lab_command(hub=True)
    assert command[1:3] == ["-m", "jupyterhub.singleuser"]
    assert "--no-browser" in command
    assert environment["JUPYTERHUB_API_TOKEN"] == "given", "the server needs it"
    assert "templates" in environment["JUPYTER_PATH"]


@pytest.fixture
def answers(tmp_path):
    path = tmp_path / "answers.csv"
    scores = [9, 10, 8] * 19 + [7, 99, 99]
    path.write_text("\n".join(["response_id,score", *(f"r{i},{score}" for i, score in enumerate(scores))]))
    return str(path)


def test_a_check_lists_what_is_wrong_and_writes_a_page_where_wanted(answers, tmp_path, capsys):
    asked = ["check", answers, "--as", "survey_responses"]
    assert cli.main(asked) == 0
    assert "! Act on: Codes that stand for missing in score, 2 rows (3.3%), such as 99" in capsys.readouterr().out
    assert cli.main([*asked, "--out", str(tmp_path / "out"), "--fail-on-check"]) == 1
    page = tmp_path / "out" / "check_survey_responses.html"
    assert capsys.readouterr().out.splitlines()[-1] == str(page)
    assert "Can this table of survey responses carry an answer?" in page.read_text(encoding="utf-8")
    found = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    assert [row["finding"] for row in found["tables"]["table"]] == ["sentinel_values"]


def test_a_clean_table_passes_its_check(capsys):
    assert cli.main(["check", "data_samples/checkout_test.csv", "--as", "assignments", "--fail-on-check"]) == 0
    assert "Nothing was found" in capsys.readouterr().out


def test_a_sample_company_is_written_with_its_truth(tmp_path, capsys):
    assert cli.main(["sample", str(tmp_path / "company"), "--customers", "300"]) == 0
    assert "truth.json" in capsys.readouterr().out
    written = {path.name for path in (tmp_path / "company").iterdir()}
    assert {"customers.parquet", "events.parquet", "truth.json", "DICTIONARY.md"} <= written
    assert cli.main(["sample", str(tmp_path / "none"), "--customers", "3"]) == 2
    assert "300" in capsys.readouterr().err
    assert not (tmp_path / "none").exists(), "nothing is left of what was refused"


def test_what_is_wrong_with_the_data_is_said_beside_the_answer(monkeypatch, tmp_path, capsys):
    left = {"finding": "repeated_ids", "severity": "failure"}
    cared = {"finding": "sentinel_values", "severity": "failure"}
    quality = {"headline": "60 rows. Act on: x.", "handled": ["sentinel_values"], "findings": [left, cared]}
    wrote(monkeypatch, tmp_path, quality=quality)
    assert cli.main(["run", "ab_test"]) == 0
    assert "! data: 60 rows. Act on: x." in capsys.readouterr().out
    wrote(monkeypatch, tmp_path, quality={**quality, "findings": [cared]})
    assert cli.main(["run", "ab_test"]) == 0
    assert "! data" not in capsys.readouterr().out


def test_app_serves_the_studies_of_the_folder_and_else_every_analysis(tmp_path, monkeypatch, capsys):
    from cxlab.publish import app

    served = []
    monkeypatch.setattr(app, "serve", lambda **given: served.append(given["analyses"]))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["app"]) == 0
    assert cli.main(["new", "checkout-test", "--from", "ab_test"]) == 0
    assert cli.main(["app"]) == cli.main(["app", "checkout-test"]) == 0
    assert [found and [one.name for one in found] for found in served] == [None, ["checkout-test"], ["checkout-test"]]
    (tmp_path / "empty").mkdir()
    assert cli.main(["app", "empty"]) == 2
    assert "holds no study" in capsys.readouterr().err


def test_describe_tells_a_studys_own_settings(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "checkout-test", "--from", "ab_test"]) == 0
    capsys.readouterr()
    assert cli.main(["describe", "checkout-test"]) == 0
    assert "control = current checkout" in capsys.readouterr().out
