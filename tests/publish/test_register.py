"""The register: every analysis has its function, notebook and sample."""

import pytest

from cxlab.errors import ParameterError
from cxlab.folders import folder
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
