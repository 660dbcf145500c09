"""What an analysis gives: a frozen record with table, checks, sentence and pictures, and its views."""

from cxlab.data.note import DataNote
from cxlab.results.later import Later
from cxlab.results.privacy import SMALLEST_DRAWN, SMALLEST_GROUP, publishable
from cxlab.results.record import Check, Decision, Figure, Result

__all__ = [
    "SMALLEST_DRAWN", "SMALLEST_GROUP", "Check", "DataNote", "Decision", "Figure", "Later", "Result", "publishable",
]  # fmt: skip
