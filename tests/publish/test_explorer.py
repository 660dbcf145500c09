"""The live view without a browser: controls from the register, checked values, messages in place of old numbers."""

import re
import time

import pytest

from cxlab.data import table
from cxlab.errors import DataError, ParameterError
from cxlab.publish.explorer import RESULT_TYPE, Findings, explore
from cxlab.publish.panel import Explorer
from cxlab.publish.surface import VARIABLE
from tests.publish.toy import shares


@pytest.fixture(autouse=True)
def no_loop(monkeypatch):
    """Answers come at once here, also where another test's browser has left a loop running."""

    def refused():
        raise RuntimeError("no running event loop")

    monkeypatch.setattr("cxlab.publish.working.get_running_loop", refused)


@pytest.fixture
def opened(plans):
    return table(plans)


@pytest.fixture
def in_app(monkeypatch):
    def visit(query=""):
        monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5")
        monkeypatch.setenv("QUERY_STRING", query)

    return visit


def test_a_report_gets_findings_without_widgets(opened, monkeypatch):
    monkeypatch.setenv(VARIABLE, "report")
    shown = explore(shares, opened)
    assert isinstance(shown, Findings)
    bundle = shown._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", RESULT_TYPE}
    assert bundle[RESULT_TYPE]["tables"]["table"][0]["estimate"] == 0.6
    assert "<img" in bundle["text/html"], "a still picture for readers without scripts"


def test_the_lab_gets_controls_and_the_static_result_beside_them(opened):
    shown = explore(shares, opened, order="name")
    assert isinstance(shown, Explorer)
    bundle = shown._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "basic has 60.0%" in bundle["text/html"]
    assert bundle[RESULT_TYPE]["parameters"]["order"] == "name"


def test_controls_come_from_the_signature_and_the_data(opened):
    widgets = explore(shares, opened).controls.widgets
    assert list(widgets) == ["segment", "order", "least", "only", "confidence"]
    assert widgets["segment"].options == (("plan", "plan"), ("id", "id"), ("explode", "explode"))
    assert widgets["order"].options == (("name", "name"), ("share", "share"))
    assert widgets["order"].tooltip == "sorted by name or by share."
    assert widgets["only"].value == ""


def test_a_changed_control_changes_the_answer(opened):
    shown = explore(shares, opened)
    shown.controls.widgets["segment"].value = "explode"
    assert "Something went wrong" in shown.view.html
    shown.controls.widgets["segment"].value = "plan"
    shown.controls.widgets["least"].value = "0.2"
    assert len(shown.result.table) == 2
    assert shown.view.busy == ""
    assert shown.view.address == "?least=0.2"


@pytest.mark.parametrize(
    ("control", "text", "sentence"),
    [("least", "much", "<code>least</code> is"), ("only", "gold", "the data has"), ("confidence", "95", "fraction")],
)
def test_a_wrong_entry_replaces_the_result_by_a_sentence(opened, control, text, sentence):
    shown = explore(shares, opened)
    shown.controls.widgets[control].value = text
    assert sentence in shown.view.html
    assert "cx-verdict" not in shown.view.html
    assert shown.result is None
    assert shown.view.until == ""


def test_in_the_lab_a_first_error_is_raised(opened):
    with pytest.raises(DataError, match="the data has"):
        explore(shares, opened, only=["gold"])
    with pytest.raises(ParameterError, match="Did you mean 'order'"):
        explore(shares, opened, ordr="name")


