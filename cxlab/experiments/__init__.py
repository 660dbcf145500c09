"""Experiments: what is measured, whether it can be trusted, what changed and what to do."""

from cxlab.experiments.comparison import ABTestResult, ab_test
from cxlab.experiments.metrics import Mean, Metric, Proportion, Ratio
from cxlab.experiments.portfolio import PortfolioResult, experiment_portfolio

__all__ = [
    "ABTestResult", "Mean", "Metric", "PortfolioResult", "Proportion", "Ratio", "ab_test", "experiment_portfolio",
]  # fmt: skip
