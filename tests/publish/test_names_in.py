"""A control whose choices are the names in another one, and a table beside the data that only its owner names."""

import pytest

from cxlab.data import as_table
from cxlab.errors import ParameterError
from cxlab.publish.address import values_in
from cxlab.publish.controls import Controls
from cxlab.publish.fitting import fit
from cxlab.publish.register import analysis_named
from tests.journeys.logs import frame

MAP = analysis_named("journey_map")


def test_the_stage_is_chosen_among_the_stages_that_are_set_now():
    values = {one.name: None if one.required else one.default for one in MAP.settings}
    controls = Controls(MAP.settings, frame([("a", 0, "A")]), values, lambda _: None)
    stage = controls.widgets["stage"]
    assert [value for _, value in stage.options] == [
        "", "Discover", "Order", "Delivery", "Set up", "Support", "First bill",
    ]  # fmt: skip
    stage.value = "Order"
    controls.widgets["stages"].value = "Order: order_placed\nUse: setup_done"
    assert [value for _, value in stage.options] == ["", "Order", "Use"] and stage.value == "Order"
    controls.widgets["stages"].value = "Buy: order_placed\nUse: setup_done"
    assert stage.value == ""


def test_an_address_and_a_control_never_name_the_table_of_answers():
    assert "answers" not in {one.name for one in MAP.settings}
    with pytest.raises(ParameterError, match="which answers are read is fixed"):
        values_in("answers=other.csv", MAP)


def test_a_table_of_ones_own_begins_without_the_samples_answers_and_stages():
    found = fit(MAP, as_table(frame([("a", 0, "A"), ("a", 1, "B"), ("b", 0, "A")])))
    assert found.values["stages"] == ["A", "B"]
    assert not {"answers", "targets", "time_targets", "goal", "optional"} & set(found.values)
    assert found.values["satisfaction"] is None
