"""Feedback: what customers answer, scored with its uncertainty."""

from cxlab.feedback.scores import ScoresResult, survey_scores

__all__ = ["ScoresResult", "survey_scores"]
