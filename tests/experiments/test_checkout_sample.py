"""The sample of this room is what its maker makes, and it answers its question."""

import importlib.util

import pytest

from cxlab.experiments import ab_test


@pytest.fixture(scope="module")
def maker(root):
    place = root / "data_samples" / "make_checkout_test.py"
    spec = importlib.util.spec_from_file_location("make_checkout_test", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_is_what_its_maker_makes(maker, monkeypatch):
    monkeypatch.setattr("sys.argv", ["make_checkout_test.py", "--check"])
    assert maker.main() == 0


def test_another_seed_gives_another_table_of_the_same_form(maker):
    one, other = maker.checkout_test(300, seed=1), maker.checkout_test(300, seed=2)
    assert one.dtypes.equals(other.dtypes)
    assert not one.equals(other)


def test_its_intervals_hold_the_truth_built_in(maker):
    found = ab_test(
        maker.PATH,
        metrics=[
            "proportion('ordered')",
            "proportion('satisfied', role='watched')",
            "mean('revenue', covariate='revenue_before', role='watched')",
            "ratio('returned', 'items', role='watched')",
        ],
        control="current checkout",
        unit="customer_id",
        time="assigned_on",
        planned_n=16_000,
    )
    for _, row in found.table.iterrows():
        assert row["ci_low"] < maker.TRUTH[row["metric"]] < row["ci_high"]
    revenue = found.table.set_index("metric").loc["revenue"]
    assert revenue["ci_high"] - revenue["ci_low"] < 0.95 * (revenue["raw_ci_high"] - revenue["raw_ci_low"])
    assert found.decision.verdict == "keep running"
    assert found.headline.startswith("Until about 26 February 2026, with about 3,600 more customers.")
