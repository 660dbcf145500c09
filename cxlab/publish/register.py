"""The analyses that exist: a new one costs its module, one line here and one notebook."""

from collections.abc import Callable
from functools import cache
from typing import Any

from cxlab.errors import ParameterError, nearest
from cxlab.publish.analysis import Analysis
from cxlab.publish.parameters import describe

__all__ = ["ANALYSES", "Analysis", "analysis_named", "analysis_of"]

_STEPS = ("product_view", "add_to_cart", "shipping_details", "payment_details", "purchase")

ANALYSES: tuple[Analysis, ...] = (
    Analysis(
        name="ab_test", location="cxlab.experiments:ab_test", room="Experiments",
        question="Does a change work?", scope="Compare two or more versions",
        sample="data_samples/checkout_test.csv", controls=("metrics", "segment", "confidence"),
        contract="assignments",
        values={
            "metrics": [
                "proportion('ordered', minimum_effect=0.02, label='ordered within two weeks')",
                "mean('revenue', covariate='revenue_before', role='guardrail', margin='10%', measured_in='€', "
                "label='revenue per customer')",
                "proportion('satisfied', role='guardrail', margin=0.03, label='satisfied with the order')",
                "ratio('returned', 'items', role='guardrail', direction='lower', margin=0.02, measured_in='%', "
                "label='items sent back')",
            ],
            "control": "current checkout", "unit": "customer_id", "time": "assigned_on",
            "planned_ratio": {"current checkout": 1.0, "short checkout": 1.0}, "planned_n": 12_000,
            "minimum_duration": "14D",
        },
    ),
    Analysis(
        name="ab_plan", location="cxlab.experiments:plan_ab_test", room="Experiments",
        question="How long must we test?", scope="Customers, weeks and the change that will be found",
        sample="data_samples/checkout_history.csv", controls=("effect", "power", "monitoring"),
        values={
            "metric": "proportion('ordered')",
            "guardrails": ["mean('revenue', cap='p99', covariate='revenue_before', role='guardrail', margin='20%', "
                           "measured_in='€', label='revenue per customer')"],
            "effect": "0.045", "unit": "customer_id", "time": "visited_on", "follow_up": "14D",
            "control": "current checkout", "planned_ratio": {"current checkout": 1.0, "short checkout": 1.0},
        },
    ),
    Analysis(
        name="ab_monitor", location="cxlab.experiments:ab_test", room="Experiments",
        question="May we stop the test already?", scope="A running test, watched without false alarms",
        asked="Is what we see enough to stop, however often we have looked?",
        sample="data_samples/running_test.csv", controls=("monitoring", "metrics", "confidence"),
        contract="assignments", unplanned={"monitoring": "always-valid"},
        values={
            "metrics": ["proportion('ordered', minimum_effect=0.03, label='placed an order')"],
            "question": "May we stop the test of free delivery already?", "control": "paid delivery",
            "unit": "customer_id", "time": "assigned_at",
            "planned_ratio": {"paid delivery": 1.0, "free delivery": 1.0}, "planned_n": 5_000,
            "minimum_duration": "7D", "monitoring": "obrien-fleming", "looks": [1_000, 2_000],
        },
    ),
    Analysis(
        name="experiment_portfolio", location="cxlab.experiments:experiment_portfolio", room="Experiments",
        question="What did all our tests bring?", scope="Finished tests together, without the luck of the chosen",
        sample="data_samples/experiments.csv", controls=("threshold", "direction", "confidence"),
        values={"se": "se", "shipped": "shipped", "time": "ended_on", "n": "customers",
                "control_n": "control_customers", "planned_share": "planned_share", "measured_in": "points",
                "label": "the share that orders"},
    ),
    Analysis(
        name="cohort_retention", location="cxlab.retention:cohort_retention", room="Retention",
        question="Do customers come back?", scope="Retention by the period of the first visit",
        sample="data_samples/shop_events.csv.gz", controls=("period", "measure", "segment", "confidence"),
        contract="events", handled=("partial_last_period",),
        values={"unit": "user_id", "time": "timestamp", "event": "event", "period": "month",
                "observe_until": "2024-06-29"},
    ),
    Analysis(
        name="customer_lifecycle", location="cxlab.retention:customer_lifecycle", room="Retention",
        question="Who comes, who stays away?", scope="New, returning, resurrected and dormant customers, and how often",
        sample="data_samples/shop_events.csv.gz", controls=("period", "active_event", "over", "confidence"),
        contract="events", handled=("partial_last_period",),
        values={"unit": "user_id", "time": "timestamp", "event": "event", "period": "month",
                "observe_until": "2024-05-31"},
    ),
    Analysis(
        name="revenue_retention", location="cxlab.retention:revenue_retention", room="Retention",
        question="How much of our revenue do we keep?", scope="Gross and net revenue retention, and what came and went",
        sample="data_samples/payments.csv", controls=("over", "segment", "confidence"),
        contract="transactions", handled=("partial_last_period",),
        values={"unit": "account_id", "time": "time", "amount": "amount", "currency": "currency", "segment": "size",
                "measured_in": "€", "observe_until": "2026-06-30"},
    ),
    Analysis(
        name="churn_drivers", location="cxlab.retention:churn_drivers", room="Retention",
        question="Which customers leave sooner, and what goes with it?",
        scope="Groups over time, several drivers at once, and the reasons",
        sample="data_samples/memberships.csv", controls=("group", "drivers", "horizon", "confidence"),
        contract="subscriptions",
        values={"unit": "account_id", "start": "started_on", "end": "ended_on", "reason": "reason", "group": "plan",
                "drivers": ["plan", "channel", "seats"], "reference": {"plan": "yearly"},
                "observe_until": "2026-06-30"},
    ),
    Analysis(
        name="effect_of_event", location="cxlab.retention:effect_of_event", room="Retention",
        question="Do customers leave sooner or later after an event?", scope="A contact, a call, a fault, and then",
        sample="data_samples/support_contacts.csv", controls=("covariates", "method", "landmarks", "confidence"),
        contract="subscriptions",
        values={"unit": "customer_id", "start": "started_on", "end": "ended_on", "event_time": "first_contact_on",
                "label": "a support contact", "covariates": ["plan", "seats"], "observe_until": "2026-06-30"},
    ),
    Analysis(
        name="effect_of_release", location="cxlab.retention:effect_of_release", room="Retention",
        question="Do more customers come back since a release?", scope="The trend before, a group without it",
        sample="data_samples/onboarding_visits.csv", controls=("age", "comparison", "compared_with", "scale"),
        contract="events", handled=("partial_last_period",),
        values={"release": "2026-02-23", "unit": "customer_id", "label": "the new onboarding",
                "comparison": "region", "compared_with": "south", "observe_until": "2026-06-07"},
    ),
    Analysis(
        name="customer_value", location="cxlab.retention:customer_value", room="Retention",
        question="What are our customers worth?", scope="Who will buy again, how often and for how much",
        sample="data_samples/purchases.csv", controls=("model", "horizon", "segment", "confidence"),
        contract="transactions", handled=("partial_last_period",),
        values={"unit": "customer_id", "time": "time", "amount": "amount", "currency": "currency",
                "segment": "channel", "measured_in": "€", "observe_until": "2026-06-30"},
    ),
    Analysis(
        name="contract_value", location="cxlab.retention:contract_value", room="Retention",
        question="How long do contracts last, and what is one worth?",
        scope="How many are held after each renewal, and what is still to come", sample="data_samples/contracts.csv",
        controls=("model", "horizon", "segment", "confidence"), contract="subscriptions",
        handled=("partial_last_period",),
        values={"unit": "contract_id", "start": "started_on", "end": "ended_on", "amount": "price",
                "currency": "currency", "segment": "plan", "measured_in": "€", "observe_until": "2026-06-30"},
    ),
    Analysis(
        name="journey_funnel", location="cxlab.journeys:journey_funnel", room="Journeys",
        question="Where do people get stuck?", scope="Steps, drop-off and time",
        sample="data_samples/shop_events.csv.gz", controls=("steps", "within", "order", "segment", "trend"),
        contract="events", handled=("partial_last_period",),
        values={
            "steps": [*_STEPS], "within": "7D", "unit": "user_id", "event": "event", "time": "timestamp",
            "trend": "month", "goes_with": ["platform", "acquisition_channel"], "look_back": "1D", "next_events": 2,
            "contact": ["support_chat"],
        },
    ),
    Analysis(
        name="journey_paths", location="cxlab.journeys:journey_paths", room="Journeys",
        question="Which ways do customers take?", scope="Next events, common paths, loops, and what the goal hangs on",
        sample="data_samples/shop_events.csv.gz", controls=("goal", "stages", "segment", "top"),
        contract="events", handled=("partial_last_period",),
        values={"unit": "user_id", "event": "event", "time": "timestamp", "session": "session_id", "goal": "purchase",
                "stages": [*_STEPS]},
    ),
    Analysis(
        name="journey_friction", location="cxlab.journeys:journey_friction", room="Journeys",
        question="Where do customers struggle?", scope="Repeats, errors, changes of channel and calls for help",
        sample="data_samples/moving_house.csv.gz", controls=("goal", "errors", "within", "segment"),
        contract="events", handled=("partial_last_period",),
        values={"unit": "customer_id", "session": "case_id", "goal": "done", "observe_until": "2026-05-04",
                "errors": ["sign_in_error", "upload_error"], "channel": "channel", "contacts": ["phone", "chat"]},
    ),
    Analysis(
        name="journey_map", location="cxlab.journeys:journey_map", room="Journeys",
        question="How do customers fare on their journey?",
        scope="Stage by stage: who comes, time, satisfaction, effort, channels, pain",
        sample="data_samples/broadband_events.csv.gz", controls=("stages", "optional", "within", "stage"),
        contract="events", handled=("partial_last_period",),
        values={
            "stages": [
                "Discover: offer_viewed|advice_asked", "Order: order_started|order_placed",
                "Delivery: router_sent|router_arrived", "Set up: setup_started|setup_done",
                "Support: help_asked|help_answered", "First bill: bill_sent|bill_paid",
            ],
            "within": "45D", "optional": ["Support"], "goal": "first_month_over", "unit": "customer_id",
            "channel": "channel", "answers": "data_samples/broadband_answers.csv", "answer_time": "answered_at",
            "satisfaction": "satisfaction", "effort": "ease", "comment": "comment", "linked_within": "3D",
            "again_within": "1h", "targets": {"satisfaction": 0.7, "effort": 0.33},
            "time_targets": {"Discover": "7D", "Order": "3D", "Delivery": "3D", "Set up": "2D", "Support": "2D",
                             "First bill": "7D"},
            "observe_until": "2026-05-31",
        },
    ),
    Analysis(
        name="service_blueprint", location="cxlab.journeys:service_blueprint", room="Journeys",
        question="What happens behind each step?", scope="A service in five lanes, with its people and waits",
        sample="data_samples/returns.csv", controls=("within", "observe_until", "confidence"),
        contract="events", handled=("partial_last_period",),
        values={"blueprint": "data_samples/returns_blueprint.yml", "unit": "customer_id", "actor": "actor",
                "observe_until": "2026-06-30"},
    ),
    Analysis(
        name="survey_feedback", location="cxlab.feedback:survey_scores", room="Feedback",
        question="What do customers say?", scope="NPS, satisfaction and effort, by group and over time",
        sample="data_samples/survey_responses.csv", controls=("segment", "wave", "confidence"),
        contract="survey_responses", handled=("sentinel_values", "partial_last_period"),
        values={"unit": "customer_id", "segment": "customer_type", "wave": "wave", "time": "sent_at"},
    ),
)  # fmt: skip


