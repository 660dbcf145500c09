"""What is wrong with a table, and what it would do to an answer."""

from cxlab.quality.contracts import CONTRACTS, Contract, Role
from cxlab.quality.report import check_data
from cxlab.quality.result import QualityResult

__all__ = ["CONTRACTS", "Contract", "QualityResult", "Role", "check_data"]
