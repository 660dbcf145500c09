"""Who comes back: cohorts, curves and their comparison."""

from cxlab.retention.cohorts import cohort_retention
from cxlab.retention.result import RetentionResult

__all__ = ["RetentionResult", "cohort_retention"]
