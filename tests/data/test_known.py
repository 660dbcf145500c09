"""What is known of a file is kept for the next visitor, who opens it only when he must; never too long."""

import os
import time

import pytest

from cxlab.data import known, table
from cxlab.data.tables import private_table
from cxlab.errors import DataError
from cxlab.folders import ANSWERS, CODE


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """The folder of an app's server."""
    folder = tmp_path / "shared"
    folder.mkdir()
    monkeypatch.setenv(ANSWERS, str(folder))
    monkeypatch.setenv(CODE, "today's")
    return folder


@pytest.fixture
def visits(tmp_path):
    return written(tmp_path / "visits.csv", "arm,n\nold,1\nnew,2\nnew,3\n")


def written(path, text):
    path.write_text(text)
    before = time.time() - 60
    os.utime(path, (before, before))
    return path


def opened(one):
    return one.engine._database is not None


def test_the_second_opening_opens_nothing_and_knows_the_same(shared, visits):
    first, second = table(visits), table(visits)
    assert (opened(first), opened(second)) == (True, False)
    known_of_it = ("source", "fingerprint", "rows", "types", "columns")
    assert [getattr(second, one) for one in known_of_it] == [getattr(first, one) for one in known_of_it]


def test_small_answers_about_the_file_are_shared_and_other_questions_open_it(shared, visits):
    first, second = table(visits), table(visits)
    assert first.values("arm") == second.values("arm") == ["new", "old"]
    assert not opened(second)
    assert second.query("SELECT sum(n::INT) AS n FROM source")["n"].tolist() == [6]
    assert opened(second)
    assert second.values("n") == first.values("n")


def test_answers_about_scratch_tables_are_nobody_elses(shared, visits):
    first, second = table(visits), table(visits)
    for one, number in ((first, 1), (second, 2)):
        one.engine.execute(f"CREATE TABLE steps AS SELECT {number} AS n", scratch=True)
        assert one.engine.rows("SELECT n FROM steps") == [(number,)]


@pytest.mark.parametrize("text", ["arm,n\nold,9\nnew,2\nnew,3\n", "arm,n\nold,1\n"])
def test_another_content_is_opened_anew(shared, visits, text):
    before = table(visits)
    written(visits, text)
    os.utime(visits)
    after = table(visits)
    assert opened(after)
    assert after.fingerprint != before.fingerprint


def test_a_file_that_changes_under_a_page_is_refused_each_time(shared, visits):
    table(visits)
    page = table(visits)
    written(visits, "arm,n\nold,9\nnew,2\nnew,3\n")
    for _ in range(2):
        with pytest.raises(DataError, match="has changed since this page was opened"):
            page.query("SELECT count(*) AS n FROM source")


def test_a_file_that_changed_just_now_may_change_again_and_is_not_kept(shared, visits):
    os.utime(visits)
    table(visits)
    assert opened(table(visits))
    assert list(shared.iterdir()) == []


def test_a_visitors_own_table_leaves_no_trace(shared, visits):
    own = private_table(str(visits))
    assert own.values("arm") == ["new", "old"]
    assert list(shared.iterdir()) == []


@pytest.mark.parametrize("missing", [ANSWERS, CODE])
def test_outside_an_app_nothing_is_kept(shared, visits, monkeypatch, missing):
    monkeypatch.delenv(missing)
    assert known.known_files([visits]) is None
    assert opened(table(visits))


def test_a_broken_note_is_as_good_as_none(shared, visits):
    table(visits)
    for note in shared.iterdir():
        note.write_text("{")
    assert table(visits).rows == 3


def test_a_full_disk_costs_speed_only(shared, visits, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(known.tempfile, "NamedTemporaryFile", full)
    assert table(visits).values("arm") == ["new", "old"]
    assert opened(table(visits))


def test_the_source_can_be_opened_before_it_is_asked(shared, visits):
    table(visits)
    page = table(visits)
    page.engine.wake()
    assert opened(page)
