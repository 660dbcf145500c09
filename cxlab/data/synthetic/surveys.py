"""What customers answer: a hidden satisfaction becomes a score, and who answers depends on that score.

Rows are invitations; one without an answer has no score. NPS is asked in waves, CSAT and CES after a solved
ticket, and once there is a longer questionnaire whose drivers have known weights.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from cxlab.data.synthetic.chunks import Chunk, Columns, labels, whole
from cxlab.data.synthetic.people import LANGUAGES, SEGMENT_SHARE, SEGMENTS, people
from cxlab.data.synthetic.rhythm import DAY, END, HOUR, MISSING, as_times, instant
from cxlab.data.synthetic.tickets import days_to_solution, ticket_ids, tickets_of
from cxlab.data.synthetic.verbatims import SENTENCES, sentence_codes, verbatims_truth

__all__ = ["DRIVERS", "INSTRUMENTS", "nps_distribution", "surveys_table", "surveys_truth"]

Numbers = NDArray[Any]
INSTRUMENTS = ("nps", "csat", "ces2", "relationship")
WAVES = ("2025Q3", "2025Q4", "2026Q1", "2026Q2")
_SENT = tuple(instant(day) for day in ("2025-09-15T08:00", "2025-12-08T08:00", "2026-03-16T08:00", "2026-06-15T08:00"))
INVITED_SHARE = 0.5
SEGMENT_SHIFT = (0.0, -0.20, 0.25)
WAVE_SHIFT = (0.0, 0.0, -0.25, 0.10)
SAME_PERSON = 0.6  # correlation of one person's hidden satisfaction between waves
NPS_BASE = (0.02, 0.01, 0.02, 0.03, 0.03, 0.07, 0.08, 0.14, 0.20, 0.18, 0.22)
ANSWER_SHARE = (0.45, 0.45, 0.45, 0.30, 0.30, 0.30, 0.30, 0.22, 0.22, 0.40, 0.40)
CSAT_BASE = (0.06, 0.08, 0.16, 0.38, 0.32)
CES_BASE = (0.04, 0.06, 0.08, 0.14, 0.22, 0.26, 0.20)
SHIFT_PER_DAY, MOST_DAYS = -0.08, 10.0
AFTER_TICKET_ASKED, AFTER_TICKET_ANSWERED = 0.5, 0.35
DRIVERS = ("ease", "speed", "quality", "price", "staff")
DRIVER_WEIGHT = (2.0, 1.2, 2.6, 0.6, 0.0)
DRIVER_CORRELATION = 0.35
RELATIONSHIP = {"asked": 0.25, "answered": 0.4, "intercept": 50.0, "centre": 6.5, "sd": 7.0}


def surveys_table(chunk: Chunk) -> Columns:
    """The table of survey invitations and answers."""
    parts = [_nps(chunk, wave) for wave in range(len(WAVES))]
    parts += [_after_ticket(chunk, 1, CSAT_BASE), _after_ticket(chunk, 2, CES_BASE), _relationship(chunk)]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    owner, n = joined["owner"], len(joined["owner"])
    who, answered = chunk.made(people), joined["answered"] != MISSING
    return {
        "survey_id": chunk.ids(n, 50, first=4_000_000_000),
        "customer_id": who.id[owner],
        "segment": labels(who.segment[owner], SEGMENTS),
        "instrument": labels(joined["instrument"], INSTRUMENTS),
        "wave": labels(joined["wave"], WAVES),
        "ticket_id": whole(joined["ticket"], joined["ticket"] >= 0),
        "language": labels(who.language[owner], LANGUAGES),
        "sent_at": as_times(joined["sent"]),
        "answered_at": as_times(joined["answered"]),
        "score": np.where(answered, joined["score"], np.nan),
        "verbatim": labels(np.where(answered, joined["words"], -1), SENTENCES),
        **{name: np.where(answered, joined[name], np.nan) for name in DRIVERS},
    }


def _part(chunk: Chunk, rng: np.random.Generator, owner: Numbers, **given: Numbers | int) -> dict[str, Numbers]:
    """One sort of survey, its answers given within days of the invitation."""
    n = len(owner)
    sent = np.broadcast_to(np.asarray(given["sent"], dtype=np.int64), (n,))
    answered = sent + (rng.exponential(1.2, n) * DAY).astype(np.int64) + 60_000_000
    replied = np.asarray(given["answers"], dtype=bool) & (answered < END)
    words = sentence_codes(rng, chunk.made(people).language[owner], np.asarray(given["mood"]))
    filled = {name: np.full(n, np.nan) for name in DRIVERS}
    chosen = {"ticket": -1, "wave": -1} | {key: given[key] for key in given if key not in ("answers", "mood", "sent")}
    wide = {key: np.broadcast_to(np.asarray(value), (n,)) for key, value in chosen.items()}
    times = {"sent": sent, "answered": np.where(replied, answered, MISSING)}
    return {"owner": owner, "words": words, **filled, **times, **wide}


def _ordinal(latent: Numbers, base: tuple[float, ...]) -> Numbers:
    """The answer, from 0, that a hidden value leads to: the base shares hold where it is standard normal."""
    return np.searchsorted(ndtri(np.cumsum(base)[:-1]), latent)


def _nps(chunk: Chunk, wave: int) -> dict[str, Numbers]:
    who, rng = chunk.made(people), chunk.rng(f"surveys.nps.{WAVES[wave]}")
    asked = (who.signed_up < _SENT[wave]) & ~who.test & (rng.random(chunk.size) < INVITED_SHARE)
    owner = np.flatnonzero(asked)
    noise = rng.standard_normal(len(owner))
    shift = np.array(SEGMENT_SHIFT)[who.segment[owner]] + WAVE_SHIFT[wave]
    score = _ordinal(shift + np.sqrt(SAME_PERSON) * who.mood[owner] + np.sqrt(1 - SAME_PERSON) * noise, NPS_BASE)
    answers = rng.random(len(owner)) < np.array(ANSWER_SHARE)[score]
    mood = (score > 6).astype(int) + (score > 8)
    return _part(chunk, rng, owner, sent=_SENT[wave], answers=answers, mood=mood, instrument=0, wave=wave, score=score)


def _after_ticket(chunk: Chunk, instrument: int, base: tuple[float, ...]) -> dict[str, Numbers]:
    held, rng = chunk.made(tickets_of), chunk.rng(f"surveys.{INSTRUMENTS[instrument]}")
    sent = held.solved + HOUR
    asked = (sent < END) & (rng.random(len(sent)) < AFTER_TICKET_ASKED)
    rows = np.flatnonzero(asked)
    latent = SHIFT_PER_DAY * np.minimum(held.days[rows], MOST_DAYS) + rng.standard_normal(len(rows))
    score = _ordinal(latent, base) + 1
    mood = np.minimum((score - 1) * 3 // len(base), 2)
    return _part(
        chunk, rng, held.owner[rows], sent=sent[rows], answers=rng.random(len(rows)) < AFTER_TICKET_ANSWERED,
        mood=mood, instrument=instrument, ticket=ticket_ids(chunk)[rows], score=score,
    )  # fmt: skip


def _relationship(chunk: Chunk) -> dict[str, Numbers]:
    who, rng, law = chunk.made(people), chunk.rng("surveys.relationship"), RELATIONSHIP
    asked = (who.signed_up < _SENT[3]) & ~who.test & (rng.random(chunk.size) < law["asked"])
    owner = np.flatnonzero(asked)
    shared = np.sqrt(DRIVER_CORRELATION) * who.mood[owner][:, None]
    own = np.sqrt(1 - DRIVER_CORRELATION) * rng.standard_normal((len(owner), len(DRIVERS)))
    ratings = np.clip(np.round(law["centre"] + 1.8 * (shared + own)), 1, 10)
    mean = law["intercept"] + (ratings - law["centre"]) @ np.array(DRIVER_WEIGHT)
    score = np.clip(np.round(mean + law["sd"] * rng.standard_normal(len(owner))), 0, 100)
    answers = rng.random(len(owner)) < law["answered"]
    drivers = {name: ratings[:, place] for place, name in enumerate(DRIVERS)}
    mood = (score > 45).astype(int) + (score > 55)
    return _part(chunk, rng, owner, sent=_SENT[3], answers=answers, mood=mood, instrument=3, score=score, **drivers)


def nps_distribution(segment: int, wave: int) -> Numbers:
    """The population's shares of the scores 0 to 10."""
    shift = SEGMENT_SHIFT[segment] + WAVE_SHIFT[wave]
    reached = ndtr(ndtri(np.append(np.cumsum(NPS_BASE)[:-1], 1.0)) - shift)
    return np.diff(reached, prepend=0.0)