def analysis_named(name: str) -> Analysis:
    """Which analysis is meant?

    Args:
        name: its name, or its function's.

    Returns:
        Its line in the register.

    Raises:
        ParameterError: there is none of that name.
    """
    by_name = {one.name: one for one in ANALYSES}
    by_function = {one.function_name: one for one in reversed(ANALYSES)}  # the first of each stands
    found = by_name.get(name) or by_function.get(name)
    if found is None:
        raise ParameterError(f"There is no analysis '{name}'.{nearest(name, by_name)} There are: {', '.join(by_name)}.")
    return found


def analysis_of(function: str | Callable[..., Any]) -> Analysis:
    """Which line of the register belongs to this function?

    Args:
        function: an analysis, or its name.

    Returns:
        Its line; a function of your own gets a line made up from its docstring.

    Raises:
        ParameterError: a name that the register does not have.
    """
    if isinstance(function, str):
        return analysis_named(function)
    known = [one for one in ANALYSES if one.function_name == function.__name__]
    return known[0] if known else _unregistered(function)


@cache
def _unregistered(function: Callable[..., Any]) -> Analysis:
    title = (function.__doc__ or function.__name__).strip().splitlines()[0]
    return Analysis(
        name=function.__name__, location=f"{function.__module__}:{function.__name__}", room="", question=title,
        scope="", sample="", controls=tuple(parameter.name for parameter in describe(function)),
    )  # fmt: skip
