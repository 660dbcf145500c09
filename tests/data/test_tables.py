"""Data in: any usual source, typed by role, with loud failure."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxlab.data import as_table, parse_duration, table
from cxlab.errors import DataError, ParameterError, SourceError

ROWS = [("007", "Müller", "1.5"), ("NA", "Zoë", "2")]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def lines(delimiter: str) -> str:
    return "\n".join(delimiter.join(row) for row in [("id", "name", "amount"), *ROWS]) + "\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_files_of_any_usual_form_keep_ids_and_letters(tmp_path: Path, delimiter: str, encoding: str) -> None:
    opened = table(write(tmp_path / "people.csv", lines(delimiter), encoding))
    relation = opened.typed(id=("id", "id"), name=("name", "text"), amount=("amount", "number"))
    got = opened.query(f"SELECT * FROM {relation} ORDER BY amount")
    assert [tuple(row) for row in got.values.tolist()] == [("007", "Müller", 1.5), ("NA", "Zoë", 2.0)]


def test_compressed_text_and_a_glob_are_read_as_one_table(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(lines(",").encode()))
    assert table(f"{tmp_path}/*.csv.gz").rows == 4


def test_parquet_and_frame_and_sql_give_the_same_values(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": [1, 2], "amount": [0.5, 1.5]})
    path = write(tmp_path / "t.csv", frame.to_csv(index=False))
    for source in (frame, path, f"SELECT * FROM '{path}'"):
        opened = table(source)
        assert opened.query(f"SELECT sum(x) AS s FROM {opened.typed(x=('amount', 'number'))}")["s"].item() == 2.0


def test_roles_map_the_users_columns_and_unknown_ones_name_the_nearest() -> None:
    opened = table(pd.DataFrame({"user_id": [1], "arm": ["a"]}), unit="user_id")
    assert opened.column("unit") == "user_id"
    with pytest.raises(DataError, match="no column 'user'.*Did you mean 'user_id'.*user_id, arm"):
        opened.column("user")
    with pytest.raises(DataError, match="Did you mean 'arm'"):
        table(pd.DataFrame({"user_id": [1], "arm": ["a"]}), variant="armm")


def test_one_bad_value_among_many_is_named_with_its_row(tmp_path: Path) -> None:
    values = [str(i) for i in range(50_000)]
    values[31_337] = "12,5"
    opened = table(write(tmp_path / "t.csv", "amount;x\n" + "\n".join(f"{v};1" for v in values)))
    with pytest.raises(DataError, match=r"'amount' has '12,5' in row 31,338; expected a number.*decimal=','"):
        opened.typed(y=("amount", "number"))


def test_decimal_comma_and_words_for_missing_are_declared_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "id;amount\nNA;1.234,5\n2;?\n")
    opened = table(path, decimal=",", missing=["?", "NA"])
    relation = opened.typed(id=("id", "id"), y=("amount", "number?"))
    assert opened.query(f"SELECT * FROM {relation} ORDER BY y")["y"].tolist()[0] == 1234.5
    assert set(opened.query(f"SELECT id FROM {relation}")["id"]) == {"NA", "2"}


def test_missing_where_a_value_is_needed_is_refused_with_counts() -> None:
    opened = table(pd.DataFrame({"arm": ["a", None, "b"]}))
    with pytest.raises(DataError, match="1 of 3 rows have no 'arm', which is needed as variant"):
        opened.typed(variant=("arm", "text"))


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        (["0", "1", "2"], "flag", "'2' in row 3; expected 0 or 1"),
        (["yes", "maybe"], "flag", "'maybe' in row 2"),
        (["2026-01-01", "31-01-2026"], "time", "'31-01-2026' in row 2.*time_format"),
        (["2026-01-01T00:00:00Z", "2026-01-01 00:00"], "time", "mixes times with and without an offset: 1 have one"),
        ([1.5, 2.0], "id", "1.5 in row 1; expected a whole or text id"),
        ([1.0, float("inf")], "number", "inf in row 2; expected a number"),
        (["1", "1_000"], "number", "'1_000' in row 2; expected a number"),
    ],
)
def test_bad_values_are_refused_in_words(values: list[object], kind: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        table(pd.DataFrame({"x": values})).typed(x=("x", kind))


def test_whole_numbers_read_as_floats_stay_ids_and_nan_is_missing() -> None:
    opened = table(pd.DataFrame({"id": [1.0, 2.0], "y": [np.nan, 3.0]}))
    got = opened.query(f"SELECT * FROM {opened.typed(id=('id', 'id'), y=('y', 'number?'))} ORDER BY id")
    assert got["id"].tolist() == [1, 2] and got["y"].isna().tolist() == [True, False]


def test_mixed_offsets_are_instants_and_local_days_follow_the_clock_change() -> None:
    times = ["2026-03-29T00:30:00+01:00", "2026-03-29T23:30:00+02:00", "2026-10-25T02:30:00+01:00"]
    opened = table(pd.DataFrame({"t": times}), tz="Europe/Berlin")
    relation = opened.typed(t=("t", "time"))
    got = opened.query(f"SELECT t, {opened.local('t')} AS l FROM {relation} ORDER BY t")
    assert got["t"].astype(str).tolist() == ["2026-03-28 23:30:00", "2026-03-29 21:30:00", "2026-10-25 01:30:00"]
    assert got["l"].astype(str).tolist() == ["2026-03-29 00:30:00", "2026-03-29 23:30:00", "2026-10-25 02:30:00"]


def test_times_without_offset_are_local_in_the_declared_zone() -> None:
    opened = table(pd.DataFrame({"t": ["2026-07-01 12:00"]}), tz="Asia/Kolkata")
    assert opened.note("t").first == "2026-07-01T12:00:00+05:30"
    got = opened.query(f"SELECT t FROM {opened.typed(t=('t', 'time'))}")["t"]
    assert str(got.item()) == "2026-07-01 06:30:00"


def test_a_declared_form_reads_day_first_times() -> None:
    opened = table(pd.DataFrame({"t": ["29-02-2016 01:16"]}), time_format="%d-%m-%Y %H:%M")
    assert opened.note("t").first == "2016-02-29T01:16:00+00:00"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere.csv", "No file 'nowhere.csv' was found"),
        ("https://example.org/a.csv", "Download the file first"),
        (42, "'int'; expected a data frame"),
        ("SELECT * FRM x", "SQL query cannot be read"),
    ],
)
def test_sources_that_cannot_be_read_say_why(source: object, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        table(source)


def test_a_near_file_name_is_offered(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", "a,b\n1,2\n")
    with pytest.raises(SourceError, match="Did you mean 'orders.csv'"):
        table(tmp_path / "order.csv")


def test_empty_files_and_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'a.csv' is empty \(0 bytes\)"):
        table(write(tmp_path / "a.csv", ""))
    with pytest.raises(DataError, match="has columns but no rows"):
        table(write(tmp_path / "b.csv", "a,b\n"))
    with pytest.raises(SourceError, match="'c.xlsx' is of no known kind"):
        table(write(tmp_path / "c.xlsx", "x"))


def test_a_frame_with_a_column_twice_or_mixed_types_is_handled() -> None:
    with pytest.raises(SourceError, match="'a' more than once"):
        table(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    assert table(pd.DataFrame({"id": [1, "NA", "007"]})).values("id") == ["007", "1", "NA"]


def test_columns_that_differ_in_case_alone_are_refused() -> None:
    with pytest.raises(SourceError, match="'y' more than once"):
        table(pd.DataFrame({"y": [1], "Y": [2]}))


def test_a_reversed_frame_is_read() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})[::-1]
    opened = table(frame)
    assert opened.query(f"SELECT max(a) AS a FROM {opened.typed(a=('a', 'id'))}")["a"].item() == 3


def test_only_aggregates_leave_the_engine() -> None:
    opened = table(pd.DataFrame({"a": [1]}))
    with pytest.raises(DataError, match="more than 100,000 rows"):
        opened.query("SELECT * FROM range(100001)")


def test_an_unknown_time_zone_names_the_nearest() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'Europe/Berlin'"):
        table(pd.DataFrame({"a": [1]}), tz="Europe/Berln")


def test_the_fingerprint_follows_the_content() -> None:
    a, b, c = (table(pd.DataFrame({"a": [1, v]})).fingerprint for v in (2, 2, 3))
    assert a == b != c


def test_a_table_passes_through() -> None:
    opened = table(pd.DataFrame({"a": [1]}))
    assert as_table(opened) is opened


@pytest.mark.parametrize("text", ["7", 7, "7 parsecs", "", "-3D", "D"])
def test_lengths_of_time_need_a_unit(text: object) -> None:
    with pytest.raises(ParameterError, match="`within` is .*expected a number with a unit"):
        parse_duration(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7D", 604_800), ("30min", 1_800), ("12 h", 43_200), ("2W", 1_209_600), ("90s", 90), ("7 days", 604_800)],
)
def test_lengths_of_time_are_read(text: str, seconds: int) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("dtype", ["float64", "float32", "Int64"])
def test_flags_stored_as_numbers_are_read_as_numbers(dtype):
    flags = pd.DataFrame({"x": pd.Series([1, 0, None, -0.0, 1], dtype=dtype)})
    opened = table(flags)
    source = opened.typed(x=("x", "flag?"))
    found = opened.query(f"SELECT sum(x) AS yes, count(x) AS known FROM {source} AS t").iloc[0]
    assert (found["yes"], found["known"]) == (2, 4)
    with pytest.raises(DataError, match=r"has 0\.5 in row 2"):
        table(pd.DataFrame({"x": [1.0, 0.5]})).typed(x=("x", "flag"))