def _nps_value(share: Numbers) -> float:
    return float(100 * (share[9:].sum() - share[:7].sum()) / share.sum())


def _nps_by(answering: Numbers) -> dict[str, dict[str, float]]:
    """NPS in points by wave and segment; `answering` is the share that answers, by score."""
    found: dict[str, dict[str, float]] = {}
    for wave, name in enumerate(WAVES):
        shares = [nps_distribution(segment, wave) * answering for segment in range(len(SEGMENTS))]
        everybody = np.average(shares, axis=0, weights=SEGMENT_SHARE)
        found[name] = {word: _nps_value(share) for word, share in zip(SEGMENTS, shares, strict=True)}
        found[name]["all"] = _nps_value(everybody)
    return found


def _after_ticket_shares(base: tuple[float, ...]) -> Numbers:
    """The shares of the answers after a ticket, over all the days that solutions take."""
    days, weight = days_to_solution()
    cuts = ndtri(np.append(np.cumsum(base)[:-1], 1.0))
    reached = ndtr(cuts[:, None] - SHIFT_PER_DAY * np.minimum(days, MOST_DAYS))
    return np.diff(reached @ weight, prepend=0.0)


def _after_ticket_truth() -> dict[str, Any]:
    csat, ces = _after_ticket_shares(CSAT_BASE), _after_ticket_shares(CES_BASE)
    return {
        "csat_shares_without_delay": list(CSAT_BASE),
        "ces2_shares_without_delay": list(CES_BASE),
        "expected": {"csat": float(csat[-2:].sum()), "ces2": float(ces @ np.arange(1, len(ces) + 1))},
        "shift_of_hidden_satisfaction_per_day": SHIFT_PER_DAY,
        "days_at_most": MOST_DAYS,
        "answered_share": AFTER_TICKET_ANSWERED,
    }


def surveys_truth() -> dict[str, Any]:
    """What was put into the table of surveys."""
    return {
        "population_nps": _nps_by(np.ones(11)),
        "nps_among_those_who_answer": _nps_by(np.array(ANSWER_SHARE)),
        "answer_share_by_nps_score": {str(score): share for score, share in enumerate(ANSWER_SHARE)},
        "after_ticket": _after_ticket_truth(),
        "drivers": {
            "weights": dict(zip(DRIVERS, DRIVER_WEIGHT, strict=True)),
            "residual_sd": RELATIONSHIP["sd"],
            "intercept_at_rating": [RELATIONSHIP["centre"], RELATIONSHIP["intercept"]],
        },
        "verbatims": verbatims_truth(),
    }
