"""One description per parameter: from the signature, the annotation and the `Args:` line."""

from typing import Literal

import pytest

from cxlab.publish.parameters import REQUIRED, Parameter, annotation_text, argument_lines, describe
from cxlab.publish.register import ANALYSES
from tests.publish.toy import shares


def named(name):
    return next(one for one in describe(shares) if one.name == name)


def test_the_data_is_no_parameter_and_the_order_is_the_signatures():
    assert [one.name for one in describe(shares)] == ["segment", "order", "least", "only", "confidence"]


def test_help_comes_from_the_docstring():
    assert named("order").help == "sorted by name or by share."


def test_a_continued_line_is_joined_and_the_next_section_is_left_out():
    doc = "Why?\n\nArgs:\n    a: one\n        more.\n    b (str): two.\n\nReturns:\n    c: three."
    assert argument_lines(doc) == {"a": "one more.", "b": "two."}


def test_a_docstring_without_arguments_has_none():
    assert argument_lines("Why?") == {}


def test_choices_come_from_the_literal():
    assert named("order").choices == ("name", "share")
    assert named("least").choices == ()


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (str, "text"),
        (bool, "true or false"),
        (list[str] | None, "a list of text or None"),
        (dict[str, float], "a mapping of names to numbers"),
        (Literal["day", "week"], "one of 'day', 'week'"),
        (int | str, "a whole number or text"),
    ],
)
def test_what_is_expected_is_said_in_words(hint, words):
    assert Parameter(name="a", hint=hint, default=None, help="").expected == words


def test_a_column_role_is_known_by_its_name():
    assert named("segment").names_column
    assert not named("order").names_column


def test_the_annotation_is_one_that_papermill_reads_and_python_knows():
    assert annotation_text(named("only")) == "list[str]"
    assert annotation_text(named("order")) == "str"


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda one: one.name)
def test_every_parameter_of_every_analysis_is_described(analysis):
    for one in analysis.parameters:
        assert one.help.endswith("."), one.name
        assert one.expected != "a value", f"{one.name} has a type that no surface can read"
        assert "\n" not in one.help


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda one: one.name)
def test_the_sample_sets_only_parameters_that_exist(analysis):
    own = {one.name: one for one in describe(analysis.function)}
    assert set(analysis.values) <= set(own)
    assert set(analysis.controls) <= set(own)
    assert [name for name, one in own.items() if one.default is REQUIRED and name not in analysis.values] == []
