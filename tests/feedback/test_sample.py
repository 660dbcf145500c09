"""The sample of this room is what its maker makes, and it answers its question as it was built to."""

import importlib.util

import pytest

import cxlab as cx

ASKED = {"unit": "customer_id", "segment": "customer_type", "wave": "wave", "time": "sent_at"}


@pytest.fixture(scope="module")
def maker(root):
    place = root / "data_samples" / "make_survey_responses.py"
    spec = importlib.util.spec_from_file_location("make_survey_responses", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sample(root):
    return cx.table(root / "data_samples" / "survey_responses.csv")


def test_the_table_is_what_its_maker_makes_byte_for_byte(maker):
    assert maker.PATH.read_bytes() == maker.text().encode()
    assert maker.main(["--check"]) == 0


def test_another_seed_gives_another_table_of_the_same_form(maker):
    one, other = maker.survey_responses(300, seed=1), maker.survey_responses(300, seed=2)
    assert one.dtypes.equals(other.dtypes)
    assert not one.equals(other)


def test_its_finding_is_the_one_built_in(sample):
    result = cx.survey_scores(sample, **ASKED)
    whole = result.table[result.table["segment"] == "all"].set_index("wave")["value"]
    assert whole.idxmin() == "2026 Q1"
    assert result.status == "Up"
    assert result.comparison.set_index("segment").loc["student", "reading"] == "worse"


def test_every_interval_holds_the_score_of_those_who_answer(sample, maker):
    """Sixteen intervals at a level at which all of them together hold in 99 of 100 companies."""
    truth = cx.sample_company(300, seed=maker.SEED, tables=["surveys"]).truth["surveys"]["nps_among_those_who_answer"]
    table = cx.survey_scores(sample, **ASKED, confidence=1 - 0.01 / 16).table
    assert len(table) == 16
    for row in table.itertuples():
        assert row.ci_low < truth[row.wave.replace(" ", "")][row.segment] < row.ci_high, (row.wave, row.segment)


def test_who_does_not_answer_is_told(sample):
    found = next(one for one in cx.survey_scores(sample, **ASKED).checks if one.name == "missing_answers")
    assert found.severity == "warning"
    assert "the others may think differently" in found.message


def test_another_instrument_is_refused_in_plain_words(sample):
    with pytest.raises(cx.DataError, match=r"are not whole numbers from 1 to 5: all lie between 0 and 10"):
        cx.survey_scores(sample, **ASKED, kind="csat")
