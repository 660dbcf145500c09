"""Who comes back, what customers are worth and what they keep paying: cohorts, purchases ahead, value, revenue."""

from cxlab.retention.cohorts import cohort_retention
from cxlab.retention.contract_values import ContractResult, contract_value
from cxlab.retention.kept_revenue import RevenueResult, revenue_retention
from cxlab.retention.lifetime_value import ValueResult, customer_value
from cxlab.retention.result import RetentionResult

__all__ = [
    "ContractResult", "RetentionResult", "RevenueResult", "ValueResult", "cohort_retention", "contract_value",
    "customer_value", "revenue_retention",
]  # fmt: skip
