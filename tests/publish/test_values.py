"""Strict values: what is wrong is named with what was expected and the nearest choice."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxlab.errors import ParameterError
from cxlab.publish.parameters import REQUIRED, Parameter, describe
from cxlab.publish.values import check_value, check_values, parse_pairs, parse_text, write_text
from tests.publish.toy import shares

TOY = describe(shares)


def one(hint, name="a"):
    return Parameter(name=name, hint=hint, default=None, help="")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ordr": "name"}, r"no parameter `ordr`. Did you mean 'order'\? The parameters are: segment, order"),
        ({"order": "nam"}, r"`order` is 'nam'; expected one of 'name', 'share'. Did you mean 'name'\?"),
        ({"least": "0.1"}, "`least` is '0.1'; expected a number"),
        ({"least": True}, "`least` is True; expected a number"),
        ({"least": None}, "`least` is None; expected a number"),
        ({"only": "basic"}, "`only` is 'basic'; expected a list of text or None"),
        ({"only": [1]}, "expected a list of text or None"),
        ({"confidence": 95}, "`confidence` is 95.0; expected a fraction between 0 and 1"),
        ({"segment": 3}, "`segment` is 3; expected text"),
    ],
)
def test_a_bad_value_is_refused_by_name(given, message):
    with pytest.raises(ParameterError, match=message):
        check_values(TOY, given)


def test_good_values_pass_and_take_their_type():
    checked = check_values(TOY, {"least": 0, "only": ("basic",), "segment": "plan"})
    assert checked == {"least": 0.0, "only": ["basic"], "segment": "plan"}
    assert type(checked["least"]) is float


def test_a_required_parameter_must_be_there():
    needed = [Parameter(name="steps", hint=list[str], default=REQUIRED, help="")]
    with pytest.raises(ParameterError, match="`steps` is not given; expected a list of text"):
        check_values(needed, {})
    assert check_values(needed, {}, complete=False) == {}


def test_an_unknown_time_zone_names_the_nearest():
    with pytest.raises(ParameterError, match=r"Did you mean 'Europe/Paris'\?"):
        check_value(one(str, "tz"), "Europe/Pariss")


@pytest.mark.parametrize(
    ("hint", "text", "value"),
    [
        (int, "3", 3),
        (float, "0.5", 0.5),
        (float | None, "none", None),
        (bool, "yes", True),
        (str | None, "", None),
        (str, "none", "none"),
        (list[str], '["a, b", "c"]', ["a, b", "c"]),
        (list[str], "ratio('x', 'y'), mean('z')", ["ratio('x', 'y')", "mean('z')"]),
        (list[str], "a\nb", ["a", "b"]),
        (list[float], "1, 2.5", [1.0, 2.5]),
        (dict[str, float], "old: 9, new=1", {"old": 9.0, "new": 1.0}),
        (dict[str, float] | None, '{"old": 9}', {"old": 9}),
        (Literal["day", "week"], "week", "week"),
        (int | str, "7", 7),
        (int | str, "7D", "7D"),
    ],
)
def test_text_is_read_as_its_type(hint, text, value):
    assert parse_text(one(hint), text) == value


@pytest.mark.parametrize(
    ("hint", "text"),
    [(int, "3.5"), (float, "much"), (bool, "perhaps"), (Literal["day"], "dai"), (dict[str, float], "9")],
)
def test_text_that_is_no_such_value_is_refused(hint, text):
    with pytest.raises(ParameterError, match="`a` is '"):
        parse_text(one(hint), text)


def test_a_list_may_be_given_piece_by_piece():
    assert parse_pairs(TOY, [("only", "a"), ("only", "b"), ("least", "0.1")]) == {"only": ["a", "b"], "least": 0.1}


def test_pairs_with_an_unknown_name_are_refused():
    with pytest.raises(ParameterError, match="no parameter `onyl`. Did you mean 'only'"):
        parse_pairs(TOY, [("onyl", "a")])


@given(st.lists(st.text(alphabet="ab ,('\"[]=x1\n"), min_size=1))
def test_what_is_written_is_read_back(items):
    assert parse_text(one(list[str]), write_text(items)) == items


def test_ordinary_lists_are_written_plainly():
    assert write_text(["ratio('a', 'b')", "x"]) == "ratio('a', 'b'), x"
