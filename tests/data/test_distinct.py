"""Different values are counted exactly, in whatever way."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.data import distinct as counting

WHOLE = st.integers(-(2**63), 2**63 - 1)


def counted(values):
    table = cx.table(pd.DataFrame({"unit": values}))
    return counting.distinct(table, "source", "unit", len(values))


@pytest.fixture
def every_way(monkeypatch):
    monkeypatch.setattr(counting, "_MANY", 1)


@settings(max_examples=60, deadline=None)
@given(values=st.one_of(
    st.lists(st.integers(-40, 40), min_size=1, max_size=60), st.lists(WHOLE, min_size=1, max_size=20),
    st.lists(st.text(max_size=3), min_size=1, max_size=20),
))  # fmt: skip
def test_every_way_counts_what_a_set_counts(values):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_MANY", 1)
        assert counted(values) == len(set(values))


def asked(monkeypatch):
    seen, ask = [], type(cx.table(pd.DataFrame({"unit": [1]}))).query

    def query(self, sql):
        seen.append(sql)
        return ask(self, sql)

    monkeypatch.setattr("cxlab.data.tables.Table.query", query)
    return seen


@pytest.mark.parametrize(
    ("values", "way"),
    [
        (np.arange(300_000) * 1000, "lag("), (np.arange(300_000)[::-1], "bitstring_agg"),
        (np.arange(300_000)[::-1] * 1000, "count(DISTINCT"),
        (np.arange(300_000)[::-1].astype(str), "count(DISTINCT"), (np.arange(1000), "count(DISTINCT"),
    ],
)  # fmt: skip
def test_the_cheapest_way_that_is_exact_is_taken(monkeypatch, values, way):
    seen = asked(monkeypatch)
    assert counted(values) == len(values)
    assert way in seen[-1]
    assert ("count(DISTINCT" in " ".join(seen)) == (way == "count(DISTINCT")


def test_one_repeated_row_among_many_is_seen(every_way):
    values = np.arange(300_000)
    values[200_000] = values[199_999]
    assert counted(values) == 299_999
    values[10] = 5
    assert counted(values) == 299_998


@pytest.mark.parametrize("place", [1, 149_999, 150_000, 150_001, 299_999])
def test_a_repeated_id_is_seen_wherever_it_stands(place):
    values = np.arange(-150_000, 150_000)
    values[place] = values[place - 1]
    assert counted(values) == 299_999


def test_ids_that_rise_twice_are_not_taken_as_rising():
    assert counted(np.append(np.arange(150_000), np.arange(150_000))) == 150_000
