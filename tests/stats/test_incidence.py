"""Cumulative incidence, Gray's test, and log-rank tests of several groups against R and themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.errors import DataError
from cxlab.stats.curve_differences import log_rank, log_rank_pairs
from cxlab.stats.incidence import cumulative_incidence
from cxlab.stats.incidence_tests import gray_test
from cxlab.stats.survival import kaplan_meier


def made(n=180):
    """People by arithmetic, with many ties: time, cause, group, stratum."""
    i = np.arange(n)
    cause = np.where(i % 5 == 0, 0, np.where(i * i % 7 < 4, 1, 2))
    return 1 + 7 * i % 29 + i % 3 * 2, cause, np.array(list("abc"))[i % 3], i // 3 % 4


def test_incidence_equals_r():
    """R 4.2.2, survival 3.5-3, survfit(Surv(time, factor(cause)) ~ 1, conf.type = "log-log")."""
    time, cause, _, _ = made()
    expected = [
        (
            [0.061858833186591, 0.166483198210662, 0.400596300560872, 0.637423678502189],
            [0.0180687099490620, 0.0282577113251295, 0.0385226437043894, 0.0404186416892047],
            [0.032760251111, 0.115510178531, 0.324945257550, 0.552421951159],
            [0.103783184602, 0.225546139282, 0.474984544060, 0.710550271912],
        ),
        (
            [0.0225477174196447, 0.0573994263450492, 0.139754732230895, 0.268482758768370],
            [0.0111470059021000, 0.0176310072137576, 0.0271282546584351, 0.0373440056217955],
            [0.00747551158276, 0.02936762989015, 0.09185095463857, 0.19831412730950],
            [0.0530216120379, 0.0987782771913, 0.1975173652235, 0.3434357351196],
        ),
    ]
    for way, numbers in zip(cumulative_incidence(time, cause), expected, strict=True):
        share, low, high = way.at([5, 10, 20, 30])
        place = np.searchsorted(way.time, [5, 10, 20, 30], side="right") - 1
        for found, told in zip((share, way.standard_error[place], low, high), numbers, strict=True):
            np.testing.assert_allclose(found, told, rtol=1e-9)


def test_several_groups_equal_r():
    """R 4.2.2, survival 3.5-3, survdiff(Surv(time, cause > 0) ~ g), the same + strata(s), and on two groups each."""
    time, cause, group, stratum = made()
    plain, within = (log_rank(time, cause > 0, group, strata=one) for one in (None, stratum))
    assert (plain.statistic, plain.p_value) == pytest.approx((7.02792056458797, 0.0297787483559975), rel=1e-10)
    assert (within.statistic, within.p_value) == pytest.approx((7.03587955765925, 0.0296604794115858), rel=1e-10)
    np.testing.assert_allclose(plain.expected, [36.1365058350573, 48.0446623226922, 59.8188318422505], rtol=1e-10)
    pairs = []
    for strata in (None, stratum):
        tests = log_rank_pairs(time, cause > 0, group, strata=strata)
        pairs.append([(test.group, test.against, round(test.statistic, 10)) for test in tests])
    assert pairs[0] == [("a", "b", 2.7938632513), ("a", "c", 6.0100975366), ("b", "c", 1.4519043920)]
    assert pairs[1] == [("a", "b", 3.4007885025), ("a", "c", 5.4088002177), ("b", "c", 1.6756829776)]
    adjusted = {(test.group, test.against): test.p_adjusted for test in log_rank_pairs(time, cause > 0, group)}
    assert adjusted["a", "c"] == pytest.approx(3 * 0.014224241232701355)
    assert adjusted["a", "b"] == pytest.approx(2 * 0.09462585141805535)


def large():
    """1,800 people by arithmetic, ties of about 40; group a is slower to end in the first way."""
    i = np.arange(1800)
    cause = np.where(i * i % 5 == 0, 0, np.where((i * i + 3 * i) % 17 < 9, 1, 2))
    group = np.array(list("abc"))[i // 7 % 3]
    time = 1 + 7 * i % 29 + i % 3 * 2 + i % 11 / 4 + np.where((cause == 1) & (group == "a"), 3, 0)
    return time, cause, group, i // 21 % 2


def test_gray_equals_cmprsk():
    """R 4.2.2, cmprsk 2.2-11, cuminc(time, cause, group[, strata])$Tests."""
    time, cause, group, stratum = made()
    for of, plain, within in ((1, 1.50165858135243, 1.70445914848323), (2, 1.02672264759993, 1.08806875629914)):
        assert gray_test(time, cause, group, of=of).statistic == pytest.approx(plain, rel=1e-10)
        assert gray_test(time, cause, group, of=of, strata=stratum).statistic == pytest.approx(within, rel=1e-10)
    time, cause, group, stratum = large()
    whole, within = (gray_test(time, cause, group, strata=one) for one in (None, stratum))
    assert whole.statistic == pytest.approx(4.1810225735812, rel=1e-10)
    assert within.statistic == pytest.approx(4.6711846805732, rel=1e-10)
    two = group != "c"
    assert gray_test(time[two], cause[two], group[two]).statistic == pytest.approx(3.9121577495026, rel=1e-10)


def test_gray_without_competing_ends_is_nearly_the_log_rank_test():
    """The same score; the variance of incidences all together is not quite that of the log-rank test."""
    time, cause, group, stratum = made()
    for strata in (None, stratum):
        found = gray_test(time, cause > 0, group, strata=strata)
        peer = log_rank(time, cause > 0, group, strata=strata)
        assert (found.statistic, found.df) == (pytest.approx(peer.statistic, rel=0.02), peer.df)


def test_where_nobody_is_lost_sight_of_gray_keeps_who_ended_otherwise_at_risk():
    """Then the risk set is everybody who has not ended in this way, and the score that of such a log-rank test."""
    rng = np.random.default_rng(1)
    group = rng.integers(0, 2, 2000)
    cause = 1 + (rng.random(2000) < 0.5 + 0.05 * group)
    time = rng.exponential(20, 2000)
    found = gray_test(time, cause, group)
    kept = log_rank(np.where(cause == 1, time, time.max() + 1), cause == 1, group)
    assert found.statistic == pytest.approx(kept.statistic, rel=0.03)


def test_gray_by_hand():
    """Two groups of two: in a one ends otherwise at 1, one in the first way at 3; in b one so at 2, one never.

    At 2 and 3 a has one watched of whom half was free of any end, and nobody had ended in the first way: risk 2. b has
    risk 2, then 1. The score of a is -2/4 + 1 - 2/3 = -1/6. All together the incidence is 1/4 from 2 and 1/2 from 3 on.
    Its variance, in 288ths: for a's other end 98, for ends in the first way 25 and 36 in a, and as much in b.
    """
    found = gray_test([1, 3, 2, 4], [2, 1, 1, 0], ["a", "a", "b", "b"])
    assert found.statistic == pytest.approx((1 / 36) / (220 / 288), rel=1e-12)
    assert found.df == 1


ends = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.sampled_from("abc")), min_size=6, max_size=60)


@settings(max_examples=60, deadline=None)
@given(ends, st.randoms(use_true_random=False))
def test_ways_add_up_and_neither_order_nor_names_nor_the_unit_of_time_matter(rows, random):
    time, cause, group = (np.array(column) for column in zip(*rows, strict=True))
    ways = cumulative_incidence(time, cause, causes=2)
    np.testing.assert_allclose(
        sum(way.incidence for way in ways), 1 - kaplan_meier(time, cause > 0).survival, atol=1e-12
    )
    alone = cumulative_incidence(time, cause > 0)[0] if cause.any() else None
    if alone is not None:
        curve = kaplan_meier(time, cause > 0)
        seen = curve.survival > 0
        np.testing.assert_allclose(alone.standard_error[seen], curve.standard_error[seen], atol=1e-10)
    if len(set(group)) < 2:
        return
    order = list(range(len(rows)))
    random.shuffle(order)
    renamed = np.array([{"a": "z", "b": "y", "c": "x"}[one] for one in group])[order]
    for test in (gray_test, log_rank):
        kind = cause if test is gray_test else cause > 0
        found, again = test(time, kind, group), test(7.0 * time[order], kind[order], renamed)
        assert again.statistic == pytest.approx(found.statistic, rel=1e-6, abs=1e-8)
        assert again.df == found.df
    alike, n = np.unique(np.stack([time, cause, [ord(one) for one in group]]), axis=1, return_counts=True)
    weighed = gray_test(alike[0], alike[1], alike[2], weights=n)
    assert weighed.statistic == pytest.approx(gray_test(time, cause, group).statistic, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"group": ["a"] * 4}, "Found 1 group for 4 times"),
        ({"time": [1, -1, 2, 3]}, "1 of 4 times cannot be used, the first is -1"),
        ({"event": [1, 0, 3, 0]}, "1 of 4 events cannot be used"),
        ({"weights": [1, 1, -1, 1]}, "1 of 4 weights cannot be used"),
        ({"group": ["a", "b"]}, "expected equally many"),
    ],
)
def test_what_cannot_be_compared_is_refused(change, message):
    rows = {"time": [1, 2, 3, 4], "event": [1, 0, 1, 0], "group": list("aabb"), **change}
    with pytest.raises(DataError, match=message):
        log_rank(rows.pop("time"), rows.pop("event"), rows.pop("group"), **rows)


@pytest.mark.parametrize(
    ("time", "cause", "message"),
    [
        ([1, 2], [1, -1], "1 of 2 entries cannot be used"),
        ([], [], "Found 0 times"),
        ([1, 2], [0, 0], "ends from 0 to 0"),
    ],
)
def test_incidence_refuses_what_is_no_end(time, cause, message):
    with pytest.raises(DataError, match=message):
        cumulative_incidence(time, cause)


def test_groups_that_never_meet_cannot_be_compared():
    found = log_rank([1, 2, 5, 6], [1, 1, 1, 1], ["a", "a", "b", "b"], strata=["x", "x", "y", "y"])
    assert found.df == 0
    assert np.isnan(found.p_value)
