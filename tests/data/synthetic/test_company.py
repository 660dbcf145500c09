"""The same seed gives the same tables, whatever else is made and in however many groups."""

import json

import numpy as np
import pandas as pd
import pytest

from cxlab.data.synthetic import COLUMNS, company_truth, sample_company
from cxlab.data.synthetic.chunks import Chunk
from cxlab.data.synthetic.people import people
from cxlab.data.synthetic.tables import TABLES
from cxlab.errors import ParameterError
from tests.data.synthetic.digests import of_table


def extra_table(chunk: Chunk) -> dict[str, object]:
    who, rng = chunk.made(people), chunk.rng("extra")
    return {"customer_id": who.id, "luck": rng.random(chunk.size)}


def test_another_seed_gives_other_tables() -> None:
    first, second = (sample_company(300, seed=seed)["events"] for seed in (1, 2))
    assert of_table(first) != of_table(second)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_made_alone_is_the_same(name: str) -> None:
    pd.testing.assert_frame_equal(sample_company(300, tables=[name])[name], sample_company(300)[name])


def test_a_new_table_changes_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sample_company(300)
    monkeypatch.setattr("cxlab.data.synthetic.company.TABLES", {"extra": extra_table, **TABLES})
    monkeypatch.setattr("cxlab.data.synthetic.tables.TABLES", {"extra": extra_table, **TABLES})
    after = sample_company(300)
    assert list(after) == ["extra", *before]
    for name in before:
        pd.testing.assert_frame_equal(after[name], before[name])


def test_the_first_groups_do_not_depend_on_the_later_ones() -> None:
    ten, twenty = (sample_company(size, tables=["tickets"])["tickets"] for size in (10_000, 20_000))
    pd.testing.assert_frame_equal(twenty.iloc[: len(ten)], ten)


def test_ids_are_unique_and_tables_join(company) -> None:
    for name, column in {"customers": "customer_id", "identity_map": "identity_id", "events": "event_id",
                         "tickets": "ticket_id", "ticket_events": "ticket_event_id", "surveys": "survey_id",
                         "transactions": "transaction_id", "subscriptions": "subscription_id"}.items():  # fmt: skip
        assert company[name][column].is_unique, name
    known = set(company["customers"]["customer_id"])
    for name in ("identity_map", "events", "tickets", "surveys", "transactions", "subscriptions"):
        assert set(company[name]["customer_id"]) <= known, name
    assert set(company["events"]["identity_id"]) <= set(company["identity_map"]["identity_id"])
    assert set(company["ticket_events"]["ticket_id"]) == set(company["tickets"]["ticket_id"])
    assert set(company["surveys"]["ticket_id"].dropna()) <= set(company["tickets"]["ticket_id"])


def test_one_unit_stands_once_in_each_experiment(company) -> None:
    assert not company["assignments"].duplicated(["experiment", "unit_id"]).any()


def test_columns_are_those_of_the_dictionary(small) -> None:
    assert {name: list(table) for name, table in small.items()} == {k: list(v) for k, v in COLUMNS.items()}


def test_nothing_lies_outside_the_two_years(company) -> None:
    for name, table in company.items():
        for column in table.select_dtypes("datetime"):
            if column not in ("received_at", "first_seen_at"):
                times = table[column].dropna()
                assert (times >= "2024-07-01").all(), (name, column)
                assert (times < "2026-07-01").all(), (name, column)


def test_the_truth_is_plain() -> None:
    assert json.loads(json.dumps(company_truth())) == company_truth()


def test_changing_the_truth_that_was_given_changes_nothing(small) -> None:
    small.truth["experiments"]["aa_check"]["effect"] = 1.0
    assert small.truth["experiments"]["aa_check"]["effect"] == 0.0


def test_the_company_cannot_be_changed(small) -> None:
    with pytest.raises(TypeError):
        small["customers"] = pd.DataFrame()
    assert small.defects == {}


@pytest.mark.parametrize("customers", [0, 299, 300_001, 1000.0, True])
def test_sizes_outside_the_bounds_are_refused(customers) -> None:
    with pytest.raises(ParameterError, match="expected a whole number from 300 to 300,000"):
        sample_company(customers)


def test_an_unknown_table_is_refused_with_the_nearest(small) -> None:
    with pytest.raises(ParameterError, match="Did you mean 'tickets'"):
        sample_company(300, tables=["ticket"])
    with pytest.raises(ParameterError, match="Did you mean 'surveys'"):
        small["survey"]


def test_it_says_what_it_holds(small) -> None:
    assert repr(small).splitlines()[0] == "Company of 1,000 customers, seed 2"


def test_no_text_is_empty(small) -> None:
    for name, table in small.items():
        for column in table.select_dtypes("str"):
            assert not np.isin("", table[column].dropna().unique()), (name, column)
