"""The register: every analysis has its function, notebook and sample."""

import pytest

from cxlab.data import table
from cxlab.errors import ParameterError
from cxlab.folders import folder
from cxlab.publish.answer import Question
from cxlab.publish.notebooks import call_source
from cxlab.publish.register import ANALYSES, analysis_named, analysis_of
from tests.publish.toy import shares


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda one: one.name)
def test_a_line_of_the_register_is_complete(analysis):
    import cxlab

    assert analysis.function is getattr(cxlab, analysis.function_name)
    assert analysis.notebook.is_file()
    assert (folder("data_samples").parent / analysis.sample).is_file()
    assert analysis.question.endswith("?")
    assert analysis.description.endswith("?")
    assert analysis.scope


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ParameterError, match=r"no analysis 'ab_tset'. Did you mean 'ab_test'\?"):
        analysis_named("ab_tset")


def test_a_function_finds_its_line():
    import cxlab

    assert analysis_of(cxlab.ab_test) is analysis_named("ab_test")
    assert analysis_of("journey_funnel").room == "Journeys"


def test_a_function_of_ones_own_needs_no_line():
    line = analysis_of(shares)
    assert line.question == "How are customers spread over the plans?"
    assert line.function is shares
    assert line.contract == "", "nothing is known of its table"
    assert line.controls == ("segment", "order", "least", "only", "confidence")


def test_an_address_may_set_everything_but_the_data():
    names = {one.name for one in analysis_named("ab_test").settings}
    assert not names & {"data", "tz", "plan"}
    assert "plan" not in {one.name for one in analysis_named("ab_test").own}
    assert "plan" in {one.name for one in analysis_named("ab_test").passed}
    assert "metrics" in names


def test_a_second_line_of_a_function_goes_by_its_own_name():
    import cxlab

    test, monitor = analysis_named("ab_test"), analysis_named("ab_monitor")
    assert monitor.function is test.function is cxlab.ab_test
    assert (test.leads, test.called, monitor.leads, monitor.called) == (True, "ab_test", False, "ab_monitor")
    assert analysis_of(cxlab.ab_test) is test
    assert analysis_of("ab_monitor") is monitor
    assert call_source(monitor).startswith('cx.explore(\n    "ab_monitor",\n    table,\n')
    assert call_source(test).startswith("cx.explore(\n    cx.ab_test,\n")
    assert monitor.description != test.description


def test_results_bear_the_name_that_was_asked_for():
    for name, said in (("ab_test", "ab_test"), ("ab_monitor", "ab_monitor"), ("survey_feedback", "survey_scores")):
        line = analysis_named(name)
        values = {one.name: one.default for one in line.settings}
        assert Question(line, table(line.sample)).answer(values).record()["analysis"] == said


def test_a_table_of_ones_own_begins_without_a_plan():
    defaults = {one.name: one.default for one in analysis_named("ab_monitor").own}
    assert (defaults["monitoring"], defaults["planned_n"], defaults["looks"]) == ("always-valid", None, None)
    assert {one.name: one.default for one in analysis_named("ab_test").own}["monitoring"] == "none"
