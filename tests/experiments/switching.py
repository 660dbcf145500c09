"""Simulated places that switch between variants, with rhythms of the day, days alike, and effects that carry over."""

import numpy as np
import pandas as pd

__all__ = ["switching"]


def switching(seed, *, effect=0.0, weeks=2, cities=2, carried=0.0, way="lot", variants=("control", "new"), rows=5):
    """Rows of a log whose periods last four hours; `carried` of the effect of a period works half an hour longer."""
    rng = np.random.default_rng(seed)
    n = weeks * 42
    shared = _assigned(rng, n, way, len(variants))
    frames = [
        _city(
            rng,
            f"c{place}",
            shared if way == "together" else _assigned(rng, n, way, len(variants), place),
            effect,
            carried,
            rows,
        )
        for place in range(cities)
    ]
    found = pd.concat(frames, ignore_index=True)
    return found.assign(variant=np.array(variants)[found["variant"]], late=(found["wait"] > 22).astype(int))


def _assigned(rng, n, way, variants, place=0):
    if way == "alternating":
        return (np.arange(n) + place) % 2  # neighbouring places in turns, or the hour could not be told from the change
    if way == "days":
        return np.repeat(rng.permutation(np.arange(n // 6) % 2), 6)
    return rng.integers(0, variants, n)


def _city(rng, name, assigned, effect, carried, rows):
    n = len(assigned)
    noise = np.zeros(n)
    for t in range(1, n):
        noise[t] = 0.6 * noise[t - 1] + rng.normal(0, 0.7)
    period = np.repeat(np.arange(n), 1 + rng.poisson(rows, n))
    minute = rng.uniform(0, 240, len(period))
    before = np.concatenate([assigned[:1], assigned[:-1]])[period] > 0
    now = assigned[period] > 0
    works = np.where(minute < 30, carried * before + (1 - carried) * now, now)
    hour = (period % 6) * 4
    level = 20 + rng.normal(0, 2) + 2 * np.sin(hour / 24 * 2 * np.pi) + noise[period]
    wait = level + effect * works + rng.normal(0, 3, len(period))
    at = pd.Timestamp("2026-03-02") + pd.to_timedelta(period * 240 + minute, unit="min")
    return pd.DataFrame({"city": name, "at": at.astype("datetime64[us]"), "variant": assigned[period], "wait": wait})
