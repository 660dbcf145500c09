"""Real ratings, twenty of each of 3,708 sentences, read from the folder named by CXLAB_EVALUATION_DATA.

No real survey with scores may be used here; these are real answers on a scale, given again and again to the same thing,
so the intervals have to follow the sentences and not the ratings.
"""

import gzip
import json
import re

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab.stats.proportions import wilson_interval

GIVEN = 20


@pytest.fixture(scope="module")
def ratings(evaluation_data):
    place = evaluation_data / "shippable/vader_product_reviews/amazonReviewSnippets_anonDataRatings.txt.gz"
    text = gzip.decompress(place.read_bytes()).decode("utf-8-sig")
    rows = [line.split("\t") for line in text.splitlines()]
    score = np.array([json.loads(row[3]) for row in rows])
    sentence = [row[0] for row in rows]
    review = [re.sub(r"_\d+$", "", name) for name in sentence]
    return pd.DataFrame(
        {"rating": score.ravel(), "sentence": np.repeat(sentence, GIVEN), "review": np.repeat(review, GIVEN)}
    ).assign(score=lambda frame: frame["rating"] + 5)


def test_the_mean_is_the_published_one(ratings) -> None:
    row = cx.survey_scores(ratings, kind="csat", scale="1-9", satisfied_from=6).table.iloc[0]
    assert (row["n"], row["missing"], row["invalid"]) == (74_160, 0, 0)
    assert row["mean"] == pytest.approx(5.3823, abs=5e-5)


# The reviews are numbered to 309; nine of the numbers have no sentence.
@pytest.mark.parametrize(("unit", "people"), [("sentence", 3_708), ("review", 300)])
def test_the_interval_follows_the_sentences_or_reviews(ratings, unit, people) -> None:
    row = cx.survey_scores(ratings, kind="csat", scale="1-9", satisfied_from=6, unit=unit).table.iloc[0]
    assert row["respondents"] == people
    good = ratings["score"] >= 6
    share, sums = good.mean(), (good - good.mean()).groupby(ratings[unit]).sum()
    error = np.sqrt(people / (people - 1) * (sums**2).sum()) / len(ratings)
    worth = share * (1 - share) / error**2
    low, high = wilson_interval(share * worth, worth)
    assert row["effective_n"] == pytest.approx(worth, rel=0.02)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((float(low), float(high)), abs=2e-4)


def test_ratings_around_zero_are_not_taken_for_another_instrument(ratings) -> None:
    with pytest.raises(cx.DataError, match=r"are not whole numbers from 1 to 5: all lie between −4 and 4"):
        cx.survey_scores(ratings, score="rating", kind="csat")
