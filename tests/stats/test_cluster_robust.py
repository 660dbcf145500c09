"""Averages of clusters that were assigned as a whole."""

import numpy as np
import pandas as pd
import pytest

from cxlab.stats.cluster_robust import ClusterSums, cluster_arm, cluster_difference, intraclass_correlation
from cxlab.stats.means import arm_difference, mean_arm
from tests.stats.experiment_vectors import vector


def test_cr2_and_its_degrees_of_freedom_are_rs_estimatr():
    """R estimatr 1.0.0 lm_robust; generated data."""
    case, expected, tolerance = vector("cluster_cr1_cr2")
    groups = pd.DataFrame(case).groupby(["treat", "id"])["y"].agg(["sum", "count"])
    arms = [cluster_arm(ClusterSums.of(groups.loc[k, "sum"], groups.loc[k, "count"])) for k in (1, 0)]
    found = cluster_difference(*arms)
    assert [found.effect, found.se, found.df, found.p_value] == pytest.approx(
        [expected["est"], expected["se_cr2"], expected["df_cr2"], expected["p_cr2"]], rel=tolerance
    )


def test_clusters_of_one_size_are_students_t_on_their_averages():
    rng = np.random.default_rng(2)
    totals = [rng.normal(50, 9, g) for g in (6, 6)]
    found = cluster_difference(*(cluster_arm(ClusterSums.of(t, np.full(6, 10.0))) for t in totals))
    plain = arm_difference(*(mean_arm(6, (t / 10).mean(), (t / 10).var(ddof=1)) for t in totals), df=10)
    assert [found.effect, found.se, found.df] == pytest.approx([plain.effect, plain.se, 10.0])


def test_rows_of_one_cluster_that_are_alike_correlate_wholly_and_independent_ones_not():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(400, 5))
    arm = ClusterSums.of(values.sum(axis=1), np.full(400, 5.0))
    assert intraclass_correlation([arm], float((values**2).sum())) == pytest.approx(0, abs=0.05)
    alike = np.repeat(values[:, :1], 5, axis=1)
    arm = ClusterSums.of(alike.sum(axis=1), np.full(400, 5.0))
    assert intraclass_correlation([arm], float((alike**2).sum())) == pytest.approx(1)
