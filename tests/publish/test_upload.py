"""A visitor's own table: limits, malformed files, files that grow when unpacked, and nothing left on the disk."""

import gzip
import zlib

import duckdb
import pytest

from cxlab.errors import CxlabError, SourceError
from cxlab.publish.own import look_at
from cxlab.publish.register import analysis_named
from cxlab.publish.upload import VARIABLE, Upload, open_upload, plain_name, upload_limit

TABLE = b"customer_id,timestamp,action\n007,2026-01-01,view\n008,2026-01-02,buy\n"


def sent(name, content, *, limit=1):
    upload = Upload(name, len(content), limit=limit)
    for start in range(0, len(content), 50_000):
        done = upload.add(content[start : start + 50_000])
    assert done
    return upload


def parquet(place, sql):
    path = place / "made.parquet"
    duckdb.sql(f"COPY ({sql}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    return path.read_bytes()


def test_a_table_is_opened_and_its_file_is_gone():
    upload = sent("my table.csv", TABLE)
    assert upload.path.stat().st_mode & 0o077 == 0
    assert upload.path.parent.stat().st_mode & 0o077 == 0
    opened = open_upload(upload)
    assert not upload.path.parent.exists()
    assert opened.source == "The file 'my table.csv'"
    assert opened.values("customer_id") == ["007", "008"]


def test_packed_text_and_parquet_are_opened_too(tmp_path):
    assert open_upload(sent("t.csv.gz", gzip.compress(TABLE, mtime=0))).rows == 2
    rows = "SELECT * FROM (VALUES ('a', 1), ('b', 2), ('b', 3)) t(\"user\", n)"
    upload = sent("t.parquet", parquet(tmp_path, rows))
    opened = open_upload(upload)
    assert not upload.path.parent.exists()
    assert (opened.rows, opened.columns) == (3, ("user", "n"))
    assert opened.query(f"SELECT sum(n) AS n FROM {opened.relation}")["n"][0] == 6


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        ("t.csv", 1_000_001, "at most 1 MB"),
        ("t.csv", 0, "empty"),
        ("t.exe", 10, "no known kind"),
        ("t.xlsx", 10, "expected a CSV"),
        ("t", 10, "no known kind"),
    ],
)
def test_what_is_too_large_empty_or_unknown_is_refused_before_it_comes(name, size, sentence):
    with pytest.raises(SourceError, match=sentence):
        Upload(name, size, limit=1)


def test_more_than_was_said_or_allowed_is_refused_while_it_comes():
    upload = Upload("t.csv", 10, limit=1)
    with pytest.raises(SourceError, match="did not arrive whole"):
        upload.add(b"x" * 11)
    with pytest.raises(SourceError, match="at most 1 MB"):
        upload.add(b"x" * 1_000_000)
    upload.drop()
    assert not upload.path.parent.exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("t.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 40, "is not text"),
        ("t.parquet", b"PAR1 no such thing PAR1", "no Parquet file"),
        ("t.parquet", TABLE, "no Parquet file"),
        ("t.csv.gz", TABLE, "no gzip file"),
        ("t.csv.gz", gzip.compress(TABLE, mtime=0)[:-12], "no gzip file"),
        ("t.csv", b"a,b\n", "no rows"),
        ("t.csv", b"a,b\n" + b"1,2\n" * 9 + b"1,2,3\n" + b"1,2\n" * 9, "not one table"),
    ],
)
def test_a_malformed_file_is_one_sentence_and_is_gone(name, content, sentence):
    upload = sent(name, content)
    with pytest.raises(CxlabError, match=sentence) as told:
        open_upload(upload)
    assert not upload.path.parent.exists()
    assert "cxlab-upload" not in str(told.value)


def test_a_packed_file_that_grows_beyond_measure_is_not_read():
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"0" * 1_000_000) for _ in range(12)) + packer.flush()
    assert len(bomb) < 50_000
    with pytest.raises(SourceError, match="grows beyond 10 MB"):
        open_upload(sent("t.csv.gz", bomb))


def test_a_parquet_file_that_repeats_a_long_text_is_not_read(tmp_path):
    content = parquet(tmp_path, "SELECT repeat('x', 100000) AS text FROM range(1000)")
    assert len(content) < 1_000_000
    with pytest.raises(SourceError, match="grows beyond 10 MB"):
        open_upload(sent("t.parquet", content))


def test_a_parquet_file_of_endless_rows_is_not_read(tmp_path):
    columns = ", ".join(f"1::TINYINT AS c{i}" for i in range(70))
    content = parquet(tmp_path, f"SELECT {columns} FROM range(3000000)")
    assert len(content) < 1_000_000
    with pytest.raises(SourceError, match="3,000,000 rows of 70 columns: too many"):
        open_upload(sent("t.parquet", content))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\x\\t.csv", "t.csv"),
        ("a*[b]?.csv", "a__b__.csv"),
        (".hidden.csv", "hidden.csv"),
        ("", "file"),
        ("<img src=x>.csv", "_img src_x_.csv"),
    ],
)
def test_a_name_is_kept_without_what_could_lead_elsewhere(given, kept):
    assert plain_name(given) == kept


@pytest.mark.parametrize(("text", "limit"), [("50", 50), ("0", 0), ("", 0), ("-5", 0), ("much", 0)])
def test_the_limit_is_the_servers(monkeypatch, text, limit):
    monkeypatch.setenv(VARIABLE, text)
    assert upload_limit() == limit


def test_own_data_are_checked_and_their_columns_found():
    own = look_at(sent("log.csv", TABLE), analysis_named("journey_funnel"))
    assert {name: own.values[name] for name in ("unit", "event", "time")} == {
        "unit": "customer_id", "event": "action", "time": "timestamp",
    }  # fmt: skip
    assert own.values["steps"] == ["buy", "view"]
    assert own.quality.parameters["as_"] == "events"
    assert "log.csv" in own.html()
    assert "Nothing has been calculated yet" in own.html()


def test_a_share_or_a_mean_is_suggested_for_a_test():
    text = b"unit_id,variant,amount,ordered\n" + b"".join(b"%d,%s,%d,%d\n" % (i, b"ab"[i % 2 : i % 2 + 1], i, i % 2)
                                                          for i in range(40))  # fmt: skip
    own = look_at(sent("test.csv", text), analysis_named("ab_test"))
    assert own.values["metrics"] == ["proportion('ordered')"]
    assert own.values["control"] == "a"
    assert own.values["variant"] == "variant"


def test_values_in_the_data_are_escaped():
    own = look_at(
        sent("t.csv", TABLE.replace(b"view", b"<img src=x onerror=alert(1)>")), analysis_named("journey_funnel")
    )
    assert "<img" not in own.html()
