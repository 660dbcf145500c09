"""Net promoter scores and mean answers against R, by exact enumeration and by their symmetries."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln, ndtr

from cxlab.errors import ParameterError
from cxlab.stats.ordinal import mean_difference, mean_interval, nps_difference, nps_interval, nps_variance

COUNTS = st.tuples(*[st.integers(0, 60)] * 3).filter(any)


# Unit tests of the public repository brendan-r/NPS.
@pytest.mark.parametrize(
    ("counts", "variance"), [((1, 2, 3), 5 / 9), ((1, 0, 1), 1.0), ((0, 1, 1), 0.25), ((1, 1, 1), 2 / 3)]
)
def test_the_variance_of_one_answer_equals_r(counts, variance) -> None:
    assert nps_variance(counts) == pytest.approx(variance, abs=1e-12)


# R 4.2.2, package NPS 1.1, nps.test.
def test_score_variance_and_wald_limits_equal_r() -> None:
    value, low, high = nps_interval([10, 15, 25], method="wald")
    assert value == pytest.approx(0.3, abs=1e-12)
    assert nps_variance([10, 15, 25]) == pytest.approx(0.61, rel=1e-8)
    assert np.sqrt(nps_variance([10, 15, 25]) / 50) == pytest.approx(0.110453610171873, rel=1e-8)
    assert np.allclose((low, high), (0.0835149021007028, 0.516485097899297), rtol=1e-8, atol=0)
    assert 2 * ndtr(-0.3 / np.sqrt(0.61 / 50)) == pytest.approx(0.00660614735270237, rel=1e-8)


# brendan-r/NPS 2.0.999 run in R 4.2.2; methods of Rocks 2016. It does not clip, and iterates the score to about 2e-6.
LIMITS = [
    ((10, 15, 25), "wald", (0.0835149021007028, 0.516485097899297)),
    ((10, 15, 25), "adjusted", (0.0729949096918027, 0.493042826157254)),
    ((10, 15, 25), "score", (0.0701092731448852, 0.496449506282806)),
    ((2, 3, 5), "wald", (-0.184075395018526, 0.784075395018526)),
    ((2, 3, 5), "adjusted", (-0.190506153763637, 0.652044615302098)),
    ((2, 3, 5), "score", (-0.216592360112463, 0.675277864933014)),
    ((1, 0, 9), "wald", (0.428122980617263, 1.17187701938274)),
    ((1, 0, 9), "adjusted", (0.228736302124132, 1.0020329286451)),
    ((1, 0, 9), "score", (0.191699957180845, 0.964247608184814)),
]


@pytest.mark.parametrize(("counts", "method", "limits"), LIMITS)
def test_limits_equal_r(counts, method, limits) -> None:
    assert np.allclose(nps_interval(counts, method=method)[1:], np.clip(limits, -1, 1), rtol=0, atol=1e-5)


# R 4.2.2, package NPS 1.1, nps.test; that package returns the absolute difference.
def test_the_wald_difference_equals_r() -> None:
    found = nps_difference([18, 24, 38], [30, 22, 28], method="wald")
    expected = (0.275, 0.0192758631984261, 0.530724136801574, 0.0350568347378264)
    assert np.allclose(found, expected, rtol=1e-8, atol=0)
    assert nps_interval([18, 24, 38])[0] == pytest.approx(0.25)
    assert nps_interval([30, 22, 28])[0] == pytest.approx(-0.025)


def test_the_usual_method_is_the_score_for_few_answers_and_adjusted_wald_for_many() -> None:
    assert nps_interval([2, 3, 5]) == nps_interval([2, 3, 5], method="score")
    assert nps_interval([4, 6, 10]) == nps_interval([4, 6, 10], method="adjusted")


@pytest.mark.parametrize("counts", [(0, 0, 40), (40, 0, 0), (0, 40, 0), (0, 0, 1)])
def test_answers_that_all_agree_leave_room_for_doubt(counts) -> None:
    value, low, high = nps_interval(counts)
    assert -1 <= low <= value <= high <= 1
    assert high - low > 0.05


def test_nobody_has_no_score() -> None:
    assert np.isnan(nps_interval([0, 0, 0])).all()
    assert np.isnan(mean_interval([0, 0, 0], [1, 2, 3])).all()


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'score'"):
        nps_interval([1, 2, 3], method="scores")  # type: ignore[arg-type]


@given(COUNTS, st.sampled_from(["auto", "adjusted", "score"]))
def test_the_interval_holds_the_score_and_mirrors(counts, method) -> None:
    value, low, high = nps_interval(counts, method=method)
    back = nps_interval(counts[::-1], method=method)
    assert -1 <= low <= high <= 1
    assert low - 0.32 <= value <= high + 0.32  # adjusted Wald is drawn towards 0; the score itself is held by "auto"
    assert np.allclose((-back[0], -back[2], -back[1]), (value, low, high), atol=1e-9)


@given(COUNTS)
def test_the_usual_interval_holds_the_score(counts) -> None:
    value, low, high = nps_interval(counts)
    assert low <= value + 1e-12
    assert value <= high + 1e-12


@given(COUNTS, COUNTS)
def test_a_difference_flips_with_its_groups(first, second) -> None:
    effect, low, high, p = nps_difference(first, second)
    back = nps_difference(second, first)
    assert np.allclose((effect, low, high, p), (-back[0], -back[2], -back[1], back[3]), atol=1e-12)


@given(st.lists(st.integers(0, 30), min_size=5, max_size=5).filter(any))
def test_a_mean_answer_lies_in_its_interval_and_mirrors(counts) -> None:
    scale = np.arange(1, 6)
    mean, low, high = mean_interval(counts, scale)
    back = mean_interval(counts[::-1], scale)
    assert 1 <= low <= mean + 1e-12
    assert mean <= high + 1e-12 <= 5 + 1e-9
    assert np.allclose((6 - back[0], 6 - back[2], 6 - back[1]), (mean, low, high), atol=1e-9)


def test_means_that_move_together_are_told_apart_better() -> None:
    apart = mean_difference([2, 5, 9], [8, 5, 3], [1, 2, 3])
    together = mean_difference([2, 5, 9], [8, 5, 3], [1, 2, 3], covariance=0.01)
    assert together[0] == apart[0]
    assert together[2] - together[1] < apart[2] - apart[1]
    assert together[3] < apart[3]


def trinomials(n: int) -> np.ndarray:
    return np.array([(d, n - d - p, p) for d in range(n + 1) for p in range(n + 1 - d)])


def chances(counts: np.ndarray, shares) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(counts > 0, counts * np.log(shares), 0.0).sum(axis=1)
    return np.exp(gammaln(counts[0].sum() + 1) - gammaln(counts + 1).sum(axis=1) + logs)


SCENARIOS = [
    (d / 100, 1 - (d + p) / 100, p / 100)
    for d in (1, 5, 10, 20, 35, 50)
    for p in (1, 5, 20, 40, 60, 80, 95)
    if d + p <= 100
]


def coverage(n: int, method: str) -> list[float]:
    """Exact: every outcome of n answers with its chance, no simulation."""
    counts = trinomials(n)
    _, low, high = nps_interval(counts, method=method)
    truths = [(shares, shares[2] - shares[0]) for shares in SCENARIOS]
    return [float(chances(counts, s)[(low <= t + 1e-9) & (t - 1e-9 <= high)].sum()) for s, t in truths]


# Measured beforehand over these 37 shapes; the reference's own 47 gave .951/.909 (adjusted) and .967/.921 (score) at 5.
@pytest.mark.parametrize(
    ("n", "mean", "worst"), [(5, 0.95, 0.92), (10, 0.95, 0.90), (20, 0.945, 0.92), (50, 0.945, 0.935)]
)
def test_the_usual_interval_covers_by_exact_enumeration(n, mean, worst) -> None:
    covered = coverage(n, "auto")
    assert np.mean(covered) >= mean
    assert min(covered) >= worst


def test_plain_wald_would_not_cover() -> None:
    assert np.mean(coverage(10, "wald")) < 0.9


def test_equal_scores_are_told_apart_no_more_often_than_agreed() -> None:
    counts = trinomials(20)
    p = nps_difference(counts[:, None, :], counts[None, :, :])[3]
    for shares in [(0.2, 0.3, 0.5), (0.33, 0.34, 0.33), (0.05, 0.15, 0.8), (0.4, 0.2, 0.4), (0.01, 0.01, 0.98)]:
        chance = chances(counts, shares)
        assert (chance[:, None] * chance[None, :])[p < 0.05].sum() < 0.055


SHAPES = [
    (0.05, 0.10, 0.20, 0.35, 0.30), (0.20, 0.20, 0.20, 0.20, 0.20), (0.01, 0.02, 0.07, 0.30, 0.60),
    (0.30, 0.30, 0.20, 0.10, 0.10), (0.40, 0.05, 0.10, 0.05, 0.40), (0.02, 0.03, 0.05, 0.10, 0.80),
]  # fmt: skip


def test_a_difference_of_means_covers_by_exact_enumeration() -> None:
    bars = combinations(range(14), 4)
    counts = np.array([np.diff((-1, *places, 14)) - 1 for places in bars])  # every way to give 10 answers
    scale = np.arange(1, 6)
    _, low, high, _ = mean_difference(counts[:, None, :], counts[None, :, :], scale)
    covered = []
    for first, second in product(SHAPES, SHAPES):
        apart = (np.array(first) - second) @ scale
        held = (low <= apart + 1e-9) & (apart - 1e-9 <= high)
        covered.append(float(chances(counts, first) @ held @ chances(counts, second)))
    assert np.mean(covered) == pytest.approx(0.949, abs=5e-4)
    assert min(covered) == pytest.approx(0.932, abs=5e-4)
