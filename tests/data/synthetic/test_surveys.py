"""Surveys: the population's NPS is known, those who answer give another one, drivers have known weights."""

import numpy as np
import pandas as pd
import pytest

from cxlab.data.synthetic.surveys import nps_distribution
from tests.data.synthetic.estimates import share_error, slope, z


@pytest.fixture(scope="module")
def nps(company) -> pd.DataFrame:
    return company["surveys"].query("instrument == 'nps'")


def points(score: pd.Series, weight: np.ndarray) -> tuple[float, float]:
    """NPS in points with weights, and its error."""
    kind = (score >= 9).astype(float) - (score <= 6).astype(float)
    mean = np.average(kind, weights=weight)
    return 100 * mean, 100 * float(np.sqrt((weight**2 * (kind - mean) ** 2).sum()) / weight.sum())


def test_those_who_answer_are_no_picture_of_all(company, nps) -> None:
    truth = company.truth["surveys"]
    for (wave, segment), part in nps.dropna(subset="score").groupby(["wave", "segment"]):
        found, error = points(part["score"], np.ones(len(part)))
        assert z(found, truth["nps_among_those_who_answer"][wave][segment], error) < 4
    gap = truth["nps_among_those_who_answer"]["2025Q3"]["all"] - truth["population_nps"]["2025Q3"]["all"]
    assert gap > 5


def test_weighting_by_who_answers_gives_back_the_population(company, nps) -> None:
    truth = company.truth["surveys"]
    share = pd.Series({float(score): share for score, share in truth["answer_share_by_nps_score"].items()})
    for wave, part in nps.dropna(subset="score").groupby("wave"):
        found, error = points(part["score"], 1 / part["score"].map(share).to_numpy())
        assert z(found, truth["population_nps"][wave]["all"], error) < 4


def test_the_share_that_answers(company, nps) -> None:
    truth = company.truth["surveys"]["answer_share_by_nps_score"]
    for (wave, segment), part in nps.groupby(["wave", "segment"]):
        law = nps_distribution(["consumer", "student", "business"].index(segment), int(wave == "2025Q4"))
        if wave in ("2025Q3", "2025Q4"):
            share = float(law @ np.array(list(truth.values())))
            assert z(part["score"].notna().mean(), share, share_error(share, len(part))) < 4


def test_shares_of_a_distribution_add_up() -> None:
    for segment in range(3):
        for wave in range(4):
            assert nps_distribution(segment, wave).sum() == pytest.approx(1, abs=1e-12)


def test_driver_weights(company) -> None:
    truth = company.truth["surveys"]["drivers"]
    said = company["surveys"].query("instrument == 'relationship'").dropna(subset="score")
    found, errors = slope(said["score"].to_numpy(), *(said[name].to_numpy() for name in truth["weights"]))
    assert (np.abs(found - list(truth["weights"].values())) < 4 * errors).all()


def test_after_a_quick_ticket_the_base_shares_hold(company) -> None:
    truth = company.truth["surveys"]["after_ticket"]
    asked = company["surveys"].dropna(subset="ticket_id").merge(company["tickets"], on="ticket_id")
    quick = asked[(asked["solved_at"] - asked["created_at"]) < pd.Timedelta("3h")].dropna(subset="score")
    for instrument, law in (("csat", "csat_shares_without_delay"), ("ces2", "ces2_shares_without_delay")):
        part = quick[quick["instrument"] == instrument]["score"]
        for place, share in enumerate(truth[law]):
            assert z((part == place + 1).mean(), share, share_error(share, len(part)) + 0.003) < 4


def test_over_all_delays_the_expected_scores_hold(company) -> None:
    truth = company.truth["surveys"]["after_ticket"]["expected"]
    ripe = company["surveys"].query("sent_at < '2026-05-01'").dropna(subset="score")
    satisfied = ripe[ripe["instrument"] == "csat"]["score"] >= 4
    assert z(satisfied.mean(), truth["csat"], share_error(truth["csat"], len(satisfied))) < 4
    ease = ripe[ripe["instrument"] == "ces2"]["score"]
    assert z(ease.mean(), truth["ces2"], ease.std() / np.sqrt(len(ease))) < 4


def test_delay_lowers_the_scores(company) -> None:
    asked = company["surveys"].dropna(subset="ticket_id").merge(company["tickets"], on="ticket_id")
    days = (asked["solved_at"] - asked["created_at"]) / pd.Timedelta("1D")
    means = asked.groupby([asked["instrument"], days > 3])["score"].mean()
    assert means["csat", True] < means["csat", False]
    assert means["ces2", True] < means["ces2", False]


def test_without_an_answer_there_is_nothing(company) -> None:
    silent = company["surveys"][company["surveys"]["answered_at"].isna()]
    assert silent[["score", "verbatim", "ease", "staff"]].isna().all(axis=None)


def test_people_write_in_their_language_about_known_themes(company) -> None:
    truth = company.truth["surveys"]["verbatims"]
    written = company["surveys"].dropna(subset="verbatim")
    known = written["verbatim"].map(lambda text: truth["sentences"][text]["language"])
    assert (known == written["language"]).all()
    assert written["language"].nunique() == 7
    nps = written.query("instrument == 'nps' and score >= 9")
    themes = nps["verbatim"].map(lambda text: truth["sentences"][text]["theme"])
    for theme, share in truth["theme_share_by_mood"]["happy"].items():
        assert z((themes == theme).mean(), share, share_error(share, len(nps))) < 4
