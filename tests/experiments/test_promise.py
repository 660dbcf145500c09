"""The plan as a file, and what becomes of it."""

from pathlib import Path

import pytest
import yaml

from cxlab.errors import ParameterError
from cxlab.experiments import ab_test
from cxlab.experiments.promise import read_plan
from tests.experiments.experiment_data import experiment

SETTINGS = {
    "metrics": ["proportion('bought')"],
    "control": "control",
    "planned_n": 500,
    "planned_ratio": {"control": 1, "new": 1},
}


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.yml"
    plan = {**SETTINGS, "question": "Is new better?", "promise": "It finds 5 points."}
    path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    return str(path)


def check(found):
    return next(one for one in found.checks if one.name == "plan_changed")


def test_a_plan_comes_back_as_it_was_written(plan):
    assert read_plan(plan) == SETTINGS | {"question": "Is new better?"}


def test_a_plan_alone_gives_what_its_settings_give(plan):
    by_plan, by_hand = ab_test(experiment(), plan=plan), ab_test(experiment(), **SETTINGS)
    assert by_plan.table.equals(by_hand.table)
    assert by_plan.decision == by_hand.decision
    assert by_plan.title == "Is new better?"
    assert check(by_plan).passed
    again = ab_test(experiment(), **by_plan.parameters)
    assert check(again).passed
    assert again.table.equals(by_plan.table)


@pytest.mark.parametrize(("name", "value"), [("planned_n", 400), ("metrics", ["mean('revenue')"]), ("confidence", 0.9)])
def test_what_differs_stands_and_is_told(plan, name, value, tmp_path):
    if name == "confidence":
        Path(plan).write_text(Path(plan).read_text(encoding="utf-8") + "confidence: 0.99\n", encoding="utf-8")
    found = ab_test(experiment(), plan=plan, **{name: value})
    assert (check(found).passed, check(found).severity) == (False, "warning")
    assert f"`{name}` differs from the plan plan.yml" in check(found).message
    assert found.decision.exploratory
    assert "plan changed" in next(reason for reason in found.decision.reasons if reason.startswith("Look at first"))
    assert found.parameters[name] == value


def test_the_same_metric_written_otherwise_is_no_change(plan):
    assert check(ab_test(experiment(), plan=plan, metrics=['proportion("bought")'])).passed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("control: a\n", "names no `metrics`"),
        ("metrics: [x\n", "is no YAML"),
        ("metrics: [x]\nplaned_n: 3\n", "Did you mean 'planned_n'"),
        ("metrics: [x]\ndata: /etc/passwd\n", "`data`, which is no part"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path, text, message):
    path = tmp_path / "other.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=message):
        ab_test(experiment(), plan=str(path))


def test_a_plan_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="cannot be read: No such file"):
        read_plan(tmp_path / "none.yml")
