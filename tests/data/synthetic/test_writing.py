"""What is written group by group is what is made in memory."""

import json

import duckdb
import pandas as pd
import pytest

from cxlab.data.synthetic import company_truth, data_dictionary, sample_company, write_company
from cxlab.errors import ParameterError, SourceError

CUSTOMERS = 12_300


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_company(tmp_path_factory.mktemp("company") / "new", customers=CUSTOMERS, seed=4)


def content(file) -> list[tuple[int, int]]:
    with duckdb.connect() as engine:
        return engine.execute(f"SELECT count(*), sum(hash(t)::HUGEINT) FROM read_parquet('{file}') t").fetchall()


def test_files_and_memory_hold_the_same(written) -> None:
    made = sample_company(CUSTOMERS, seed=4)
    assert list(written) == list(made)
    for name, file in written.items():
        stored = duckdb.sql(f"FROM read_parquet('{file}')").df()
        expected = made[name].astype(dict.fromkeys(made[name].select_dtypes("Int64"), "float64"))
        pd.testing.assert_frame_equal(stored.astype(expected.dtypes.to_dict()), expected, check_exact=True)


def test_two_processes_write_what_one_does(written, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("cxlab.data.synthetic.writing._ALONE", 1)
    other = write_company(tmp_path, customers=CUSTOMERS, seed=4, jobs=2)
    for name in written:
        assert content(written[name]) == content(other[name]), name


def test_truth_and_dictionary_lie_beside_the_tables(written) -> None:
    folder = written["events"].parent
    assert json.loads((folder / "truth.json").read_text(encoding="utf-8")) == company_truth()
    assert (folder / "DICTIONARY.md").read_text(encoding="utf-8") == data_dictionary()
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["DICTIONARY.md", "truth.json", *(f"{name}.parquet" for name in written)]
    )


def test_a_size_that_cannot_be_made_is_refused(tmp_path) -> None:
    with pytest.raises(ParameterError, match="expected a whole number from 300 to 10,000,000"):
        write_company(tmp_path, customers=20_000_000)


def test_a_process_that_fails_is_told(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("cxlab.data.synthetic.writing._ALONE", 0)
    monkeypatch.setattr("cxlab.data.synthetic.writing.sys.executable", "/bin/false")
    with pytest.raises(SourceError, match="could not be written"):
        write_company(tmp_path, customers=300)
