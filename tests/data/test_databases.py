"""Engines share one DuckDB, and nothing else: no tables, no errors, and no memory once they are gone."""

import gc
import multiprocessing
import sys
import time

import duckdb
import pandas as pd
import pytest

import cxlab as cx
from cxlab.data import databases
from cxlab.data.engine import Engine
from cxlab.errors import SourceError


def held():
    databases.release()
    return {name for (name,) in Engine().rows("SELECT database_name FROM duckdb_databases() WHERE NOT internal")}


def kept():
    databases.release()
    return Engine().rows("SELECT sum(memory_usage_bytes) FROM duckdb_memory()")[0][0]


def test_tables_of_one_engine_are_not_those_of_another():
    one, other = Engine(), Engine()
    for number, engine in enumerate((one, other)):
        engine.execute(f"CREATE TABLE t AS SELECT {number} AS n")
        engine.execute(f"CREATE TEMP TABLE step AS SELECT {number} AS n")
        engine.register("frame", pd.DataFrame({"n": [number]}))
        engine.execute("CREATE VIEW source AS SELECT * FROM frame")
    for number, engine in enumerate((one, other)):
        for name in ("t", "step", "source"):
            assert engine.rows(f"SELECT n FROM {name}") == [(number,)]
    one.execute("DROP TABLE t")
    assert other.rows("SELECT n FROM t") == [(1,)]
    with pytest.raises(duckdb.Error):
        one.rows("SELECT n FROM t")


def test_what_an_engine_held_is_let_go_with_it():
    gc.collect()
    before, filled = held(), kept()
    engine = Engine()
    engine.execute("CREATE TABLE t AS SELECT random() AS n FROM range(2_000_000)")
    assert len(held() - before) >= 1
    assert kept() > filled + 8_000_000
    del engine
    gc.collect()
    assert len(held() - before) <= 1  # its own, that asks
    assert kept() < filled + 4_000_000


def test_a_query_that_names_no_table_is_not_told_of_those_of_others():
    others = cx.table(pd.DataFrame({"n": [1]}))
    with pytest.raises(SourceError, match="sorce does not exist") as refused:
        cx.table("SELECT * FROM sorce")
    assert "cxlab_" not in str(refused.value)
    assert others.rows == 1


def test_an_engine_that_ends_takes_nobody_with_it():
    table = cx.table(pd.DataFrame({"n": [1, 2, 3]}))
    for number in range(5):
        cx.table(pd.DataFrame({"n": [number]}))
    gc.collect()
    assert table.engine.rows("SELECT sum(n) FROM source WHERE n > 1") == [(5,)]


def test_after_an_error_that_ended_duckdb_the_next_engine_begins_anew():
    before = Engine()
    before.execute("CREATE TABLE t AS SELECT 4 AS n")
    ended = duckdb.connect(":memory:")
    ended.close()
    databases._STARTED[:] = [ended]
    assert Engine().rows("SELECT 7") == [(7,)]
    assert before.rows("SELECT n FROM t") == [(4,)]


def _counted(found):
    found.put(cx.table(pd.DataFrame({"n": [1, 2]})).rows)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_a_database_of_its_own():
    assert Engine().rows("SELECT 7") == [(7,)]
    context = multiprocessing.get_context("fork")
    found = context.Queue()
    child = context.Process(target=_counted, args=(found,))
    child.start()
    try:
        assert found.get(timeout=60) == 2
    finally:
        child.join(10)
        child.kill()


def test_an_engine_begins_sooner_than_duckdb_does():
    Engine().wake()

    def spent(begin):
        before = time.process_time()
        for _ in range(5):
            begin()
        return time.process_time() - before

    assert spent(lambda: Engine().wake()) < spent(lambda: duckdb.connect(":memory:").close())
