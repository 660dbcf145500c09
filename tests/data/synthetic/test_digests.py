"""The same seed gives the same tables on every Python: all are compared with one stored file."""

import json

import pytest

from tests.data.synthetic.digests import STORED, found, of_column, of_table

EXPECTED = json.loads(STORED.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def now() -> dict:
    return found()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_table_is_what_it_was(now: dict, name: str) -> None:
    assert now[name]["rows"] == EXPECTED[name]["rows"]
    assert list(now[name]["columns"]) == list(EXPECTED[name]["columns"])
    for column, stored in EXPECTED[name]["columns"].items():
        here = now[name]["columns"][column]
        assert here == (pytest.approx(stored, rel=1e-12, abs=0) if isinstance(stored, list) else stored), column


def test_every_table_has_a_digest(now: dict) -> None:
    assert list(EXPECTED) == list(now)


def test_a_digest_sees_one_value_and_the_order(small) -> None:
    table = small["assignments"]
    turned = table.iloc[::-1].reset_index(drop=True)
    assert of_table(turned) != of_table(table)
    revenue = table["revenue"].copy()
    revenue.iloc[revenue.first_valid_index()] += 1e-6
    assert of_column(revenue) != pytest.approx(of_column(table["revenue"]), rel=1e-12, abs=0)
