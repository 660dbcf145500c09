"""Customers simulated as the reference's study of immortal time has them."""

import numpy as np
import pandas as pd

from cxlab.retention.spells import Spells

UNTIL = pd.Timestamp("2026-07-01")


def drawn(n, ratio, seed):
    """Contacts come after 90 days on average, customers leave with a chance of 1/120 a day, `ratio` times that after
    the contact, and are watched for 90 to 360 days.
    """
    rng = np.random.default_rng(seed)
    contact, sums, watched = rng.exponential(90, n), rng.exponential(120, n), rng.uniform(90, 360, n)
    left = np.where(sums <= contact, sums, contact + (sums - contact) / ratio)
    held = np.minimum(left, watched)
    return pd.DataFrame({"held": held, "left": left < watched, "watched": watched,
                         "waited": np.where(contact < held, contact, np.nan)})  # fmt: skip


def spells(people, **known):
    """The same as the analysis reads them."""
    return Spells(
        unit=np.arange(len(people)), held=people["held"].to_numpy(), left=people["left"].to_numpy(),
        waited=people["waited"].to_numpy(), known={k: np.asarray(v) for k, v in known.items()}, until="30 June 2026",
        assumed=False, whole_days=False, not_seen=0, at_once=0,
    )  # fmt: skip


def table(people):
    """The same as a table with moments, watched until the end of June 2026."""
    start = UNTIL - pd.to_timedelta(people["watched"], unit="D")
    end = (start + pd.to_timedelta(people["held"], unit="D")).where(people["left"])
    return pd.DataFrame({"unit": [f"c{k}" for k in range(len(people))], "start": start, "end": end,
                         "event_time": start + pd.to_timedelta(people["waited"], unit="D")})  # fmt: skip
