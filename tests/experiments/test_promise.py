"""A plan is read back, and a change of it is told."""

import pytest

from cxlab.errors import ParameterError
from cxlab.experiments import ab_test
from cxlab.experiments.promise import plan_text
from tests.experiments.test_looks import GAIN

SETTINGS = {"metrics": ["proportion('bought')"], "control": "control", "planned_n": 16_000,
            "monitoring": "obrien-fleming", "looks": [4000]}  # fmt: skip


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.yml"
    path.write_text(plan_text(SETTINGS, question="Do more buy?", promise="80% of such tests find it."))
    return str(path)


def test_a_plan_gives_the_settings(plan):
    found = ab_test(GAIN, plan=plan, time="came", unit="id")
    straight = ab_test(GAIN, time="came", unit="id", **SETTINGS)
    assert found.table.equals(straight.table)
    assert found.title == "Do more buy?"
    assert found.parameters["plan"] == plan
    assert [check.passed for check in found.checks if check.name == "plan_changed"] == [True]
    assert not found.decision.exploratory


def test_what_differs_from_the_plan_is_told_and_only_explores(plan):
    found = ab_test(GAIN, plan=plan, planned_n=8000, time="came", unit="id")
    check = next(check for check in found.failed if check.name == "plan_changed")
    assert "`planned_n` differs from the plan plan.yml." in check.message
    assert found.decision.exploratory
    assert found.parameters["planned_n"] == 8000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("metrics: [", "is no YAML"),
        ("control: a", "names no `metrics`"),
        ("metrics: [proportion('bought')]\nplaned_n: 5", "Did you mean 'planned_n'"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(tmp_path, text, message):
    path = tmp_path / "plan.yml"
    path.write_text(text)
    with pytest.raises(ParameterError, match=message):
        ab_test(GAIN, plan=str(path))


def test_a_plan_that_is_not_there_is_refused():
    with pytest.raises(ParameterError, match="cannot be read"):
        ab_test(GAIN, plan="nowhere.yml")
