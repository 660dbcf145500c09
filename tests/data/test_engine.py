"""The engine remembers aggregates, and forgets them as soon as what they count may be another."""

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab.data.engine import Engine

EVENTS = pd.DataFrame({
    "unit": ["a", "a", "b", "b", "c"], "event": ["cart", "pay", "cart", "help", "cart"],
    "time": pd.to_datetime(["2026-05-01", "2026-05-02", "2026-05-01", "2026-05-02", "2026-05-20"]),
})  # fmt: skip


@pytest.fixture
def asked(monkeypatch):
    """The statements that reached the database."""
    found, connect = [], cx.data.engine.connected

    class Listening:
        def __init__(self, connection):
            self._connection = connection

        def execute(self, sql):
            found.append(sql)
            return self._connection.execute(sql)

        def __getattr__(self, name):
            return getattr(self._connection, name)

    monkeypatch.setattr(cx.data.engine, "connected", lambda owner: Listening(connect(owner)))
    return found


@pytest.mark.parametrize("way", ["query", "rows"])
def test_the_same_question_reaches_the_database_once(asked, way):
    engine = Engine()
    engine.wake()
    ask, before = getattr(engine, way), len(asked)
    first, second = ask("SELECT 7 AS n"), ask("SELECT 7 AS n")
    assert np.array_equal(first, second)
    assert len(asked) == before + 1


@pytest.mark.parametrize("way", ["query", "rows"])
def test_what_a_caller_does_with_an_answer_stays_with_the_caller(way):
    ask = getattr(Engine(), way)
    first = ask("SELECT 7 AS n")
    if way == "query":
        first.loc[0, "n"] = 8
    else:
        first.clear()
    assert np.array_equal(ask("SELECT 7 AS n"), [[7]])


def test_a_statement_and_a_new_frame_make_it_forget():
    engine = Engine()
    engine.execute("CREATE TABLE t AS SELECT 1 AS n")
    assert engine.rows("SELECT sum(n) FROM t") == [(1,)]
    engine.execute("INSERT INTO t VALUES (4)")
    assert engine.rows("SELECT sum(n) FROM t") == [(5,)]
    engine.register("f", pd.DataFrame({"n": [1]}))
    assert engine.query("SELECT * FROM f")["n"].tolist() == [1]
    engine.register("f", pd.DataFrame({"n": [2]}))
    assert engine.query("SELECT * FROM f")["n"].tolist() == [2]


def test_a_large_answer_is_not_held(asked):
    columns = ", ".join(f"range AS c{number}" for number in range(6))
    engine, sql = Engine(), f"SELECT {columns} FROM range(90000)"
    engine.wake()
    before = len(asked)
    assert engine.query(sql).equals(engine.query(sql))
    assert len(asked) == before + 2


def test_counts_in_several_steps_are_made_once_until_the_data_change():
    engine, made = Engine(), []

    def count():
        engine.execute("CREATE OR REPLACE TEMP TABLE step AS SELECT 1", scratch=True)
        made.append(1)
        return len(made)

    assert [engine.once("a", count), engine.once("a", count), engine.once("b", count)] == [1, 1, 2]
    engine.execute("CREATE TABLE other AS SELECT 1")
    assert engine.once("a", count) == 3


def test_counts_that_failed_are_not_remembered():
    engine = Engine()
    with pytest.raises(ZeroDivisionError):
        engine.once("a", lambda: 1 // 0)
    assert engine.once("a", lambda: 7) == 7


@pytest.mark.parametrize(("change", "again"), [({"confidence": 0.8}, 0), ({"within": "1D"}, 1)])
def test_a_funnel_at_another_level_reads_no_table_again(asked, change, again):
    opened = cx.table(EVENTS)
    first = cx.journey_funnel(opened, steps=["cart", "pay"], within="7D")
    before = len(asked)
    second = cx.journey_funnel(opened, **({"steps": ["cart", "pay"], "within": "7D"} | change))
    assert any("CREATE" in sql for sql in asked[before:]) == bool(again)
    fresh = cx.journey_funnel(cx.table(EVENTS), **({"steps": ["cart", "pay"], "within": "7D"} | change))
    assert second.to_dict() == fresh.to_dict()
    assert (second.table["ci_low"][1] > first.table["ci_low"][1]) == (not again)


@pytest.mark.parametrize("analysis", ["ab_test", "cohort_retention"])
def test_another_level_asks_nothing_of_the_table_again(asked, analysis):
    if analysis == "ab_test":
        frame = pd.DataFrame({"variant": ["a", "b"] * 400, "y": np.arange(800) % 7, "unit": range(800)})
        options = {"metrics": ["mean('y')"], "control": "a"}
    else:
        frame, options = EVENTS, {"period": "week"}
    opened = cx.table(frame)
    getattr(cx, analysis)(opened, **options)
    before = len(asked)
    second = getattr(cx, analysis)(opened, confidence=0.8, **options)
    assert asked[before:] == []
    assert second.to_dict() == getattr(cx, analysis)(cx.table(frame), confidence=0.8, **options).to_dict()


def test_a_long_answer_is_taken_piece_by_piece():
    engine, pieces = Engine(), []
    engine.each("SELECT range AS n FROM range(3000000)", lambda piece: pieces.append(piece["n"]))
    assert len(pieces) > 1
    assert sum(map(len, pieces)) == 3_000_000
    assert sum(int(piece.sum()) for piece in pieces) == 3_000_000 * 2_999_999 // 2


def test_whoever_breaks_off_a_long_answer_leaves_the_engine_usable():
    def refuse(piece):
        raise RuntimeError("enough")

    engine = Engine()
    with pytest.raises(RuntimeError, match="enough"):
        engine.each("SELECT range AS n FROM range(9000000)", refuse)
    engine.register("frame", pd.DataFrame({"n": [7]}))
    assert engine.rows("SELECT n FROM frame") == [(7,)]
