"""Long work shows a bar in a notebook, which is gone afterwards; nothing is shown elsewhere."""

import threading
import time

import pandas as pd
import pytest

from cxlab.data import table, waiting


class Shown:
    """Stands for a notebook's display."""

    def __init__(self):
        self.texts = []

    def __call__(self, shown, **_):
        self.texts.append(shown["text/html"])
        return self

    update = __call__


@pytest.fixture
def shown(monkeypatch):
    found = Shown()
    monkeypatch.setattr(waiting, "PATIENCE", 0.05)
    monkeypatch.setattr(waiting, "_notebook", lambda: found)
    return found


def test_long_work_shows_a_bar_that_goes(shown):
    with waiting.told():
        time.sleep(0.3)
    assert len(shown.texts) >= 3
    assert all("<progress" in text and "Calculating, 0 s" in text for text in shown.texts[:-1])
    assert shown.texts[-1] == ""


def test_a_failure_takes_the_bar_away_too(shown):
    def fail():
        with waiting.told():
            time.sleep(0.2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert shown.texts[-1] == ""
    assert not [one for one in threading.enumerate() if one.name == "cxlab-bar"]


def test_short_work_shows_nothing(shown, monkeypatch):
    monkeypatch.setattr(waiting, "PATIENCE", 30)
    start = time.monotonic()
    with waiting.told():
        pass
    assert shown.texts == []
    assert time.monotonic() - start < 5


def test_a_query_of_the_engine_tells(shown):
    found = table(pd.DataFrame({"n": range(10)}))
    found.query("SELECT sum(a.range * b.range % 7) AS n FROM range(9000) a, range(9000) b")
    assert shown.texts[-1:] == [""]


def test_outside_of_a_notebook_there_is_nothing_to_show():
    assert waiting._notebook() is None
