"""Thresholds: read strictly, judged on the report's own numbers, missed where the number is not there."""

import pytest

from cxlab.errors import ParameterError
from cxlab.publish.gates import judged, missed_gates, read_gates

ROWS = [
    {"segment": "all", "step": 1, "rate": 1.0, "ci_low": 0.99, "ci_high": 1.0, "n": 598, "open": True},
    {"segment": "all", "step": 5, "rate": 0.11, "ci_low": 0.088, "ci_high": 0.138, "n": 66, "open": True},
    {"segment": "web", "step": 5, "rate": None, "ci_low": None, "ci_high": None, "n": None, "open": True},
]
RESULT = {"tables": {"table": ROWS, "trend": [{"since": "2026-03-01", "effect": 0.2, "estimate": 0.5,
                                               "ci_low": 0.1, "ci_high": 0.3}], "none": []}}  # fmt: skip


def judge(**entry):
    return judged(read_gates([entry]), RESULT)[0]


def test_a_kept_threshold_passes_and_a_missed_one_says_value_interval_and_threshold():
    place = {"where": {"step": 5, "segment": "all"}, "column": "rate"}
    assert judge(**place, at_least=0.10)["passed"]
    missed = judge(**place, at_least=0.12)
    assert not missed["passed"]
    assert (missed["value"], missed["interval"]) == (0.11, [0.088, 0.138])
    assert missed["message"] == "rate (step 5, segment all) is 0.11 (0.088 to 0.138); wanted: at least 0.12."


def test_at_most_and_both_ends():
    assert not judge(where={"step": 5, "segment": "all"}, column="rate", at_most=0.1)["passed"]
    assert judge(where={"step": 5, "segment": "all"}, column="rate", at_least=0.11, at_most=0.11)["passed"]
    high = judge(where={"step": 1}, column="n", at_least=1, at_most=500)
    assert high["message"] == "n (step 1) is 598; wanted: at least 1 and at most 500."
    assert high["interval"] is None


def test_of_several_rows_the_worst_decides():
    found = judge(where={"segment": "all"}, column="rate", at_least=0.5)
    assert (found["passed"], found["value"]) == (False, 0.11)
    assert "the nearest to it of 2 rows" in found["message"]


def test_an_interval_belongs_to_the_effect_where_there_is_one():
    assert judge(table="trend", column="effect", at_least=0)["interval"] == [0.1, 0.3]
    assert judge(table="trend", column="estimate", at_least=0)["interval"] is None


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"table": "tabel", "column": "rate"}, "there is no table 'tabel'. Did you mean 'table'? There are: table, tr"),
        ({"column": "rat"}, "no column 'rat'. Did you mean 'rate'?"),
        ({"column": "rate", "where": {"stap": 5}}, "no column 'stap'. Did you mean 'step'?"),
        ({"column": "rate", "where": {"step": 6}}, "no row fits. step has 1, 5."),
        ({"column": "rate", "where": {"segment": "web"}}, "1 of 1 rows have no number there"),
        ({"column": "segment"}, "3 of 3 rows have no number there"),
        ({"column": "open"}, "3 of 3 rows have no number there"),
        ({"table": "none", "column": "rate"}, "no column 'rate'"),
    ],
)
def test_a_number_that_is_not_there_is_a_missed_gate(entry, message):
    found = judge(**entry, at_least=0.0)
    assert not found["passed"]
    assert message in found["message"]


def test_a_day_written_without_quotes_finds_its_row():
    import datetime as dt

    assert judge(table="trend", where={"since": dt.date(2026, 3, 1)}, column="effect", at_least=0)["passed"]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"column": "rate"}, "expected a list"),
        (["rate"], "Gate 1 is 'rate'; expected a mapping"),
        ([{"column": "rate", "at_leest": 1}], "`at_leest`, which nothing reads. Did you mean 'at_least'"),
        ([{"at_least": 1}], "`column` is None"),
        ([{"column": "rate"}], "has no threshold"),
        ([{"column": "rate", "at_least": "10%"}], "`at_least` is '10%'; expected a number; rates are fractions"),
        ([{"column": "rate", "at_most": True}], "`at_most` is True"),
        ([{"column": "rate", "at_most": float("nan")}], "`at_most` is nan"),
        ([{"column": "rate", "at_least": 2, "at_most": 1}], "wants at least 2 and at most 1, which no number is"),
        ([{"column": "rate", "at_least": 0}, {"column": "rate", "where": [1], "at_least": 0}], "Gate 2: `where` is"),
        ([{"column": "rate", "where": {"step": [1, 2]}, "at_least": 0}], "expected one value for each column"),
        ([{"column": "rate", "table": 1, "at_least": 0}], "`table` is 1"),
    ],
)
def test_what_no_gate_can_be_is_refused_with_its_place(entries, message):
    with pytest.raises(ParameterError) as caught:
        read_gates(entries)
    assert message in str(caught.value)


def test_only_missed_gates_are_told():
    gates = [{"passed": True}, {"passed": False}]
    assert missed_gates({"gates": gates}) == gates[1:]
    assert missed_gates({}) == []
