"""Metrics as values and as text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.errors import ParameterError
from cxlab.experiments import Mean, Proportion, Ratio
from cxlab.experiments.metrics import parse_metric, parse_metrics, size

WORDS = st.text(min_size=1, max_size=12)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "covariate": WORDS,
        "direction": st.sampled_from(["higher", "lower"]),
        "role": st.sampled_from(["primary", "watched"]),
        "margin": st.one_of(st.floats(0.001, 5), st.just("5%")),
        "missing": st.sampled_from(["drop", "zero"]),
        "label": WORDS,
        "measured_in": st.sampled_from(["", "€", "min", "%"]),
    },
)


@settings(max_examples=40, deadline=None)
@given(WORDS, OPTIONS, st.sampled_from([Proportion, Mean]))
def test_text_and_value_are_the_same_metric(column, options, kind):
    metric = kind(column, **options)
    assert parse_metric(str(metric)) == metric
    assert metric == str(metric)
    assert hash(metric) == hash(str(metric))


@settings(max_examples=40, deadline=None)
@given(WORDS, WORDS, st.none() | WORDS)
def test_a_ratio_comes_back_from_its_text(above, below, covariate):
    metric = Ratio(above, below, covariate=covariate, covariate_denominator=covariate)
    assert parse_metric(str(metric)) == metric


def test_the_contracts_example_holds():
    assert Proportion("converted") == "proportion('converted')"
    assert Proportion("converted") != Mean("converted")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("proportions('a')", "Did you mean 'proportion'"),
        ("proportion(a)", "in quotes, as in 'a'"),
        ("proportion('a', directoin='lower')", "Did you mean 'direction'"),
        ("proportion('a', direction='up')", "'higher', 'lower'"),
        ("ratio('a')", r"ratio\('numerator', 'denominator'\)"),
        ("proportion('a', 'b')", r"proportion\('column'\)"),
        ("proportion(3)", "columns are named in quotes"),
        ("converted", "expected text such as"),
        ("mean('a'", "expected text such as"),
        ("mean('a', role='guardrail')", "has no margin"),
        ("mean('a', margin='five')", "expected a size above 0"),
        ("mean('a', margin=-1)", "expected a size above 0"),
        ("mean(**{'column': 'a'})", "has no option"),
        ("mean(__import__('os').getcwd())", "not a plain value"),
    ],
)
def test_a_metric_that_cannot_be_read_says_which_part(text, said):
    with pytest.raises(ParameterError, match=said):
        parse_metric(text)


def test_primary_metrics_stand_first_and_each_once():
    found = parse_metrics([Mean("b", role="watched"), "proportion('a')"])
    assert [metric.name for metric in found] == ["a", "b"]
    with pytest.raises(ParameterError, match="'a' twice"):
        parse_metrics(["proportion('a')", "mean('a')"])
    with pytest.raises(ParameterError, match="no primary metric"):
        parse_metrics(["mean('a', role='watched')"])
    with pytest.raises(ParameterError, match="no primary metric"):
        parse_metrics([])


def test_sizes_are_absolute_or_relative():
    assert size("margin", "12.5%") == (0.125, True)
    assert size("margin", 3) == (3.0, False)
    assert size("margin", None) is None
