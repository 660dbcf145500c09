"""What is kept on resuming: only what would come out the same."""

import json

import pytest

from cxlab.publish import origin
from cxlab.publish.batch import run_batch

PLAN = "reports:\n- {analysis: shares, name: a}\n"


@pytest.fixture
def finished(toy_analysis, tmp_path):
    plan, out = tmp_path / "reports.yml", tmp_path / "out"
    plan.write_text(PLAN)
    assert run_batch(plan, out=out).code == 0
    return plan, out


def kept(finished, **options):
    plan, out = finished
    batch = run_batch(plan, out=out, resume=True, **options)
    assert batch.code == 0
    return [one["kept"] for one in batch.reports]


def other_parameters(plan, *_):
    plan.write_text("reports:\n- {analysis: shares, name: a, parameters: {least: 0.05}}\n")


def other_title(plan, *_):
    plan.write_text("reports:\n- {analysis: shares, name: a, title: Which plans}\n")


def other_data(_, __, plans, *___):
    plans.write_text(plans.read_text() + "pro,500,pro\n")


def other_notebook(_, __, ___, notebook):
    notebook.write_text(notebook.read_text().replace("Read the bars.", "Read them."))


def damaged_page(_, out, *__):
    (out / "a.html").write_text("<html>")


def lost_notebook(_, out, *__):
    (out / "a.ipynb").unlink()


def failed_before(_, out, *__):
    path = out / "a.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "status": "failed"}))


def no_json(_, out, *__):
    (out / "a.json").write_text("{")


def test_a_finished_report_is_kept_and_its_gates_are_judged_anew(finished, monkeypatch):
    monkeypatch.setattr("cxlab.publish.batch.make_report", lambda *_: pytest.fail("it was made again"))
    assert kept(finished) == [True]
    plan, out = finished
    gate = "{where: {segment: pro}, column: estimate, at_least: 0.5}"
    plan.write_text(f"reports:\n- {{analysis: shares, name: a, gates: [{gate}]}}\n")
    batch = run_batch(plan, out=out, resume=True)
    assert (batch.code, batch.missed) == (1, ("a",))


@pytest.mark.parametrize(
    "change",
    [other_parameters, other_title, other_data, other_notebook, damaged_page, lost_notebook, failed_before, no_json],
)
def test_what_would_come_out_otherwise_is_made_anew(finished, plans, toy_notebook, change):
    change(*finished, plans, toy_notebook)
    assert kept(finished) == [False]
    assert kept(finished) == [True]


@pytest.mark.parametrize("name", ["python", "cxlab", "pandas", "code"])
def test_other_versions_make_it_anew(finished, monkeypatch, name):
    plan, out = finished
    assert origin.kept_result(origin_job(plan), out)
    other = {**origin.versions(), name: "0.0"}
    monkeypatch.setattr(origin, "versions", lambda: other)
    assert origin.kept_result(origin_job(plan), out) is None


def origin_job(plan):
    from cxlab.publish.plan import read_plan

    return read_plan(plan)[0]


def test_without_resume_everything_is_made(finished):
    plan, out = finished
    assert [one["kept"] for one in run_batch(plan, out=out).reports] == [False]


def test_all_parameters_count_also_those_that_were_not_set(finished):
    _, out = finished
    noted = json.loads((out / "a.json").read_text())["origin"]
    assert set(noted["parameters"]) == {"data", "tz", "segment", "order", "least", "only", "confidence"}
    assert set(noted["files"]) == {"html", "ipynb"}
