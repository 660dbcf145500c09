"""Logs and blueprints for tests: a service of three steps, and what is drawn of it."""

import numpy as np
import pandas as pd

PLAN = """
service: Help
stages: [Ask, Solve]
nodes:
- name: Question
  lane: customer
  stage: Ask
  events: asked
  to: [Look it up, Answer]
- name: Look it up
  lane: back
  stage: Solve
  events: begun
  ends: found
  to: Answer
- name: Answer
  lane: front
  stage: Solve
  events: [answered, called]
  metric: score
  measured_in: of 5
"""
END = "2026-06-01"


def log(*rows, score=None):
    """One row per event: person, hours, event."""
    frame = pd.DataFrame(rows, columns=["unit", "hours", "event"])
    frame["time"] = pd.Timestamp("2026-05-01") + pd.to_timedelta(frame.pop("hours"), "h")
    return frame.assign(score=np.nan if score is None else [score.get(tuple(row[:3]), np.nan) for row in rows])


def helped(people=80, seed=3):
    """People ask; after a while somebody begins to look it up, finds it, and answers most of them."""
    draw = np.random.default_rng(seed)
    rows, scores = [], {}
    for k in range(people):
        asked, begun, found, answered = np.cumsum([draw.uniform(0, 500), *draw.gamma(2, [3, 1, 0.5])])
        rows += [(f"u{k}", asked, "asked"), (f"u{k}", begun, "begun"), (f"u{k}", found, "found")]
        if draw.random() < 0.8:
            rows.append((f"u{k}", answered, "answered"))
            scores[rows[-1]] = int(draw.integers(2, 6))
    return log(*rows, score=scores)
