"""Do the intervals of customer value cover what they promise?

Seeds were fixed before the first run. Customers are simulated with known parameters, the models fitted as the analysis
fits them, and each interval is held against the truth. The bounds allow for the number of replicates at a level that
holds for all checks here together (99.9 %).
"""

import numpy as np
import pytest
from scipy.stats import binom

from cxlab.retention.purchase_history import Spell
from cxlab.retention.value_estimates import about, futures, still_there, valued
from cxlab.retention.value_fit import fit_value
from cxlab.stats.beta_geometric import BgNbd, MbgNbd
from cxlab.stats.bg_bb import BgBb
from cxlab.stats.contract_models import Sbg, contract_rows, fit_contracts
from cxlab.stats.pareto_nbd import ParetoNbd
from cxlab.stats.purchase_rows import PurchaseRows, simulated_rows
from cxlab.stats.spend import GammaGamma

TRUE = {"bg/nbd": BgNbd(0.8, 6.0, 0.8, 2.5), "mbg/nbd": MbgNbd(0.8, 6.0, 0.8, 2.5),
        "pareto/nbd": ParetoNbd(0.8, 6.0, 0.7, 12.0), "bg/bb": BgBb(1.2, 4.0, 0.8, 8.0)}  # fmt: skip
SPEND = GammaGamma(6.0, 4.0, 15.0)
RATE = float(np.log(1.1) / 52)
AHEAD = 26.0


def seen(model, n, rng):
    """Customers who began at different times, as they are today."""
    age = rng.integers(20, 90, n).astype(float)
    zero = np.zeros(n)
    new = PurchaseRows(zero, zero, zero, zero, np.arange(n))
    rows = simulated_rows(model.simulated(new, age, rng), age)
    x = rows.x[rows.of]
    level = SPEND.p / rng.gamma(SPEND.q, 1 / SPEND.v, n)
    mean = np.where(x > 0, rng.gamma(SPEND.p * np.maximum(x, 1)) * level / (SPEND.p * np.maximum(x, 1)), np.nan)
    return Spell(x, rows.t_x[rows.of], age, mean, np.arange(n))


def truly(fit, model):
    """What the customers are worth, and a new one, if the parameters are known."""
    rows, zero = fit.rows, PurchaseRows(*[np.zeros(1)] * 4, np.zeros(1, int))
    value = (model.alive(rows) * model.discounted(rows.x, rows.age, RATE))[rows.of]
    new = 1 + float(model.discounted(0.0, 0.0, RATE)) * float(model.alive(zero)[0])
    return value * SPEND.expected(fit.spell.x, fit.spell.mean), new * SPEND.mean


def replicate(name, n, seed, *, profile, most=300):
    """Which intervals hold the truth: purchases to come (as they then came), value, a new customer, parameters."""
    model, rng = TRUE[name], np.random.default_rng(seed)
    fit = fit_value(seen(model, n, rng), name, amounts=True)
    if fit.flat:
        return None
    drawn, _ = futures(fit, AHEAD, seed, most=most)
    each = fit.each
    came = len(model.simulated(each, AHEAD, rng).owner)
    found = valued(fit, horizon=AHEAD, discount=RATE, margin=1.0, confidence=0.95)
    value, new = truly(fit, model)
    total = about(float(found.expected.sum()), drawn.sum(axis=1), 0.95)
    best, one = found.total_value(), int(np.argmax(found.alive * (fit.spell.x == 2)))
    low, high = found.interval(found.value, found.value_slopes)
    still = still_there(fit, seed, 0.95, most=most)
    alive = rng.binomial(1, model.alive(fit.rows)[fit.rows.of]).sum()  # drawn after all that was seen
    hits = {
        "still": still.ci_low <= alive <= still.ci_high,
        "came": total.ci_low <= came <= total.ci_high,
        "value": best.ci_low <= value.sum() <= best.ci_high,
        "new": found.new_value.ci_low <= new <= found.new_value.ci_high,
        "customer": low[one] <= value[one] <= high[one],
    }
    if profile:
        ends = np.concatenate([fit.purchases.intervals(), fit.spend.intervals()])
        values = [*(getattr(model, k) for k in model.parameters), SPEND.p, SPEND.q, SPEND.v]
        inside = ~(np.array(values) < ends[:, 0]) & ~(np.array(values) > ends[:, 1])
        hits |= dict(zip([*model.parameters, "p", "q", "v"], inside.tolist(), strict=True))
    return hits


def bounds(replicates, *, low=0.93, high=0.97, error=0.001 / 60):
    """Counts that are not surprising if the true coverage lies between low and high."""
    return binom.ppf(error, replicates, low), binom.isf(error, replicates, high)


def held(name, n, seed, replicates, **options):
    found = [one for k in range(replicates) if (one := replicate(name, n, seed + k, **options)) is not None]
    return len(found), {key: sum(one[key] for one in found) for key in found[0]}


def test_intervals_of_purchases_to_come_cover_in_short():
    model, hits = TRUE["bg/nbd"], 0
    for seed in range(20261126, 20261146):
        rng = np.random.default_rng(seed)
        fit = fit_value(seen(model, 300, rng), "bg/nbd", amounts=False)
        drawn, _ = futures(fit, AHEAD, seed, most=40)
        expected = fit.rows.n @ (
            fit.purchases.model.alive(fit.rows) * fit.purchases.model.ahead(*fit.rows[:3:2], AHEAD)
        )
        total = about(float(expected), drawn.sum(axis=1), 0.95)
        hits += total.ci_low <= len(model.simulated(fit.each, AHEAD, rng).owner) <= total.ci_high
    assert bounds(20)[0] <= hits


@pytest.mark.calibrate
@pytest.mark.parametrize(("name", "n", "seed", "replicates"), [
    ("bg/nbd", 600, 20270000, 100), ("bg/nbd", 2400, 20280000, 60), ("mbg/nbd", 1000, 20290000, 80),
    ("pareto/nbd", 1500, 20300000, 60), ("bg/bb", 1500, 20310000, 60),
])  # fmt: skip
def test_intervals_of_value_cover_at_length(name, n, seed, replicates):
    counted, hits = held(name, n, seed, replicates, profile=True)
    least, most = bounds(counted)
    print(name, n, counted, {key: round(value / counted, 3) for key, value in hits.items()}, (least, most))
    assert counted >= 0.97 * replicates
    assert {key: least <= value <= most for key, value in hits.items()} == dict.fromkeys(hits, True)


@pytest.mark.calibrate
def test_intervals_of_contracts_cover_at_length():
    model, rng, hits = Sbg(0.8, 4.0), np.random.default_rng(20320000), []
    for _ in range(400):
        lost = rng.multinomial(800, np.append(-np.diff(model.survival(np.arange(9))), model.survival(8)))
        fit = fit_contracts("sbg", contract_rows(800 - np.append(0, np.cumsum(lost[:-1]))))
        ends = fit.intervals()
        hits.append([ends[0, 0] <= 0.8 <= ends[0, 1], ends[1, 0] <= 4.0 <= ends[1, 1]])
    least, most = bounds(400)
    total = np.sum(hits, axis=0)
    print("sbg", total / 400, (least, most))
    assert (total >= least).all() and (total <= most).all()
