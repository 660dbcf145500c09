"""Who comes back, what customers are worth and what they keep paying: cohorts, lifecycle, purchases ahead, revenue."""
"""Who comes back, who leaves sooner, what customers are worth and keep paying: cohorts, churn, value, revenue."""
"""Who comes back, what customers are worth and keep paying, and what goes with their leaving."""

from cxlab.retention.cohorts import cohort_retention
from cxlab.retention.contract_values import ContractResult, contract_value
from cxlab.retention.event_effects import EventResult, effect_of_event
from cxlab.retention.kept_revenue import RevenueResult, revenue_retention
from cxlab.retention.lifecycle import LifecycleResult, customer_lifecycle
from cxlab.retention.leaving import ChurnResult, churn_drivers
from cxlab.retention.lifetime_value import ValueResult, customer_value
from cxlab.retention.release_effects import ReleaseResult, effect_of_release
from cxlab.retention.result import RetentionResult

__all__ = [
    "ContractResult", "LifecycleResult", "RetentionResult", "RevenueResult", "ValueResult", "cohort_retention",
    "contract_value", "customer_lifecycle", "customer_value", "revenue_retention",
    "ChurnResult", "ContractResult", "RetentionResult", "RevenueResult", "ValueResult", "churn_drivers",
    "cohort_retention", "contract_value", "customer_value", "revenue_retention",
    "ContractResult", "EventResult", "RetentionResult", "RevenueResult", "ValueResult", "cohort_retention",
    "contract_value", "customer_value", "effect_of_event", "revenue_retention",
    "ContractResult", "EventResult", "ReleaseResult", "RetentionResult", "RevenueResult", "ValueResult",
    "cohort_retention", "contract_value", "customer_value", "effect_of_event", "effect_of_release", "revenue_retention",
]  # fmt: skip
