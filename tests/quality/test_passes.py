"""Large tables: the source is opened once and read a bounded number of times, however many columns it has."""

import re
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from cxlab.data import Engine, table
from cxlab.quality import check_data
from tests.quality.conftest import found

WHOLE = 9  # values, other columns, times, ids, ties, their rows and pairs, days, customers


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that the engine ran."""
    statements: list[str] = []
    for name in ("execute", "rows"):
        run = getattr(Engine, name)
        monkeypatch.setattr(Engine, name, lambda self, sql, run=run: (statements.append(sql), run(self, sql))[1])
    return statements


def scans(statements: list[str]) -> list[str]:
    """Statements that read rows of the source; looking at the first of them is no scan."""
    reads = [sql for sql in statements if re.search(r"(FROM|JOIN) source\b(?! LIMIT)", sql)]
    return [sql for sql in reads if "DESCRIBE" not in sql and sql != "SELECT count(*) FROM source"]


def wide(events: pd.DataFrame, categories: int) -> pd.DataFrame:
    more = {f"kind {i}": np.array(["a", "b", "c"])[(events.index + i) % 3] for i in range(categories)}
    return events.assign(**more)


def test_more_columns_are_no_more_passes(events: pd.DataFrame, said: list[str], tmp_path: Path) -> None:
    numbers = []
    for columns in (0, 30):
        said.clear()
        duckdb.from_df(wide(events, columns)).write_parquet(str(tmp_path / f"{columns}.parquet"))
        check_data(tmp_path / f"{columns}.parquet", as_="events")
        numbers.append(len(scans(said)))
    assert numbers[0] == numbers[1] <= WHOLE


def test_a_column_of_many_texts_is_read_once_more(events: pd.DataFrame, said: list[str]) -> None:
    check_data(events, as_="events")
    usual = len(scans(said))
    said.clear()
    check_data(events.assign(note=events.event_id.map("note {}".format)), as_="events")
    assert len(scans(said)) == usual + 1


def test_a_csv_is_parsed_once(events: pd.DataFrame, said: list[str], tmp_path: Path) -> None:
    events.to_csv(tmp_path / "events.csv", index=False)
    check_data(tmp_path / "events.csv", as_="events")
    assert sum("read_csv" in sql for sql in said) == 1


def test_ties_are_compared_whole_only_among_themselves(events: pd.DataFrame, said: list[str]) -> None:
    check_data(events, as_="events")
    assert not [sql for sql in scans(said) if "AS whole" in sql]


@pytest.mark.parametrize("rows", [200, 12_000])
def test_a_small_frame_is_answered_at_once(events: pd.DataFrame, rows: int) -> None:
    """It stands above every notebook: half a second of one processor, whatever else the machine does."""
    frame = pd.concat([events] * (rows // 300 + 1), ignore_index=True).head(rows)
    frame = frame.assign(event_id=range(rows), user_id=frame.index // 5)
    check_data(frame, as_="events")
    begin = time.thread_time()
    check_data(frame, as_="events")
    assert time.thread_time() - begin < 0.5


def test_ids_far_apart_and_close_together_are_counted_alike(events: pd.DataFrame) -> None:
    for spread in (1, 10**12):
        frame = events.assign(event_id=events.event_id * spread)
        frame.loc[5:7, "event_id"] = frame.event_id[4]
        assert found(check_data(frame, as_="events")) == {"duplicate_ids": ("event_id", 3)}
    frame = events.assign(event_id="k" + events.event_id.astype(str))
    frame.loc[5:7, "event_id"] = "k5"
    assert found(check_data(frame, as_="events")) == {"duplicate_ids": ("event_id", 3)}


def test_nothing_is_left_behind_in_the_table(events: pd.DataFrame) -> None:
    opened = table(pd.concat([events, events.iloc[:5]], ignore_index=True))
    before = opened.engine.rows("SELECT table_name FROM information_schema.tables ORDER BY 1")
    first = check_data(opened, as_="events")
    assert opened.engine.rows("SELECT table_name FROM information_schema.tables ORDER BY 1") == before
    pd.testing.assert_frame_equal(first.table, check_data(opened, as_="events").table)
