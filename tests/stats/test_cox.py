"""Cox regression and its test of proportional hazards against R, statsmodels and itself."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.errors import DataError
from cxlab.stats.cox import cox_regression
from cxlab.stats.proportional_hazards import proportional_hazards

DATA = os.environ.get("CXLAB_EVALUATION_DATA")
ROSSI = Path(DATA or "absent").parent / "vectors" / "retention_data" / "rossi.csv"
NAMES = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]


@pytest.fixture(scope="module")
def rossi():
    if not ROSSI.exists():
        pytest.skip("the Rossi data lie beside CXLAB_EVALUATION_DATA")
    with ROSSI.open() as file:
        rows = list(csv.DictReader(file))
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    return columns["week"], columns["arrest"], np.stack([columns[name] for name in NAMES], axis=1)


def made() -> dict[str, np.ndarray]:
    """Sixty units of two rows each, (start, stop], by arithmetic: many ties, also of begins with events."""
    i = np.arange(120)
    unit, later = i // 2, i % 2
    cut = 3 + 7 * unit % 23
    return {
        "unit": unit, "x": later, "z": unit * unit % 7, "s": unit % 3,
        "entry": np.where(later == 1, cut, 0), "time": np.where(later == 1, cut + 2 + 11 * unit % 31, cut),
        "event": np.where(later == 1, unit % 4 != 0, unit % 5 == 0).astype(float),
    }  # fmt: skip


def fitted(**options):
    rows = made()
    x = np.stack([rows["x"], rows["z"]], 1)
    return cox_regression(rows["time"], rows["event"], x, names=["x", "z"], entry=rows["entry"], **options)


def close(found, expected, tolerance=1e-7):
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=1e-9)


@pytest.mark.parametrize(
    ("ties", "coefficients", "errors", "loglik"),
    [
        (
            "efron",
            [-0.379422166485887, -0.0574377426840623, 0.313899787842499, -0.149795697666537, -0.433703877937309,
             -0.0848710825003947, 0.091497080985296],
            [0.191379480713543, 0.02199947060068, 0.307992776557418, 0.212224296248623, 0.381868057668791,
             0.195756671906624, 0.0286485499599737],
            (-675.380632346871, -658.747659446087),
        ),
        (
            "breslow",
            [-0.379021887430794, -0.0572459250446639, 0.314129766907369, -0.151114600055965, -0.432782573762873,
             -0.084982835267301, 0.0911115420915654],
            [0.191364425859774, 0.0219831857251267, 0.308017279736953, 0.212123160883743, 0.381794935262924,
             0.195748207309154, 0.0286312529561066],
            (-675.683389417497, -659.120605677328),
        ),
    ],
)  # fmt: skip
def test_rossi_equals_r(rossi, ties, coefficients, errors, loglik):
    """R 4.2.2, survival 3.5-3, coxph: vector cox_rossi."""
    time, event, x = rossi
    fit = cox_regression(time, event, x, names=NAMES, ties=ties)
    close(fit.coefficient, coefficients)
    close(fit.standard_error, errors)
    close((fit.loglik_null, fit.loglik), loglik, 1e-12)
    assert (fit.n, fit.events, fit.clusters) == (432, 114, None)


@pytest.mark.parametrize(
    ("scale", "p"),
    [
        ("rank", [0.239453493283438, 0.343743064516709, 0.132755933996929, 0.041397132588243, 0.764696304447491,
                  0.882482413703367, 0.200215266971372, 0.137524298856939]),
        ("km", [0.802696032731047, 0.0145184627739779, 0.150392488135829, 0.0398421117132655, 0.314658228140405,
                0.892149343960622, 0.470592563817217, 0.0134275067856751]),
    ],
)  # fmt: skip
def test_rossi_proportional_hazards_equal_r(rossi, scale, p):
    """R 4.2.2, survival 3.5-3, cox.zph: vector cox_rossi."""
    time, event, x = rossi
    tests = proportional_hazards(cox_regression(time, event, x, names=NAMES), scale=scale)
    assert [test.name for test in tests] == [*NAMES, "GLOBAL"]
    close([test.p_value for test in tests], p, 1e-6)


def test_start_stop_rows_with_robust_variance_equal_r():
    """R 4.2.2, survival 3.5-3: coxph(Surv(start, stop, event) ~ x + z, cluster = unit) on the rows of `made`."""
    fit = fitted(cluster=made()["unit"])
    close(fit.coefficient, [0.344375193313887, 0.049388504327532])
    close(fit.standard_error, [0.476188216881233, 0.087900347247214])
    close(fitted().standard_error, [0.4641848488466221, 0.0955523786884696])
    close((fit.loglik_null, fit.loglik), [-190.911076154053, -190.504968567597], 1e-12)
    assert (fit.events, fit.clusters) == (57, 60)
    close(
        [t.statistic for t in proportional_hazards(fit)], [0.9900686805531632, 0.0345299873762834, 1.0239425277780239]
    )
    close([t.p_value for t in proportional_hazards(fit, scale="rank")],
          [0.746325684986979, 0.899495308865151, 0.941337313515971])  # fmt: skip


def test_breslow_rows_with_robust_variance_equal_r():
    """The same with ties = "breslow"."""
    fit = fitted(cluster=made()["unit"], ties="breslow")
    close(fit.coefficient, [0.3156954230671898, 0.0432514333167538])
    close(fit.standard_error, [0.4637224621729842, 0.0819201140215216])
    close(
        [t.statistic for t in proportional_hazards(fit)], [0.9552142425955124, 0.0193053487197093, 0.9736838565355443]
    )


def test_stratified_rows_equal_r():
    """The same with + strata(s)."""
    fit = fitted(cluster=made()["unit"], strata=made()["s"])
    close(fit.coefficient, [0.4017378003134133, 0.0291142946384907])
    close(fit.standard_error, [0.4524521878482539, 0.0890683355602196])
    close((fit.loglik_null, fit.loglik), [-135.042752647373, -134.618261632044], 1e-12)
    close([t.p_value for t in proportional_hazards(fit)], [0.429712856446818, 0.837475678490907, 0.711518335012051])
    close(
        [t.statistic for t in proportional_hazards(fit, scale="rank")],
        [0.0160424296343687, 0.0509041433194066, 0.0700626173870498],
    )


def test_the_levels_of_a_category_are_one_term_as_in_r():
    """R: coxph(Surv(start, stop, event) ~ x + factor(s)), cox.zph."""
    rows = made()
    x = np.stack([rows["x"], rows["s"] == 1, rows["s"] == 2], axis=1)
    fit = cox_regression(rows["time"], rows["event"], x, names=["x", "s1", "s2"], entry=rows["entry"])
    close(fit.coefficient, [0.36032058011314638, 0.00066045665837685, -0.16368717623318343])
    tests = proportional_hazards(fit, terms=["x", "s", "s"])
    assert [(t.name, t.df) for t in tests] == [("x", 1), ("s", 2), ("GLOBAL", 3)]
    close([t.statistic for t in tests], [0.96586173789021, 1.00162545986893, 1.99213636142797])
    chi, p = fit.wald([1, 2])
    assert chi > 0 and 0 < p < 1


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_statsmodels_agrees(ties):
    """statsmodels 0.15.0, PHReg; it counts a row that begins at an event as at risk, hence the shift."""
    hazard = pytest.importorskip("statsmodels.duration.hazard_regression")
    rows = made()
    x = np.stack([rows["x"], rows["z"]], 1).astype(float)
    entry = np.where(rows["entry"] > 0, rows["entry"] + 1e-6, 0)
    peer = hazard.PHReg(rows["time"].astype(float), x, status=rows["event"], entry=entry, ties=ties).fit()
    fit = fitted(ties=ties)
    close(fit.coefficient, peer.params, 1e-6)
    close(fit.standard_error, peer.bse, 1e-6)


numbers = st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.integers(-2, 2)), min_size=12, max_size=40)


@settings(max_examples=40, deadline=None)
@given(numbers, st.randoms(use_true_random=False))
def test_order_unit_of_time_and_weights_change_nothing(rows, random):
    time, event, x = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    try:
        fit = cox_regression(time, event, x, names=["x"])
    except DataError:
        return
    order = list(range(len(rows)))
    random.shuffle(order)
    again = cox_regression(7 * time[order], event[order], -2 * x[order], names=["x"])
    close(again.coefficient, -fit.coefficient / 2, 1e-6)
    alike, times = np.unique(np.stack([time, event, x]), axis=1, return_counts=True)
    together = cox_regression(alike[0], alike[1], alike[2], names=["x"], weights=times)
    close(together.coefficient, fit.coefficient, 1e-6)
    close(together.standard_error, fit.standard_error, 1e-6)
    late = time > 3  # the same lives, cut in two rows each
    whole = cox_regression(
        np.concatenate([np.minimum(time, 3), time[late]]), np.concatenate([np.where(late, 0, event), event[late]]),
        np.concatenate([x, x[late]]), names=["x"], entry=np.concatenate([np.zeros(len(x)), np.full(late.sum(), 3)]),
    )  # fmt: skip
    close(whole.coefficient, fit.coefficient, 1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"event": np.zeros(6)}, "None of 6 rows ends with the event"),
        ({"x": np.ones(6)}, "'x' never varies among those at risk"),
        ({"x": [1, 1, 1, 0, 0, 0], "event": [1, 1, 1, 0, 0, 0]}, "of 'x' has no finite value.*perfect separation; 3 e"),
        ({"x": [1, np.nan, 1, 0, 0, 0]}, r"lack a number in some rows: 'x' \(1\)"),
        ({"entry": [0, 0, 0, 4, 0, 0]}, "1 of 6 rows cannot be used, the first is 4 at position 3; each must end"),
        ({"time": [1, 2, 3, np.inf, 5, 6]}, "1 of 6 times cannot be used"),
        ({"event": [1, 2, 1, 0, 1, 0]}, "1 of 6 event flags cannot be used"),
        ({"weights": [1, 0.5, 1, 1, 1, 1]}, "1 of 6 weights cannot be used"),
        ({"strata": [1, 2]}, "equally many"),
        ({"cluster": [1, 2]}, "Found 2 clusters for 6 rows"),
        ({"x": np.ones((5, 1))}, "expected 6 rows and a column for each of 1 names"),
    ],
)
def test_what_cannot_be_answered_is_refused(change, message):
    rows = {"time": [1, 2, 3, 4, 5, 6], "event": [1, 1, 1, 0, 1, 0], "x": [1, 0, 1, 0, 1, 0], **change}
    with pytest.raises(DataError, match=message):
        cox_regression(rows.pop("time"), rows.pop("event"), rows.pop("x"), names=["x"], **rows)


def test_covariates_that_say_the_same_are_refused():
    x = np.array([1.0, 0, 1, 0, 1, 2])
    with pytest.raises(DataError, match="'y' follows from 'x' among those at risk \\(collinear\\)"):
        cox_regression([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 1, 0], np.stack([x, 1 - x], 1), names=["x", "y"])


def test_a_perfect_clock_is_refused_by_name():
    with pytest.raises(DataError, match="hazard ratio of 'minus time' has no finite value"):
        cox_regression([1, 2, 3, 4, 5, 6], np.ones(6), -np.arange(6.0), names=["minus time"])


def test_a_clock_of_many_moments_is_refused_by_name():
    time = np.random.default_rng(1).exponential(10, 400)
    with pytest.raises(DataError, match="hazard ratio of 'minus time' has no finite value"):
        cox_regression(time, np.ones(400), -time, names=["minus time"])


def test_a_value_far_from_all_others_is_overshot_and_found():
    """statsmodels 0.15.0, PHReg, agrees."""
    hazard = pytest.importorskip("statsmodels.duration.hazard_regression")
    x = np.append(np.linspace(0, 1, 40), 60.0)
    time = np.append(np.random.default_rng(3).exponential(np.exp(-3 * x[:-1])), 0.5)
    fit = cox_regression(time, np.ones(41), x, names=["x"])
    peer = hazard.PHReg(time, x, ties="efron").fit(start_params=fit.coefficient)
    close(fit.coefficient, peer.params, 1e-5)


def test_time_as_it_is_and_a_single_moment():
    """R: cox.zph(coxph(Surv(start, stop, event) ~ x + z), "identity")."""
    tests = proportional_hazards(fitted(), scale="identity")
    assert len(tests) == 3
    alone = cox_regression([1, 1, 2, 2], [1, 1, 0, 0], [1, 0, 1, 0.5], names=["x"])
    assert proportional_hazards(alone)[0].df == 0


def test_terms_must_fit_the_covariates():
    with pytest.raises(DataError, match="Found 1 terms for 2 covariates"):
        proportional_hazards(fitted(), terms=["x"])
