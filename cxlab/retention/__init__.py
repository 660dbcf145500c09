"""Who comes back, who leaves and what goes with it, what customers are worth and keep paying."""

from cxlab.retention.cohorts import cohort_retention
from cxlab.retention.contract_values import ContractResult, contract_value
from cxlab.retention.event_effects import EventResult, effect_of_event
from cxlab.retention.kept_revenue import RevenueResult, revenue_retention
from cxlab.retention.leaving import ChurnResult, churn_drivers
from cxlab.retention.lifecycle import LifecycleResult, customer_lifecycle
from cxlab.retention.lifetime_value import ValueResult, customer_value
from cxlab.retention.release_effects import ReleaseResult, effect_of_release
from cxlab.retention.result import RetentionResult

__all__ = [
    "ChurnResult", "ContractResult", "EventResult", "LifecycleResult", "ReleaseResult", "RetentionResult",
    "RevenueResult", "ValueResult", "churn_drivers", "cohort_retention", "contract_value", "customer_lifecycle",
    "customer_value", "effect_of_event", "effect_of_release", "revenue_retention",
]  # fmt: skip
