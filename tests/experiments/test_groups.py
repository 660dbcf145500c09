"""Names that users give to groups: none is taken for the row over everybody, none is run as SQL."""

import pandas as pd
import pytest

from cxlab.errors import DataError, ParameterError
from cxlab.experiments import ab_test

WORD = "ne'w; DROP TABLE source;--"
DATA = pd.DataFrame({
    "variant": ["control", WORD] * 50, "bought": [0, 1, 1, 0] * 25, "spent": [1.0, 2.0, 3.5, 4.0, 5.0] * 20,
    "before": [2.0, 1.0, 3.0, 5.0] * 25, "plan": ["o'ne", "o'ne", "two", "two"] * 25,
})  # fmt: skip


def test_a_segment_called_all_is_refused():
    with pytest.raises(DataError, match="Column 'plan' has a group called 'all'.*Give the group another name"):
        ab_test(DATA.replace({"plan": {"two": "all"}}), metrics=["mean('spent')"], segment="plan")


def test_names_with_quotes_and_semicolons_are_data_not_sql():
    odd = DATA.rename(columns={"spent": 'the "sum"; x', "plan": "it's plan"})
    metric = "mean('the \"sum\"; x', covariate='before')"
    found = ab_test(odd, metrics=[metric], segment="it's plan")
    plain = ab_test(DATA.replace(WORD, "new"), metrics=["mean('spent', covariate='before')"], segment="plan")
    assert found.table["variant"].unique().tolist() == [WORD]
    assert found.table["segment"].tolist() == ["all", "o'ne", "two"]
    assert found.table["effect"].tolist() == pytest.approx(plain.table["effect"].tolist())


def test_a_control_may_be_given_as_a_number():
    arms = DATA.assign(variant=(DATA["variant"] != "control").astype(int))
    found = ab_test(arms, metrics=["mean('spent')"], control=0)
    assert found.parameters["control"] == "0"


def test_two_groups_without_spread_are_not_said_to_be_the_same():
    flat = DATA.assign(spent=DATA["variant"].map({"control": 2.0, WORD: 3.0}))
    with pytest.raises(DataError, match=r"same 'spent' within its variant \(3 and 2\)"):
        ab_test(flat, metrics=["mean('spent')"])


def test_a_level_that_is_no_number_is_refused_in_words():
    with pytest.raises(ParameterError, match="`confidence` is '0.9'; expected a fraction from 0.5 to below 1"):
        ab_test(DATA, metrics=["mean('spent')"], confidence="0.9")
