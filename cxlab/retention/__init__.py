"""Who comes back, and what customers are worth: cohorts, curves, purchases ahead and their value."""

from cxlab.retention.cohorts import cohort_retention
from cxlab.retention.lifetime_value import ValueResult, customer_value
from cxlab.retention.result import RetentionResult

__all__ = ["RetentionResult", "ValueResult", "cohort_retention", "customer_value"]
