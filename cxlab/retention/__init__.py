"""Who comes back, and what customers are worth: cohorts, curves, purchases ahead and their value."""

from cxlab.retention.cohorts import cohort_retention
from cxlab.retention.contract_values import ContractResult, contract_value
from cxlab.retention.lifetime_value import ValueResult, customer_value
from cxlab.retention.result import RetentionResult

__all__ = ["ContractResult", "RetentionResult", "ValueResult", "cohort_retention", "contract_value", "customer_value"]
