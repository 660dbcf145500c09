"""Everything that is true of the company, as plain numbers and words."""

from typing import Any

from cxlab.data.synthetic.events import events_truth
from cxlab.data.synthetic.experiments import experiments_truth
from cxlab.data.synthetic.onboarding import onboarding_truth
from cxlab.data.synthetic.people import people_truth
from cxlab.data.synthetic.sessions import sessions_truth
from cxlab.data.synthetic.subscriptions import subscriptions_truth
from cxlab.data.synthetic.surveys import surveys_truth
from cxlab.data.synthetic.tickets import tickets_truth
from cxlab.data.synthetic.transactions import transactions_truth

__all__ = ["company_truth"]


def company_truth() -> dict[str, Any]:
    """What is true: the effects that were put in, by table.

    Returns:
        A nested mapping of plain numbers, words and lists, the same for every seed and size.

    Examples:
        >>> company_truth()["experiments"]["checkout_button"]["effect"]
        0.04
    """
    return {
        "customers": people_truth(),
        "events": {**events_truth(), "onboarding": onboarding_truth(), "sessions": sessions_truth()},
        "experiments": experiments_truth(),
        "tickets": tickets_truth(),
        "surveys": surveys_truth(),
        "transactions": transactions_truth(),
        "subscriptions": subscriptions_truth(),
    }
