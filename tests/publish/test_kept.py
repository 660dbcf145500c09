"""Answers that an app's visitors share: computed once, never for other data, other settings or other code."""

import os
import threading
import time

import pytest

from cxlab.data import table
from cxlab.folders import ANSWERS, CODE
from cxlab.publish import kept
from cxlab.publish.answer import Question
from cxlab.publish.explorer import explore
from cxlab.publish.kept import Kept, Seen, kept_answers
from cxlab.publish.own import Own
from cxlab.publish.register import analysis_named, analysis_of
from tests.publish.toy import shares

SEEN = Seen("<p>60.0%</p>", "Plans", None, ({"kind": "csv", "name": "table", "label": "Main table (CSV)"},))


@pytest.fixture
def answers(tmp_path, monkeypatch):
    """The folder of an app's server whose warm process has the toy analysis."""

    def refused():
        raise RuntimeError("no running event loop")

    folder = tmp_path / "answers"
    folder.mkdir()
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5")
    monkeypatch.setenv(ANSWERS, str(folder))
    monkeypatch.setenv(CODE, "today's")
    monkeypatch.setattr(kept, "ANALYSES", (analysis_of(shares),))
    monkeypatch.setattr("cxlab.publish.working.get_running_loop", refused)
    return folder


@pytest.fixture
def asked(monkeypatch):
    """The settings that were really computed."""
    found, answer = [], Question.answer

    def counted(self, values):
        found.append(dict(values))
        return answer(self, values)

    monkeypatch.setattr(Question, "answer", counted)
    return found


def visit(plans, query="", monkeypatch=None):
    if monkeypatch is not None:
        monkeypatch.setenv("QUERY_STRING", query)
    return explore(shares, table(plans))


def test_a_second_visitor_sees_the_same_without_computing_it(plans, answers, asked):
    first, second = visit(plans), visit(plans)
    assert len(asked) == 1
    shown = ("html", "title", "until", "offers", "address", "settled")
    assert [getattr(second.view, name) for name in shown] == [getattr(first.view, name) for name in shown]
    assert "60.0%" in second.view.html


def test_the_page_holds_the_first_answer_with_its_title(plans, answers):
    one = visit(plans)
    one.view.title = 'Is "basic" <best>?'
    html = one._repr_mimebundle_()["text/html"]
    assert html.startswith('<template class="cx-told" data-title="Is &quot;basic&quot; &lt;best&gt;?" data-until="">')
    assert html.endswith(one.view.html)


def test_the_numbers_themselves_are_computed_when_they_are_asked_for(plans, answers, asked):
    visit(plans)
    second = visit(plans)
    assert second.result.table["estimate"].iloc[0] == 0.6
    assert len(asked) == 2
    assert second.answer is second.answer


def test_a_controls_answer_is_shared_as_well(plans, answers, asked, monkeypatch):
    visit(plans).controls.widgets["order"].value = "name"
    assert visit(plans, "order=name", monkeypatch).view.address == "?order=name"
    assert [one["order"] for one in asked] == ["share", "name"]


@pytest.mark.parametrize("change", ["data", "code", "setting", "width"])
def test_nothing_else_is_taken_for_the_same(plans, answers, asked, monkeypatch, change):
    visit(plans)
    if change == "data":
        plans.write_text(plans.read_text().replace("basic", "small"))
    elif change == "code":
        monkeypatch.setenv(CODE, "tomorrow's")
    elif change == "width":
        monkeypatch.setenv("HTTP_USER_AGENT", "Mozilla/5.0 (Linux; Android 15) Mobile Safari/537.36")
    second = visit(plans, "least=0.2" if change == "setting" else "", monkeypatch)
    assert len(asked) == 2
    assert ("small" in second.view.html) == (change == "data")
    assert ("cx-narrow" in second.view.html) == (change == "width")


def test_another_time_zone_is_another_question(plans, answers):
    line = analysis_of(shares)
    assert kept_answers(line, table(plans)) != kept_answers(line, table(plans, tz="Europe/Berlin"))
    assert kept_answers(line, table(plans)) == kept_answers(line, table(plans))


def test_a_visitors_own_data_are_not_kept(plans, answers, tmp_path):
    one, own = visit(plans), tmp_path / "own.csv"
    own.write_text(plans.read_text().replace("basic", "secret"))
    before = sorted(answers.iterdir())
    data = table(own)
    one._looked("own.csv", Own(data, dict(one._usual), None))
    one._own("calculate", {}, [])
    assert "secret" in one.view.html
    assert sorted(answers.iterdir()) == before


def test_a_refusal_is_not_kept(plans, answers, asked, monkeypatch):
    for _ in range(2):
        assert "Something went wrong" in visit(plans, "segment=explode", monkeypatch).view.html
    assert len(asked) == 2
    assert list(answers.glob("*.json")) == []


@pytest.mark.parametrize("missing", [ANSWERS, CODE])
def test_outside_an_app_and_for_unknown_code_nothing_is_kept(plans, answers, monkeypatch, missing):
    assert kept_answers(analysis_of(shares), table(plans)) is not None
    monkeypatch.delenv(missing)
    assert kept_answers(analysis_of(shares), table(plans)) is None


def test_an_analysis_of_ones_own_and_a_frame_are_not_kept(plans, answers):
    assert kept_answers(analysis_named("journey_funnel"), table(plans)) is None, "not in this register"
    assert kept_answers(analysis_of(shares), object()) is None


def test_of_ten_who_ask_at_once_one_computes(tmp_path):
    computed, found = [], []

    def compute():
        computed.append(1)
        time.sleep(0.2)
        return SEEN

    def ask():
        found.append(Kept(tmp_path, "plans").seen("usual", compute))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(computed) == 1
    assert [one.html for one in found] == [SEEN.html] * 10


@pytest.mark.parametrize("text", ["", "{", "[]", '{"html": 1}', '{"html": "", "unknown": 1}'])
def test_what_cannot_be_read_is_computed(tmp_path, text):
    one = Kept(tmp_path, "plans")
    one.seen("usual", lambda: SEEN)
    next(tmp_path.glob("*.json")).write_text(text)
    assert one.seen("usual", lambda: SEEN) == SEEN


def test_a_folder_that_takes_nothing_costs_speed_only(tmp_path):
    assert Kept(tmp_path / "gone", "plans").seen("usual", lambda: SEEN) == SEEN


def test_the_one_not_asked_for_longest_makes_room(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "_MOST", 2)
    one = Kept(tmp_path, "plans")
    for question in ("a", "b"):
        one.seen(question, lambda: SEEN)
    for place, path in enumerate(sorted(tmp_path.glob("*.json"))):
        os.utime(path, (place, place))
    oldest = min(tmp_path.glob("*.json"), key=lambda path: path.stat().st_mtime)
    one.seen("c", lambda: SEEN)
    assert len(list(tmp_path.glob("*.json"))) == 2
    assert not oldest.exists()
