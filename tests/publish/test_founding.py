"""A new study is whole, fits its table, and runs; what cannot be one is refused before anything is made."""

import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml

from cxlab.data import table
from cxlab.errors import ParameterError, SourceError
from cxlab.folders import folder
from cxlab.publish.fitting import fit
from cxlab.publish.founding import new_study
from cxlab.publish.plan import read_plan
from cxlab.publish.register import ANALYSES, analysis_named
from cxlab.publish.study import copy_study, line_of, seen_from, studies_in, study_at


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def orders(tmp_path) -> Path:
    """A test's table with column names of its own."""
    path = tmp_path / "orders.csv"
    rows = [
        {"user_id": i, "joined": f"2026-02-{1 + i % 14:02d}", "arm": ("old", "new")[i % 2], "bought": int(i % 7 < 2)}
        for i in range(400)
    ]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_a_study_that_watches_fits_a_table_of_which_no_plan_is_known(orders):
    made = new_study("watch", analysis="ab_monitor", data="orders.csv")
    own = {one.name: one.default for one in made.study.parameters}
    assert (made.missing, made.study.kind, made.study.called) == ("", "ab_monitor", "ab_monitor")
    assert (own["monitoring"], own["planned_n"], own["looks"]) == ("always-valid", None, None)
    assert any('"ab_monitor",' in cell.source for cell in nbformat.read(made.study.path, 4).cells)


@pytest.mark.parametrize("name", [one.name for one in ANALYSES])
def test_a_study_of_every_analysis_is_whole_and_answers_on_the_sample(name, tmp_path):
    made = new_study("my-study", analysis=name)
    place = tmp_path / "my-study"
    more = {"blueprint.yml"} if name == "service_blueprint" else set()
    usual = {"my-study.ipynb", "plan.md", "data_note.md", "reports.yml"}
    assert {path.name for path in place.iterdir()} == usual | more
    assert (made.guessed, made.missing) == ((), "")
    nbformat.validate(nbformat.read(made.study.path, 4))
    for path in place.glob("*.*"):
        assert not re.search(r"\$\w", path.read_text(encoding="utf-8")), f"{path.name} has a gap"


@pytest.mark.parametrize("name", [one.name for one in ANALYSES])
def test_every_analysis_says_what_is_to_be_agreed(name):
    assert (folder("templates") / "study" / "agreed" / f"{name}.md").is_file()


def test_the_study_keeps_the_strict_parameters_of_its_analysis():
    study = new_study("checkout-test", analysis="ab_test").study
    ours, theirs = study.parameters, analysis_named("ab_test").parameters
    assert [(one.name, one.hint, one.default) for one in ours] == [(one.name, one.hint, one.default) for one in theirs]
    assert (study.kind, study.name, study.question) == (
        "ab_test",
        "checkout-test",
        "Checkout test: does a change work?",
    )


def test_a_blueprint_lies_in_the_study_and_is_found_from_elsewhere(tmp_path):
    rows = [
        (f"u{k}", event, f"2026-03-01 {9 + hour}:00") for k in range(20) for hour, event in enumerate(["in", "out"])
    ]
    pd.DataFrame(rows, columns=["user_id", "event", "time"]).to_csv(tmp_path / "door.csv", index=False)
    study = new_study("door", analysis="service_blueprint", data="door.csv").study
    assert "name: In\n" in (tmp_path / "door/blueprint.yml").read_text(encoding="utf-8")
    assert study.fixed == {"data": "door.csv", "blueprint": "door/blueprint.yml"}
    copy_study(study, tmp_path / "copy.ipynb")
    cells = [cell.source for cell in nbformat.read(tmp_path / "copy.ipynb", 4).cells]
    assert f"blueprint = {str(tmp_path / 'door/blueprint.yml')!r}" in cells[2]


