"""A report: three files, whole or not at all; bad input before a kernel starts."""

import json
import re

import nbformat
import pytest

from cxlab.errors import DataError, ParameterError, ReportError
from cxlab.publish import execution
from cxlab.publish.report import failed_checks, run_report


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_bad_parameters_are_refused_before_a_kernel_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "run_notebook", lambda *_, **__: pytest.fail("a kernel would have started"))
    with pytest.raises(ParameterError, match=r"no parameter `metrik`. Did you mean 'metrics'\?"):
        run_report("ab_test", out=tmp_path / "out", metrik="x")
    with pytest.raises(ParameterError, match="Did you mean 'week'"):
        run_report("cohort_retention", out=tmp_path / "out", period="wek")
    assert not (tmp_path / "out").exists()


def test_a_report_is_three_files_that_agree(toy_analysis, plans, tmp_path):
    out = tmp_path / "new" / "out"
    report = run_report("shares", out=out, order="name", data=str(plans))
    assert names(out) == ["shares.html", "shares.ipynb", "shares.json"]
    content = json.loads(report.json.read_text(encoding="utf-8"))
    assert content == report.result
    _holds_the_contract(content, plans)
    _page_is_whole(report.html.read_text(encoding="utf-8"), content)
    _notebook_is_the_untouched_one(report.notebook)
    assert failed_checks(content) == (), "what only informs is no failure"


def _holds_the_contract(content, plans):
    assert list(content)[:5] == ["analysis", "title", "status", "parameters", "headline"]
    assert {"decision", "checks", "tables", "semantics", "data", "versions", "duration_s"} <= set(content)
    assert content["status"] == "ok"
    assert content["parameters"]["data"] == str(plans)
    assert content["parameters"]["order"] == "name"
    assert content["data"]["rows"] == 500
    assert content["tables"]["table"][0]["estimate"] == 0.6


def _page_is_whole(page, content):
    assert "<h1>How are customers spread over the plans?</h1>" in page
    assert "We count." in page
    assert content["headline"] in page
    assert content["data"]["fingerprint"] in page
    assert "counter(pages)" in page
    assert "cx.explore" not in page, "no code cell"
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page)
    assert "application/vnd.jupyter.widget" not in page
    assert page.count("<h1") == 1


def _notebook_is_the_untouched_one(path):
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    assert "widgets" not in notebook.metadata
    tags = [cell.metadata.get("tags", []) for cell in notebook.cells]
    assert ["parameters"] in tags
    assert ["injected-parameters"] in tags
    assert all(one["output_type"] != "error" for cell in notebook.cells for one in cell.get("outputs", ()))


def test_the_same_parameters_again_give_the_same_result(toy_analysis, plans, tmp_path):
    first = run_report("shares", out=tmp_path / "a", least=0.2, data=str(plans)).result
    again = run_report("shares", out=tmp_path / "b", **first["parameters"]).result
    drop = {"duration_s", "origin"}
    assert {k: v for k, v in first.items() if k not in drop} == {k: v for k, v in again.items() if k not in drop}


def test_data_that_cannot_answer_fails_with_its_own_words(toy_analysis, plans, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    for ending in ("html", "ipynb"):
        (out / f"shares.{ending}").write_text("an older run")
    with pytest.raises(ReportError, match=r"`only` names \['gold'\]; the data has") as caught:
        run_report("shares", out=out, only=["gold"], data=str(plans))
    assert isinstance(caught.value, DataError), "the data is at fault, not the notebook"
    assert names(out) == ["shares.json"], "no page that could pass for this run's"
    content = json.loads((out / "shares.json").read_text(encoding="utf-8"))
    assert content["status"] == "failed"
    assert content["error"]["message"] == content["headline"] == str(caught.value)
    assert content["tables"] == {}


def test_an_error_nobody_foresaw_is_named_with_its_cell(toy_analysis, plans, tmp_path):
    with pytest.raises(ReportError, match=r"failed in cell 4: ZeroDivisionError: ") as caught:
        run_report("shares", out=tmp_path / "out", segment="explode", data=str(plans))
    assert not isinstance(caught.value, DataError)


def test_a_page_that_cannot_be_made_leaves_no_half_report(toy_analysis, plans, tmp_path, monkeypatch):
    def broken(*_):
        raise ReportError("no page")

    monkeypatch.setattr("cxlab.publish.report.report_page", broken)
    with pytest.raises(ReportError, match="no page"):
        run_report("shares", out=tmp_path / "out", data=str(plans))
    assert names(tmp_path / "out") == ["shares.json"]
