"""What a reader takes along: nothing a spreadsheet runs, nothing hidden given away, the report's own page."""

import csv
import io
import json
import re

import pandas as pd
import pytest

from cxlab.data import DataNote, table
from cxlab.publish.answer import Answer, Question
from cxlab.publish.downloads import offers, table_text, take
from cxlab.publish.register import analysis_named, analysis_of
from cxlab.results import Result
from tests.publish.toy import shares


def made(frame, **more):
    return Answer(Result(analysis="toy", title="T?", headline="H.", table=frame, data=DataNote(3, "abc"), tables=more))


def numbers(html):
    """The words of every cell: the exporter writes the same page with other line ends."""
    inner = re.search(r'<section class="cx-numbers">(.*?)</section>', html, re.DOTALL)
    return re.findall(r"<t[dh][^>]*>([^<]*)<", inner.group(1))


def read(text):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize(
    "cell", ["=HYPERLINK('x')", "+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\uff1d1+1", '=cmd|" /C calc"!A0']
)
def test_text_that_a_spreadsheet_would_run_is_text(cell):
    (head, row) = read(table_text([{cell: cell, "n": -3.5}]))
    assert head[0] == row[0] == f"'{cell}"
    assert row[1] == "-3.5", "a number stays a number"


@pytest.mark.parametrize(
    ("value", "written"), [(None, ""), (True, "true"), (0, "0"), ("a, b", "a, b"), (["a"], '["a"]'), ("− 2", "− 2")]
)
def test_other_cells_are_written_as_they_are(value, written):
    assert read(table_text([{"x": value, "y": 1}]))[1] == [written, "1"]


def test_a_table_without_rows_is_an_empty_file():
    assert table_text([]).strip("\ufeff\r\n") == ""


def test_small_groups_are_hidden_as_in_the_json():
    frame = pd.DataFrame({"segment": ["a", "b", "c"], "n": [3, 40, 50], "rate": [0.5, 0.25, 0.1]})
    answer = made(frame)
    rows = read(take(answer, analysis_of(shares), "csv", "table").text)
    hidden = [one["segment"] for one in answer.record()["tables"]["table"] if one["rate"] is None]
    assert "a" in hidden
    assert [row[0] for row in rows[1:] if row[2] == ""] == hidden


def test_every_table_the_result_and_the_page_are_offered():
    answer = made(pd.DataFrame({"n": [1]}), by_week=pd.DataFrame({"n": [9]}))
    assert [(one["kind"], one["name"]) for one in offers(answer)] == [
        ("html", ""), ("csv", "table"), ("csv", "by_week"), ("json", ""),
    ]  # fmt: skip
    assert all(take(answer, analysis_of(shares), one["kind"], one["name"]).text for one in offers(answer))


@pytest.mark.parametrize(("kind", "name"), [("csv", "../../etc/passwd"), ("exe", "")])
def test_nothing_else_can_be_asked_for(kind, name):
    with pytest.raises(KeyError):
        take(made(pd.DataFrame({"n": [1]})), analysis_of(shares), kind, name)


def test_the_page_is_the_reports_page():
    line = analysis_named("journey_funnel")
    values = {one.name: one.default for one in line.own if not one.required} | dict(line.values)
    answer = Question(line, table(line.sample)).answer(values)
    page = take(answer, line, "html").text
    assert numbers(answer.html()) == numbers(page)
    assert 'class="cx-about"' in page, "the notebook's own words on the method"
    assert "cx.explore" not in page
    assert json.loads(take(answer, line, "json").text)["headline"] == answer.result.headline
    own = take(answer, line, "html", own=True).text
    assert numbers(answer.html()) == numbers(own)
    assert 'class="cx-about"' not in own


def test_each_part_of_a_notebooks_text_is_folded_under_its_own_name(tmp_path, monkeypatch):
    line = analysis_named("journey_funnel")
    notebook = json.loads(line.notebook.read_text(encoding="utf-8"))
    notebook["cells"].append({**notebook["cells"][-1], "id": "plan", "source": "## Plan & data\n\nAs agreed."})
    changed = tmp_path / "journey_funnel.ipynb"
    changed.write_text(json.dumps(notebook), encoding="utf-8")
    monkeypatch.setattr(type(line), "notebook", changed)
    page = take(made(pd.DataFrame({"n": [1]})), line, "html").text
    assert re.findall("<summary>([MP].*?)</summary>", page) == ["Method, assumptions, source", "Plan &amp; data"]


def test_a_plan_is_taken_along_as_the_file_that_the_test_reads(tmp_path):
    line = analysis_named("ab_plan")
    answer = Question(line, None).answer({"metric": "proportion('x')", "base": 0.2, "effect": "0.05"})
    assert {"kind": "file", "name": "plan.yml", "label": "File: plan.yml"} in offers(answer)
    taken = take(answer, line, "file", "plan.yml")
    assert (taken.name, taken.text) == ("ab_plan-plan.yml", answer.result.save_plan(tmp_path / "plan.yml").read_text())
    with pytest.raises(KeyError):
        take(answer, line, "file", "../plan.yml")
