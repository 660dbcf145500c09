"""Makes survey_responses.csv: answers to three questions after a contact or an order, with known truth.

Run it from the top of the clone: python data_samples/make_survey_responses.py
"""

import csv
import datetime as dt
from pathlib import Path

import numpy as np
from scipy.special import ndtri

SEED = 20260501
CUSTOMERS = 2600
MONTHS = 6
FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
CHANNELS = {"web": (0.45, 0.0), "app": (0.30, 0.12), "phone": (0.17, -0.45), "store": (0.08, 0.05)}
PLANS = {"basic": (0.7, 0.0), "plus": (0.3, 0.15)}
MARCH_DIP = -0.4
STRENGTH = {"own": 0.75, "moment": 0.66}  # spread of a customer's own level and of one answer around it
NPS_SHARES = (0.03, 0.01, 0.02, 0.02, 0.03, 0.06, 0.07, 0.13, 0.19, 0.20, 0.24)
CSAT_SHARES = (0.06, 0.08, 0.16, 0.38, 0.32)
EASE_SHARES = (0.05, 0.06, 0.08, 0.12, 0.22, 0.27, 0.20)


def cut(latent: np.ndarray, shares: tuple[float, ...], lowest: int) -> np.ndarray:
    """The answer whose share of the population the latent satisfaction falls into."""
    edges = ndtri(np.cumsum(shares)[:-1])
    return lowest + np.searchsorted(edges, latent)


def answers() -> list[list[str]]:
    """One row per survey sent, in order of time."""
    rng = np.random.default_rng(SEED)
    times = 1 + rng.binomial(MONTHS - 1, 0.22, CUSTOMERS)
    customer = np.repeat(np.arange(CUSTOMERS), times)
    own, plan = (
        rng.normal(0, STRENGTH["own"], CUSTOMERS)[customer],
        rng.choice(list(PLANS), CUSTOMERS, p=[0.7, 0.3])[customer],
    )
    channel = rng.choice(list(CHANNELS), len(customer), p=[share for share, _ in CHANNELS.values()])
    minute = rng.integers(0, 181, len(customer)) * 1440 + rng.integers(7 * 60, 22 * 60, len(customer))
    moment = [FIRST + dt.timedelta(minutes=int(m)) for m in minute]
    shift = np.array([CHANNELS[c][1] + PLANS[p][1] for c, p in zip(channel, plan, strict=True)])
    shift = shift + np.array([MARCH_DIP * (m.month == 3) for m in moment])
    latent = own + shift
    nps, csat, ease = (
        cut(latent + rng.normal(0, STRENGTH["moment"], len(latent)), shares, lowest)
        for shares, lowest in ((NPS_SHARES, 0), (CSAT_SHARES, 1), (EASE_SHARES, 1))
    )
    silent = rng.random(len(latent)) < 0.11
    coded = rng.random(len(latent)) < 0.006
    order = np.lexsort((minute,))
    return [
        [f"S{i + 1:05d}", f"C{1000 + customer[k]}", f"{moment[k]:%Y-%m-%dT%H:%M}", channel[k], plan[k],
         *(["", "", ""] if silent[k] else ["99" if coded[k] else str(nps[k]), str(csat[k]), str(ease[k])])]
        for i, k in enumerate(order)
    ]  # fmt: skip


def main() -> None:
    """Write the table beside this file."""
    place = Path(__file__).with_name("survey_responses.csv")
    with place.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["survey_id", "customer_id", "answered_at", "channel", "plan", "score", "csat", "ease"])
        writer.writerows(answers())


if __name__ == "__main__":
    main()
