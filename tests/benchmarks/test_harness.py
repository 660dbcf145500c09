"""The benchmark measures what it says it measures."""

import duckdb
import pytest

from benchmarks import cases, customers, events, queries, results, users
from benchmarks.__main__ import equal_answers
from benchmarks.measure import Series
from benchmarks.results import ratios

SIZE = 2_000


@pytest.fixture
def log(tmp_path, monkeypatch) -> str:
    monkeypatch.setattr(events, "CACHE", tmp_path)
    return str(events.event_log(SIZE))


def one(sql: str):
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def test_the_log_is_the_same_each_time(log, tmp_path) -> None:
    columns = "count(*), count(DISTINCT user_id), sum(value)::DECIMAL(18,2), min(ts), max(ts)"
    sums = f"SELECT {columns} FROM read_parquet('{log}')"
    first = one(sums)
    (tmp_path / f"events-{SIZE}.parquet").unlink()
    events.event_log(SIZE)
    assert one(sums) == first
    assert first[0][0] == SIZE
    assert first[0][1] <= SIZE // events.EVENTS_PER_UNIT


def test_a_log_larger_than_memory_is_sorted_and_the_same_each_time(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(events, "CACHE", tmp_path)
    monkeypatch.setattr(events, "_WHOLE", 1_000)
    monkeypatch.setattr(events, "_PIECE", 800)
    path = events.event_log(SIZE)
    found = []
    for _ in range(2):
        found.append(one(f"SELECT * FROM read_parquet('{path}')"))
        path.unlink()
        events.event_log(SIZE)
    assert found[0] == found[1]
    assert len(found[0]) == SIZE
    times = [row[1] for row in found[0]]
    assert times == sorted(times)
    assert 80 < len({row[0] for row in found[0]}) <= SIZE // events.EVENTS_PER_UNIT
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_every_unit_is_in_one_variant(log) -> None:
    variants = f"SELECT count(DISTINCT variant) AS n FROM read_parquet('{log}') GROUP BY user_id"
    assert one(f"SELECT max(n) FROM ({variants})") == [(1,)]


def test_hand_written_retention_begins_with_everyone(log) -> None:
    triangle = one(queries.retention(log))
    assert (
        sum(returned for _, age, returned in triangle if age == 0)
        == one(f"SELECT count(DISTINCT user_id) FROM read_parquet('{log}')")[0][0]
    )


def test_the_users_are_the_same_each_time_and_hand_written_queries_say_what_cxlab_says(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(events, "CACHE", tmp_path)
    path = users.user_table(SIZE)
    sums = f"SELECT count(DISTINCT user_id), sum(revenue)::DECIMAL(18,2), sum(visits) FROM read_parquet('{path}')"
    first = one(sums)
    path.unlink()
    assert one(sums.replace(str(path), str(users.user_table(SIZE)))) == first
    assert first[0][0] == SIZE
    ours, table = cases.users_cxlab(str(path)), cases.users_table_sql(str(path))
    assert table == ours | {"twice": 0}
    moments = cases.users_moments_sql(str(path))
    assert float(moments.pop("revenue se")) == pytest.approx(float(ours["revenue se"]), rel=3e-4), "to first order"
    assert moments.items() < ours.items()
    assert cases.users_sql(str(path)).items() < ours.items()


def test_every_move_is_counted_as_hand_written_sql_counts_it(log) -> None:
    ours, by_hand = cases.moves_cxlab(log), cases.moves_sql(log)
    assert {move: n for move, n in ours.items() if "(" not in move} == by_hand
    starts, ends = (sum(n for move, n in ours.items() if state in move) for state in ("(start)", "(end)"))
    assert starts == ends == one(f"SELECT count(DISTINCT user_id) FROM read_parquet('{log}')")[0][0]


def test_more_get_there_without_a_window(log) -> None:
    within, ever = cases.funnel_cxlab(log), cases.unlimited_cxlab(log)
    assert within["1"] == ever["1"]
    assert within["5"] < ever["5"]
    assert cases.funnel_sql(log) == within


def test_answers_are_compared_in_what_both_say() -> None:
    def said(**answer: str) -> Series:
        return Series([{"answer": answer}])

    ours = said(a="1", b="2")
    assert equal_answers({"users cxlab": ours, "users sql": said(a="1", c="9")}) == {"users sql": True}
    assert equal_answers({"users cxlab": ours, "users sql": said(a="1", b="3")}) == {"users sql": False}
    assert equal_answers({"users cxlab": ours, "users sql": said(c="9")}) == {"users sql": False}


def test_ratios_are_of_medians() -> None:
    def series(*seconds: float) -> dict:
        return Series([{"seconds": one, "peak_mb": 100} for one in seconds]).summary()

    found = ratios({"ab cxlab": series(2, 3, 10), "ab sql": series(1, 2, 1.5), "ab scan": series(0.5, 0.5, 9)})
    assert found == {
        "ab sql": {"of_peer_time": 2.0, "of_peer_memory": 1.0, "of_scan_time": 6.0, "peer_of_scan_time": 3.0}
    }


def test_two_halves_of_a_day_stand_on_one_page(tmp_path, monkeypatch) -> None:
    def series(seconds: float) -> Series:
        return Series([{"seconds": seconds, "peak_mb": 100}])

    monkeypatch.setattr(results, "FOLDER", tmp_path)
    peers = {f"ab {who}": series(1) for who in ("cxlab", "sql", "scan")}
    about = {
        "cores": 2,
        "memory_gb": 8,
        "system": "Linux",
        "python": "3.11",
        "load_before": 0,
        "versions": {"duckdb": "2"},
    }
    results.write(peers, events=40, equal={"ab sql": True}, about=about)
    results.write({f"large {who}": series(7) for who in ("cxlab", "sql", "scan")}, events=40,
                  equal={"large sql": True}, about=about)  # fmt: skip
    page = results.write({"import cxlab": series(0.1)}, events=99, equal={}, about=about).read_text("utf-8")
    small, large = page.split("## Beside peers: 100,000,000 events of 5,000,000 units")
    assert "40 events of 2 units" in small
    assert "A/B test" in small and "Funnel" not in small
    assert "Funnel" in large and "large 7.00 s" in large
    assert "`import cxlab`" in page


def test_the_tables_of_value_are_the_same_each_time_and_both_say_the_same(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(events, "CACHE", tmp_path)
    made = customers.purchase_summaries(3_000), customers.payments(400)
    sums = f"SELECT count(*), sum(frequency), sum(recency)::DECIMAL(18,2), sum(age) FROM read_parquet('{made[0]}')"
    first = one(sums)
    made[0].unlink()
    assert customers.purchase_summaries(3_000) == made[0]
    assert one(sums) == first
    assert one(f"SELECT min(age - recency) >= 0, max(frequency) > 5 FROM read_parquet('{made[0]}')") == [(True, True)]
    assert cases.revenue_sql(str(made[1])) == cases.revenue_cxlab(str(made[1]))
    assert set(cases.value_cxlab(str(made[0]))) == {"r", "alpha", "a", "b"}