def test_an_address_sets_the_controls(opened, in_app):
    in_app("order=name&token=secret")
    shown = explore(shares, opened)
    assert shown.controls.widgets["order"].value == "name"
    assert shown.view.address == "?order=name"
    assert "<img" not in shown.view.html, "an app draws in the browser alone"
    held = {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    assert set(shown._repr_mimebundle_()) == held, "no result as JSON: a page shows what was computed, and no more"


@pytest.mark.parametrize(("query", "sentence"), [("order=nmae", "Did you mean"), ("data=x", "cannot set")])
def test_a_bad_address_is_a_message_and_the_controls_stay(opened, in_app, query, sentence):
    in_app(query)
    shown = explore(shares, opened)
    assert sentence in shown.view.html
    assert not shown.view.settled, "the address stays as the visitor wrote it"
    shown.controls.widgets["order"].value = "name"
    assert "basic has 60.0%" in shown.view.html


def test_metrics_given_as_values_become_text():
    import cxlab as cx
    from cxlab.publish.explorer import _plain

    assert _plain([cx.Proportion("ordered")]) == ["proportion('ordered')"]


def test_the_page_of_the_lab_asks_for_the_drawing_code_once(opened, monkeypatch):
    shown = explore(shares, opened)
    sent = []
    monkeypatch.setattr(shown.view, "send", sent.append)
    shown._hear(shown.view, {"ask": "bundle"}, [])
    shown._hear(shown.view, {"ask": "else"}, [])
    assert len(sent) == 1
    assert "cxlabDraw" in sent[0]["bundle"]


@pytest.fixture
def served(opened, in_app, monkeypatch):
    monkeypatch.setenv("CXLAB_UPLOAD_MB", "1")
    in_app("order=name")
    shown = explore(shares, opened)
    shown.sent = []
    monkeypatch.setattr(shown.view, "send", lambda content, buffers=(): shown.sent.append((content, buffers)))
    return shown


def test_an_app_draws_the_width_that_its_page_needs(served, opened, in_app, monkeypatch):
    assert "cx-wide" in served.view.html
    assert "cx-narrow" not in served.view.html
    served._hear(served.view, {"ask": "width", "narrow": True}, [])
    assert "cx-narrow" in served.view.html
    assert "cx-wide" not in served.view.html
    monkeypatch.setenv("HTTP_USER_AGENT", "Mozilla/5.0 (Linux; Android 15) Mobile Safari/537.36")
    in_app()
    assert "cx-narrow" in explore(shares, opened).view.html


def test_a_view_that_was_shown_before_is_not_computed_again(served, monkeypatch):
    served.controls.widgets["order"].value = "share"
    asked = []
    monkeypatch.setattr(served._answers._question, "answer", asked.append)
    served.controls.widgets["order"].value = "name"
    assert asked == []
    assert served.view.address == "?order=name"


def test_cancel_puts_the_control_back_and_leaves_answer_and_address(served, monkeypatch):
    before, asked = served.view.html, []
    monkeypatch.setattr("cxlab.publish.working.get_running_loop", lambda: Loop(asked))
    served.controls.widgets["order"].value = "share"
    assert served.view.busy == "Calculating order …"
    served._hear(served.view, {"ask": "cancel"}, [])
    assert served.controls.widgets["order"].value == "name"
    assert (served.view.html, served.view.address, served.view.busy) == (before, "?order=name", "")
    assert [one.cancelled for one in asked] == [True], "and the control put back asks for nothing"


def test_the_answer_is_told_before_its_pictures(served, monkeypatch):
    told = []
    monkeypatch.setattr(served._worker, "meanwhile", lambda call: (call(), told.append(dict(served.view.get_state()))))
    served.controls.widgets["order"].value = "share"
    [early] = told
    assert "basic has 60.0%" in early["html"]
    assert '<figure class="cx-figure" data-picture="shares"></figure>' in early["html"]
    assert (early["address"], early["busy"], early["settled"]) == ("", "", True)
    assert not early["redrawn"]
    assert "cx-spec" in served.view.html
    assert served.view.redrawn, "only pictures are new"
    assert served.view.html.replace(figures(served.view.html), "") == early["html"].replace(figures(early["html"]), "")


def figures(html):
    return re.search(r"<figure.*</figure>", html, re.DOTALL).group()


def test_an_answer_whose_pictures_were_given_up_gets_them_after_a_cancel(served, monkeypatch):
    served._bare = True
    served.view.html = "without"
    served.cancel()
    assert "cx-spec" in served.view.html


def test_the_first_change_waits_for_nothing_and_a_row_of_changes_for_its_last(served, monkeypatch):
    waits, clock = [], [100.0]

    class Clocked(Loop):
        def call_later(self, seconds, *_):
            waits.append(seconds)
            return Later(None)

    monkeypatch.setattr("cxlab.publish.working.get_running_loop", lambda: Clocked([]))
    monkeypatch.setattr("cxlab.publish.panel.monotonic", lambda: clock[0])
    for step, value in ((0, "share"), (0.05, "name"), (0.05, "share"), (1, "name")):
        clock[0] += step
        served.controls.widgets["order"].value = value
    assert [wait > 0 for wait in waits] == [False, True, True, False]


def test_a_hand_on_a_control_opens_the_table(served):
    woken = []
    served._data = type("Data", (), {"engine": type("Engine", (), {"wake": lambda self: woken.append(1)})()})()
    served._hear(served.view, {"ask": "soon"}, [])
    end = time.monotonic() + 5
    while not woken and time.monotonic() < end:
        time.sleep(0.01)
    assert woken == [1]


class Loop:
    """A loop in which nothing comes due."""

    def __init__(self, asked):
        self.asked = asked

    def call_later(self, _, call):
        self.asked.append(Later(call))
        return self.asked[-1]


class Later:
    def __init__(self, call):
        self.call, self.cancelled = call, False

    def cancel(self):
        self.cancelled = True


def test_files_are_made_from_the_answer_that_is_shown(served):
    served._hear(served.view, {"ask": "file", "kind": "csv", "name": "table"}, [])
    (content, [text]) = served.sent[-1]
    assert content == {"file": "shares-table.csv", "type": "text/csv"}
    assert text.decode("utf-8-sig").startswith("segment,n,estimate")
    served._hear(served.view, {"ask": "file", "kind": "csv", "name": "no_such"}, [])
    assert "Please quote the reference" in served.sent[-1][0]["failed"]
    served.controls.widgets["only"].value = "gold"
    assert served.view.offers == []
    count = len(served.sent)
    served._hear(served.view, {"ask": "file", "kind": "json"}, [])
    assert len(served.sent) == count, "a message has no files"


def upload(shown, name, content):
    shown._hear(shown.view, {"ask": "begin", "name": name, "size": len(content)}, [])
    shown._hear(shown.view, {"ask": "piece"}, [memoryview(content[:10])])
    shown._hear(shown.view, {"ask": "piece"}, [memoryview(content[10:])])


def test_own_data_are_shown_before_they_are_asked_and_the_sample_comes_back(served):
    upload(served, "mine.csv", b"plan,id\ngold,1\ngold,2\niron,3\n")
    assert "Nothing has been calculated yet" in served.view.html
    assert (served.view.own, served.view.ready, served.result) == ("mine.csv", False, None)
    assert served.controls.widgets["segment"].options == (("plan", "plan"), ("id", "id"))
    served.controls.widgets["order"].value = "name"
    assert "Nothing has been calculated yet" in served.view.html
    served._hear(served.view, {"ask": "calculate"}, [])
    assert "gold has 66.7%" in served.view.html
    assert served.view.address == "", "an address cannot carry the data"
    served._hear(served.view, {"ask": "sample"}, [])
    assert "has 60.0%" in served.view.html
    assert served.view.own == ""


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("mine.exe", b"MZ0000000000000", "no known kind"),
        ("mine.csv", b"a,b\n" + b"1,2\n" * 9 + b"1,2,3\n" + b"1,2\n" * 9, "not one table"),
    ],
)
def test_a_file_that_is_refused_leaves_the_answer(served, name, content, sentence):
    before = served.view.html
    upload(served, name, content)
    assert sentence in next(one["refused"] for one, _ in served.sent if "refused" in one)
    assert (served.view.html, served.view.own, served.view.busy) == (before, "", "")
    assert served.result is not None


