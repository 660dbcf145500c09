"""How levels and changes are written."""

import pytest

from cxlab.experiments.amounts import Amounts, agreed
from cxlab.experiments.effects import Effect
from cxlab.experiments.metrics import Mean, Proportion, Ratio


def effect(estimate, control, low, high):
    middle = (low + high) / 2
    return Effect("m", "all", "new", 10, estimate, 10, control, middle, low, high)


@pytest.mark.parametrize(
    ("metric", "one", "level", "bracket"),
    [
        (Proportion("a"), effect(0.605, 0.582, 0.011, 0.035), "60.5%", "+2.3\u00a0points (1.1 to 3.5)"),
        (Mean("a", measured_in="€"), effect(4.26, 4.18, -0.16, 0.32), "€4.26", "+€0.08 (−0.16 to 0.32)"),
        (Mean("a", measured_in="min"), effect(15.0, 14.1, 0.5, 1.3), "15.0\u00a0min", "+0.9\u00a0min (0.5 to 1.3)"),
        (Mean("a", measured_in="€"), effect(4.1, 4.18, -0.15, -0.01), "€4.10", "−€0.08 (−0.15 to −0.01)"),
        (Ratio("a", "b", measured_in="%"), effect(0.09, 0.092, -0.007, 0.003), "9.0%",
         "−0.2\u00a0points (−0.7 to 0.3)"),
        (Proportion("a"), effect(0.0125, 0.0057, 0.005, 0.009), "1.25%", "+0.7\u00a0points (0.5 to 0.9)"),
        (Mean("a"), effect(5120, 5000, 100, 140), "5,120", "+120 (100 to 140)"),
    ],
)  # fmt: skip
def test_the_interval_decides_the_decimals(metric, one, level, bracket):
    amounts = Amounts(metric, one)
    assert amounts.level(one.estimate) == level
    assert amounts.bracket(one) == bracket


def test_an_interval_in_words_names_the_direction_only_where_it_is_known():
    clear, unclear = effect(0.6, 0.58, 0.011, 0.035), effect(0.6, 0.6, -0.006, 0.009)
    assert Amounts(Proportion("a"), clear).likely(clear) == "1.1 to 3.5\u00a0points more"
    assert Amounts(Proportion("a"), unclear).likely(unclear) == "between −0.6 and +0.9\u00a0points"


def test_agreed_sizes_are_written_as_they_were_given():
    one = effect(0.6, 0.58, 0.011, 0.035)
    for margin, text in (("5%", "5%"), (0.01, "1.0\u00a0points"), (None, "")):
        metric = Proportion("a", margin=margin)
        assert agreed(metric, Amounts(metric, one)) == text