def test_its_reports_file_is_ready(tmp_path):
    new_study("checkout-test", analysis="ab_test")
    (job,) = read_plan("checkout-test/reports.yml")
    assert job.analysis.notebook == Path("checkout-test/checkout-test.ipynb")
    assert (job.stem, job.title) == ("checkout-test", "Checkout test: does a change work?")
    plan = yaml.safe_load((tmp_path / "checkout-test/reports.yml").read_text(encoding="utf-8"))
    plan["reports"][0]["parameters"] = {"metrik": "x"}
    (tmp_path / "checkout-test/reports.yml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    with pytest.raises(ParameterError, match=r"Report 1 \(ab_test\): There is no parameter `metrik`"):
        read_plan("checkout-test/reports.yml")


def test_a_reports_file_cannot_call_a_study_by_another_analysis(tmp_path):
    new_study("checkout-test", analysis="ab_test")
    path = tmp_path / "other.yml"
    path.write_text("reports:\n- {analysis: journey_funnel, notebook: checkout-test/checkout-test.ipynb}\n")
    with pytest.raises(ParameterError, match="a study of ab_test; `analysis` says journey_funnel"):
        read_plan(path)


def test_a_table_of_ones_own_gives_its_columns_and_is_found_from_everywhere(orders, tmp_path, monkeypatch):
    made = new_study("checkout-test", analysis="ab_test", data="orders.csv")
    assert made.missing == ""
    assert set(made.guessed) == {"metrics", "control"}
    own = {one.name: one.default for one in made.study.parameters}
    assert own["metrics"] == ["proportion('bought')"]
    assert (own["variant"], own["control"], own["unit"], own["time"]) == ("arm", "old", "user_id", "joined")
    assert (own["planned_n"], own["planned_ratio"]) == (None, None)
    assert made.study.fixed == {"data": "orders.csv"}
    assert '"../orders.csv"' in made.study.path.read_text(encoding="utf-8").replace("\\", "")
    monkeypatch.chdir("checkout-test")
    assert line_of(".").fixed == {"data": "../orders.csv"}


def test_the_data_note_tells_the_columns_and_the_quality_but_no_rare_value(tmp_path):
    rows = [{"user_id": f"u{i}", "variant": "ab"[i % 2], "bought": i % 3 == 0, "town": f"town {i}"} for i in range(90)]
    pd.DataFrame(rows).to_csv("orders.csv", index=False)
    new_study("checkout-test", analysis="ab_test", data="orders.csv")
    note = (tmp_path / "checkout-test/data_note.md").read_text(encoding="utf-8")
    assert "**Data quality:** 90 rows" in note
    assert "| `variant` | which version the customer got | a, b | – |" in note
    assert "| `town` |  | 90 different values | – |" in note
    assert "`cxlab check ../orders.csv --as assignments`" in note
    assert "town 3" not in note


def test_what_a_table_lacks_is_said_and_the_folder_made_all_the_same(tmp_path):
    pd.DataFrame({"customer": [1, 2, 3], "colour": ["red", "blue", "red"]}).to_csv("t.csv", index=False)
    made = new_study("funnel", analysis="journey_funnel", data="t.csv")
    assert "`steps`" in made.missing or "column" in made.missing
    assert (tmp_path / "funnel/funnel.ipynb").is_file()


def test_the_most_frequent_events_are_the_guess_for_steps():
    events = pd.DataFrame({"user_id": range(60), "event": ["come"] * 30 + ["look"] * 20 + ["buy"] * 10})
    found = fit(analysis_named("journey_funnel"), table(events))
    assert found.values["steps"] == ["come", "look", "buy"]
    assert found.guessed == ("steps",)


@pytest.mark.parametrize("name", ["", "../out", "a b", ".hidden", "a/b", "ä", "-x"])
def test_a_bad_name_makes_nothing(name, tmp_path):
    with pytest.raises(ParameterError, match="such as 'checkout-test'"):
        new_study(name, analysis="ab_test")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_analysis_names_the_nearest(tmp_path):
    with pytest.raises(ParameterError, match="Did you mean 'ab_test'"):
        new_study("x", analysis="ab_tset")
    with pytest.raises(SourceError, match=r"no_such\.csv"):
        new_study("x", analysis="ab_test", data="no_such.csv")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_left_alone(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(ParameterError, match="is there already"):
        new_study("x", analysis="ab_test")
    assert list((tmp_path / "x").iterdir()) == []


def test_studies_are_found_in_a_folder_and_beside_each_other(tmp_path):
    new_study("b-study", analysis="ab_test")
    new_study("a-study", analysis="journey_funnel")
    assert [one.name for one in studies_in(tmp_path)] == ["a-study", "b-study"]
    assert [one.name for one in studies_in(tmp_path / "b-study")] == ["b-study"]


@pytest.mark.parametrize(
    ("found", "planted", "message"),
    [
        ("planned_n: int", "planed_n: int", "sets `planed_n`, which ab_test does not take. Did you mean 'planned_n'"),
        ("planned_n: int =", "planned_n: int = =", "are no Python"),
        ('"tags"', '"other"', "no cell tagged `parameters`"),
        ('"cxlab"', '"other"', "it names no analysis"),
        ('"cells"', '"sells"', "it is no notebook"),
        ("{", "", "it is damaged or no notebook"),
    ],
)
def test_a_notebook_that_is_no_study_is_refused_in_one_sentence(found, planted, message):
    path = new_study("x", analysis="ab_test").study.path
    text = path.read_text(encoding="utf-8")
    assert found in text
    path.write_text(text.replace(found, planted, 1), encoding="utf-8")
    with pytest.raises(ParameterError) as refused:
        study_at(path)
    assert message in str(refused.value)


def test_a_report_made_from_a_study_is_no_study(tmp_path):
    path = new_study("x", analysis="ab_test").study.path
    notebook = nbformat.read(path, 4)
    notebook.metadata["papermill"] = {"parameters": {}}
    (tmp_path / "reports").mkdir()
    nbformat.write(notebook, tmp_path / "reports" / "x.ipynb")
    assert [one.path for one in studies_in(Path())] == [path]


def test_a_folder_without_a_study_says_how_to_make_one(tmp_path):
    with pytest.raises(ParameterError, match="cxlab new NAME"):
        line_of("./")


def test_only_files_are_called_anew_from_elsewhere(orders, tmp_path):
    assert seen_from(tmp_path, "orders.csv", tmp_path / "study") == "../orders.csv"
    assert seen_from(tmp_path, "*.csv", tmp_path / "study") == "../*.csv"
    assert seen_from(tmp_path, "data_samples/checkout_test.csv", tmp_path / "s") == "data_samples/checkout_test.csv"
    assert seen_from(tmp_path, str(orders), tmp_path / "study") == str(orders)
