"""The data dictionary is made from the columns' own descriptions."""

from cxlab.data.synthetic import COLUMNS, data_dictionary
from cxlab.data.synthetic.tables import TABLES


def test_every_table_and_column_is_explained() -> None:
    page = data_dictionary()
    assert list(COLUMNS) == list(TABLES)
    for name, columns in COLUMNS.items():
        section = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
        assert section.count("\n| ") == len(columns) + 1
        for column, meaning in columns.items():
            assert f"| {column} | {meaning} |" in section
