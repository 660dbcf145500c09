"""What is wrong with the data stands above the answer: short, in full or not at all."""

import pandas as pd
import pytest

from cxlab.publish.answer import Question
from cxlab.publish.explorer import RESULT_TYPE, explore
from cxlab.publish.panel import Explorer
from cxlab.publish.register import ANALYSES, analysis_named
from cxlab.publish.surface import VARIABLE
from tests.publish.toy import shares


@pytest.fixture
def answers():
    scores = [9, 10, 8, 3] * 30 + [99, 99]
    return pd.DataFrame({"response_id": [f"r{i}" for i in range(len(scores))], "score": scores})


def asked(answers, **values):
    return Question(analysis_named("survey_feedback"), answers).answer({"score": "score", "kind": "nps", **values})


def test_one_line_stands_above_the_answer_and_opens_to_all(answers):
    page = asked(answers).html(stills=False)
    assert page.index("cx-data") < page.index("cx-verdict")
    assert "122 rows, nothing to act on. Taken care of here: codes that stand for missing (2 rows)." in page
    assert page.count("<article") == 1
    assert "Looked for and not found" in page


def test_the_whole_report_is_shown_where_wanted(answers):
    page = asked(answers, quality="full").html(stills=False)
    assert page.count("<article") == 2
    assert "Can I trust this?" in page.split("The answer")[0]


def test_nothing_is_looked_at_where_it_is_switched_off(answers, monkeypatch):
    monkeypatch.setattr("cxlab.quality.check_data", lambda *_, **__: pytest.fail("the data was looked at"))
    shown = asked(answers, quality="off")
    assert "cx-data" not in shown.html(stills=False)
    assert shown.record()["quality"] is None


def test_the_record_holds_every_finding_and_what_is_taken_care_of(answers):
    quality = asked(answers).record()["quality"]
    assert quality["as"] == "survey_responses"
    assert quality["handled"] == ["sentinel_values"]
    first = quality["findings"][0]
    assert (first["finding"], first["rows"]) == ("sentinel_values", 2)


def test_the_same_reading_is_looked_at_once(answers, monkeypatch):
    from cxlab import quality

    looked, real = [], quality.check_data
    monkeypatch.setattr(quality, "check_data", lambda *a, **k: looked.append(k) or real(*a, **k))
    question = Question(analysis_named("survey_feedback"), answers.assign(other=answers["score"]))
    for column in ("score", "score", "other", "score"):
        question.answer({"score": column, "kind": "nps"})
    assert [one["score"] for one in looked] == ["score", "other"]


@pytest.mark.parametrize("analysis", [one for one in ANALYSES if one.contract], ids=lambda one: one.name)
def test_every_notebook_on_raw_data_has_the_switch(analysis):
    from cxlab.quality.contracts import CONTRACTS
    from cxlab.quality.faults import FAULTS

    assert analysis.contract in CONTRACTS
    assert set(analysis.handled) <= set(FAULTS)
    assert analysis.settings[-1].choices == ("short", "full", "off")


def test_in_the_app_the_line_follows_the_controls(answers, monkeypatch):
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5")
    monkeypatch.setenv("QUERY_STRING", "quality=off")
    shown = explore("survey_feedback", answers)
    assert isinstance(shown, Explorer)
    assert "cx-data" not in shown.view.html
    shown.controls.widgets["quality"].value = "short"
    shown.recompute()
    assert "cx-data" in shown.view.html


def test_what_is_not_given_is_the_functions_default_and_not_the_samples(answers):
    shown = explore("survey_feedback", answers)
    assert shown.result.parameters["wave"] is None
    assert "NPS" in shown.result.headline
    assert shown.view.address == ""


def test_an_analysis_of_ones_own_has_no_line_as_nothing_is_known_of_its_table(plans, monkeypatch):
    monkeypatch.setenv(VARIABLE, "report")
    bundle = explore(shares, plans)._repr_mimebundle_()
    assert "cx-data" not in bundle["text/html"]
    assert bundle[RESULT_TYPE]["quality"] is None
