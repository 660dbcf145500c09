"""What customers buy: BG/NBD purchases from the first order on, each worth what Gamma-Gamma says."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.synthetic.chunks import Chunk, Columns, labels
from cxlab.data.synthetic.onboarding import first_orders
from cxlab.data.synthetic.people import people, pick
from cxlab.data.synthetic.rhythm import DAY, END, after_busy_days, as_times

__all__ = ["SHOPS", "Purchases", "purchases", "transactions_table", "transactions_truth"]

Numbers = NDArray[Any]
WEEKLY = {"r": 0.80, "alpha": 6.0, "a": 0.80, "b": 2.50}
SPEND = {"p": 6.0, "q": 4.0, "v": 15.0}
SHOPS = ("web", "app", "store")
_SHOP_SHARE = (0.50, 0.30, 0.20)


@dataclass(frozen=True)
class Purchases:
    """One group's purchases, by customer and then by time."""

    owner: Numbers
    time: Numbers
    amount: Numbers
    shop: Numbers


def purchases(chunk: Chunk) -> Purchases:
    """The purchases of one group: the first order, and what follows it."""
    who, rng = chunk.made(people), chunk.rng("transactions")
    buyer, first = chunk.made(first_orders)
    repeat, passed = _repeats(rng, len(buyer), (END - first) / DAY / 7)
    later = after_busy_days(first[repeat], passed * 7, who.place[buyer[repeat]])
    row, time = np.append(np.arange(len(buyer)), repeat), np.append(first, later)
    row, time = row[time < END], time[time < END]
    order = np.lexsort((time, row))
    row, time = row[order], time[order]
    rate = rng.gamma(SPEND["q"], 1 / SPEND["v"], len(buyer))
    amount = np.maximum(np.round(rng.gamma(SPEND["p"], 1 / rate[row]), 2), 0.01)
    return Purchases(buyer[row], time, amount, pick(rng, _SHOP_SHARE, len(row)))


def _repeats(rng: np.random.Generator, n: int, weeks: Numbers) -> tuple[Numbers, Numbers]:
    """Repeat purchases until the customer drops out: whose, and how many weeks after the first."""
    rate = rng.gamma(WEEKLY["r"], 1 / WEEKLY["alpha"], n)
    leaving = rng.beta(WEEKLY["a"], WEEKLY["b"], n)
    alive, passed = np.arange(n), np.zeros(n)
    owners, times = [], []
    while len(alive):
        passed = passed + rng.standard_exponential(len(alive)) / np.maximum(rate[alive], 1e-12)
        inside = passed < weeks[alive] + 1
        alive, passed = alive[inside], passed[inside]
        owners.append(alive)
        times.append(passed)
        stays = rng.random(len(alive)) >= leaving[alive]
        alive, passed = alive[stays], passed[stays]
    return np.concatenate([*owners, np.empty(0, int)]), np.concatenate([*times, np.empty(0)])


def transactions_table(chunk: Chunk) -> Columns:
    """The table of transactions."""
    who, made = chunk.made(people), chunk.made(purchases)
    return {
        "transaction_id": chunk.ids(len(made.owner), 100, first=2_000_000_000),
        "customer_id": who.id[made.owner],
        "time": as_times(made.time),
        "amount": made.amount,
        "currency": labels(np.zeros(len(made.owner), int), ("EUR",)),
        "channel": labels(made.shop, SHOPS),
    }


def transactions_truth() -> dict[str, Any]:
    """What was put into the table of transactions."""
    mean = SPEND["p"] * SPEND["v"] / (SPEND["q"] - 1)
    return {
        "purchases": {"law": "BG/NBD from the first order on", "unit": "week", **WEEKLY},
        "spend": {"law": "Gamma-Gamma", **SPEND, "mean": mean},
    }
