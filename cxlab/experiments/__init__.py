"""Experiments: what is measured, whether it can be trusted, what changed and what to do."""

from cxlab.experiments.comparison import ABTestResult, ab_test
from cxlab.experiments.kinds import Quantile, Rate, TimeToEvent
from cxlab.experiments.metrics import Mean, Metric, Proportion, Ratio
from cxlab.experiments.planning import PlanResult, plan_ab_test
from cxlab.experiments.portfolio import PortfolioResult, experiment_portfolio
from cxlab.experiments.scales import Nps, Ordinal, TopBox

__all__ = [
    "ABTestResult", "Mean", "Metric", "Nps", "Ordinal", "PlanResult", "PortfolioResult", "Proportion", "Quantile",
    "Rate", "Ratio", "TimeToEvent", "TopBox", "ab_test", "experiment_portfolio", "plan_ab_test",
]  # fmt: skip
