"""The data dictionary is made from the columns' own descriptions, and agrees with the contracts of a data check."""

import pytest

from cxlab.data import table
from cxlab.data.synthetic import COLUMNS, data_dictionary
from cxlab.data.synthetic.dictionary import READ_AS, ROLES, UNRECORDED
from cxlab.data.synthetic.tables import TABLES
from cxlab.quality.columns import find_columns
from cxlab.quality.contracts import CONTRACTS


def test_every_table_and_column_is_explained() -> None:
    page = data_dictionary()
    assert list(COLUMNS) == list(TABLES)
    for name, columns in COLUMNS.items():
        section = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
        assert section.count("\n| ") == len(columns) + 1
        for column, meaning in columns.items():
            assert f"| {column} | {meaning} |" in section


def test_every_contract_has_its_table() -> None:
    assert sorted(READ_AS.values()) == sorted(CONTRACTS)
    assert list(ROLES) == list(READ_AS)


@pytest.mark.parametrize("name", ROLES)
def test_every_role_of_a_contract_is_a_column_that_is_explained(name: str) -> None:
    known = [role.name for role in CONTRACTS[READ_AS[name]].roles]
    assert sorted([*ROLES[name], *UNRECORDED.get(name, ())]) == sorted(known)
    assert set(ROLES[name].values()) <= set(COLUMNS[name])
    assert not [role for role in UNRECORDED.get(name, ()) if CONTRACTS[READ_AS[name]].role(role).needed]


@pytest.mark.parametrize("name", ROLES)
def test_a_data_check_takes_the_columns_for_what_the_dictionary_says(small, name: str) -> None:
    found = find_columns(table(small[name]), CONTRACTS[READ_AS[name]], {})
    assert {column.role: column.name for column in found if column.role}.items() <= ROLES[name].items()


def test_the_page_in_the_guides_is_the_dictionary(root) -> None:
    """Written by: python -c "from cxlab.data.synthetic import data_dictionary as d; print(d(), end='')"."""
    assert (root / "docs" / "guides" / "data_dictionary.md").read_text(encoding="utf-8") == data_dictionary()