def test_where_uploads_are_off_nothing_is_taken(opened, in_app, monkeypatch):
    monkeypatch.delenv("CXLAB_UPLOAD_MB", raising=False)
    in_app()
    shown = explore(shares, opened)
    assert shown.view.limit == 0
    upload(shown, "mine.csv", b"plan,id\ngold,1\ngold,2\n")
    assert shown._coming.upload is None


def test_the_page_hears_that_the_kernel_lives(served):
    served._hear(served.view, {"ask": "alive"}, [])
    assert served.sent == [({"alive": True, "busy": False}, ())]


def test_an_apps_page_leaves_before_its_controls_are_made(opened, in_app, monkeypatch):
    asked = []
    monkeypatch.setattr("cxlab.publish.working.get_running_loop", lambda: Loop(asked))
    in_app("order=name")
    shown = explore(shares, opened)
    assert "cx-result" in shown.view.html and len(shown.children) == 1
    assert "widgets" not in vars(shown.controls)
    asked[0].call()
    assert len(shown.children) == 2 and shown.controls.widgets["order"].value == "name"


def test_cancel_before_any_other_answer_puts_back_what_controls_began_with(opened, in_app, monkeypatch):
    monkeypatch.setattr("cxlab.publish.working.get_running_loop", lambda: Loop([]))
    in_app("order=name")
    shown = explore(shares, opened)
    shown.controls.widgets["order"].value = "share"
    shown.cancel()
    assert shown.controls.widgets["order"].value == "name"
