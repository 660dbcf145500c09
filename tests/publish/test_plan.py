"""A reports.yml is checked wholly before anything starts."""

import pytest

from cxlab.errors import ParameterError
from cxlab.folders import folder
from cxlab.publish.plan import read_plan
from cxlab.publish.register import ANALYSES


def plan(tmp_path, text):
    path = tmp_path / "reports.yml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path)


def test_the_projects_own_file_is_right():
    assert {job.analysis.name for job in read_plan(folder("notebooks") / "reports.yml")} == {
        one.name for one in ANALYSES
    }


def test_a_matrix_gives_one_report_per_combination(tmp_path):
    jobs = plan(
        tmp_path,
        "reports:\n- analysis: cohort_retention\n  title: Back\n  parameters: {measure: 'on'}\n"
        "  matrix: {period: [week, month], segment: [platform, null]}\n",
    )
    assert [job.stem for job in jobs] == [
        "cohort_retention-week-platform", "cohort_retention-week",
        "cohort_retention-month-platform", "cohort_retention-month",
    ]  # fmt: skip
    assert jobs[0].values == {"measure": "on", "period": "week", "segment": "platform"}
    assert jobs[0].title == "Back, week, platform"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no reports; expected a list under `reports:`"),
        ("reports: []", "has no reports"),
        ("reports: {a: 1}", "has no reports"),
        ("- analysis: ab_test", "has no reports"),
        ("report:\n- analysis: ab_test", "has no reports"),
        ("reports:\n- analysis: ab_test\nextra: 1", "`extra`, which nothing reads"),
        ("reports:\n- ab_test", "Report 1 names no analysis"),
        ("reports:\n- title: x", "Report 1 names no analysis"),
        (
            "reports:\n- analysis: ab_tset",
            r"Report 1 \(ab_tset\): There is no analysis 'ab_tset'. Did you mean 'ab_test'",
        ),
        (
            "reports:\n- analysis: ab_test\n  paramters: {}",
            "`paramters`, which nothing reads. Did you mean 'parameters'",
        ),
        ("reports:\n- analysis: ab_test\n  parameters: {metrik: x}", r"`metrik`. Did you mean 'metrics'\?"),
        ("reports:\n- analysis: ab_test\n  parameters: [1]", r"`parameters` is \[1\]; expected a mapping"),
        ("reports:\n- analysis: cohort_retention\n  matrix: {period: week}", "expected a list of values"),
        ("reports:\n- analysis: cohort_retention\n  matrix: {period: [week, wek]}", "Did you mean 'week'"),
        ("reports:\n- analysis: ab_test\n- analysis: ab_test", "Two reports would be written as 'ab_test'"),
        ("reports:\n- analysis: ab_test\n  name: ../up", "expected a plain file name"),
        ("reports: [", "is no YAML"),
        ("reports:\n- analysis: ab_test\n  timeout: 10", r"`timeout` is 10; expected a number with a unit"),
        ("reports:\n- analysis: ab_test\n  timeout: 0min", r"Report 1 \(ab_test\): `timeout` is '0min'; expected more"),
        ("reports:\n- analysis: ab_test\n  gates: [{column: rate}]", r"Report 1 \(ab_test\): Gate 1 has no threshold"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path, text, message):
    with pytest.raises(ParameterError, match=message):
        plan(tmp_path, text)


def test_time_and_gates_belong_to_each_report_of_a_matrix(tmp_path):
    text = "reports:\n- analysis: cohort_retention\n  timeout: 10min\n  matrix: {period: [week, month]}\n"
    jobs = plan(tmp_path, f"{text}  gates: [{{column: rate, where: {{age: 1}}, at_least: 0.1}}]\n- analysis: ab_test\n")
    assert [job.seconds for job in jobs] == [600, 600, None]
    assert [len(job.gates) for job in jobs] == [1, 1, 0]


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(ParameterError, match="cannot be read: No such file"):
        read_plan(tmp_path / "no.yml")
