"""What every column of the company's tables means: the source of the data dictionary."""

__all__ = ["COLUMNS", "READ_AS", "ROLES", "UNRECORDED", "data_dictionary"]

_CUSTOMER = "the customer"
_SEGMENT = "segment of the customer: consumer, student or business"
_TABLES = {
    "customers": "One row per customer.",
    "identity_map": "One row per id under which a channel knows a customer.",
    "events": "One row per logged event, in the order in which the events were received.",
    "experiments": "One row per experiment.",
    "assignments": "One row per experiment and unit, with what was measured; what was not is missing.",
    "tickets": "One row per support ticket; what had not happened by the end is missing.",
    "ticket_events": "One row per step in a ticket's history.",
    "surveys": "One row per invitation to a survey; without an answer there is no score.",
    "transactions": "One row per purchase.",
    "subscriptions": "One row per subscription; without an end it was still running.",
}
COLUMNS: dict[str, dict[str, str]] = {
    "customers": {
        "customer_id": "id of the customer",
        "signed_up_at": "moment of the sign-up",
        "country": "country, two letters",
        "time_zone": "time zone in which the customer lives",
        "language": "language, two letters",
        "segment": "consumer, student or business",
        "platform": "where the customer signed up: web or app",
        "source": "how the customer heard of the company",
        "age_band": "age in years",
        "service_problem": "true if the company's own records show trouble with delivery or the product",
        "is_test": "true for the company's own test accounts",
    },
    "identity_map": {
        "identity_id": "id of the browser, app, address, number, handle or card",
        "kind": "what the id stands for",
        "customer_id": _CUSTOMER,
        "first_seen_at": "when the id was first linked with the customer",
    },
    "events": {
        "event_id": "id of the event",
        "customer_id": _CUSTOMER,
        "identity_id": "the id under which the channel knew the customer",
        "session_id": "id of the visit, for page views",
        "channel": "web, app, email, phone, chat or store",
        "event": "what happened",
        "time": "when it happened",
        "received_at": "when the log received it; some of the app's events are sent days later",
    },
    "experiments": {
        "experiment": "name of the experiment",
        "question": "what it was to find out",
        "unit": "what was randomised: customers, stores or time slots",
        "started_at": "first moment",
        "ended_at": "moment after the last",
        "planned_treatment_share": "share of units that were to be treated",
        "primary_metric": "the outcome that decides",
        "guardrail_metric": "an outcome that must not get worse",
    },
    "assignments": {
        "experiment": "name of the experiment",
        "unit_id": "id of the unit measured: the customer, or the number of the time slot",
        "customer_id": "the customer, where the unit is one",
        "segment": _SEGMENT,
        "cluster": "store or city, where whole stores or time slots were randomised",
        "variant": "control or treatment",
        "assigned_at": "when the unit was assigned, and first exposed",
        "converted": "1 if the customer ordered, else 0",
        "revenue": "revenue during the experiment, in euros",
        "revenue_before": "revenue in the month before the experiment, in euros",
        "visits": "visits during the experiment; in new_homepage, days with a click",
        "orders": "orders during the experiment",
        "items": "items in those orders",
        "returned": "items sent back",
        "satisfied": "1 or 0 from the survey after the visit, where answered",
        "contacted_support": "1 if the customer contacted support, else 0",
        "minutes": "mean minutes to delivery in the time slot",
    },
    "tickets": {
        "ticket_id": "id of the ticket",
        "customer_id": _CUSTOMER,
        "segment": _SEGMENT,
        "channel": "email, phone, chat, web or store",
        "topic": "what it was about",
        "priority": "low, normal or high",
        "language": "language of the ticket",
        "created_at": "when it was opened",
        "first_reply_at": "when a person first replied",
        "solved_at": "when it was first solved",
        "reopened_at": "when it was opened again",
        "last_solved_at": "when it was last solved; missing while it is open",
        "status": "open or solved, at the end of the data",
        "satisfaction": "the customer's rating of the help, 0 to 100, where given",
    },
    "ticket_events": {
        "ticket_event_id": "id of the step",
        "ticket_id": "the ticket",
        "event": "created, assigned, replied, customer_replied, solved or reopened",
        "actor": "customer, system or agent",
        "time": "when it happened",
    },
    "surveys": {
        "survey_id": "id of the invitation",
        "customer_id": _CUSTOMER,
        "segment": _SEGMENT,
        "instrument": "nps (0 to 10), csat (1 to 5), ces2 (1 to 7, high is easy) or relationship (0 to 100)",
        "wave": "quarter of the NPS wave",
        "ticket_id": "the ticket that the survey asks about",
        "language": "language of the survey",
        "sent_at": "when the invitation was sent",
        "answered_at": "when it was answered",
        "score": "the answer, on the instrument's scale",
        "verbatim": "what the customer wrote",
        "ease": "rating of ease, 1 to 10 (relationship survey)",
        "speed": "rating of speed, 1 to 10 (relationship survey)",
        "quality": "rating of quality, 1 to 10 (relationship survey)",
        "price": "rating of price, 1 to 10 (relationship survey)",
        "staff": "rating of staff, 1 to 10 (relationship survey)",
    },
    "transactions": {
        "transaction_id": "id of the purchase",
        "customer_id": _CUSTOMER,
        "time": "when it was made",
        "amount": "its value",
        "currency": "currency, three letters",
        "channel": "web, app or store",
    },
    "subscriptions": {
        "subscription_id": "id of the subscription",
        "customer_id": _CUSTOMER,
        "product": "box (renewed every 30 days) or care plan (may end on any day)",
        "segment": _SEGMENT,
        "cohort": "quarter of the start",
        "started_at": "when it began",
        "ended_at": "when it ended; missing while it runs",
        "end_reason": "cancelled or price rise",
        "monthly_price": "price per month, in euros",
    },
}


READ_AS = {
    "customers": "customers", "events": "events", "assignments": "assignments", "tickets": "tickets",
    "surveys": "survey_responses", "transactions": "transactions", "subscriptions": "subscriptions",
}  # fmt: skip
ROLES: dict[str, dict[str, str]] = {
    "customers": {"unit": "customer_id", "created": "signed_up_at", "segment": "segment", "channel": "source",
                  "country": "country"},
    "events": {"unit": "customer_id", "time": "time", "event": "event", "id": "event_id", "channel": "channel"},
    "assignments": {"unit": "unit_id", "variant": "variant", "experiment": "experiment", "time": "assigned_at",
                    "segment": "segment"},
    "tickets": {"id": "ticket_id", "unit": "customer_id", "created": "created_at", "first_response": "first_reply_at",
                "solved": "solved_at", "last_solved": "last_solved_at", "channel": "channel", "topic": "topic",
                "status": "status", "priority": "priority"},
    "surveys": {"id": "survey_id", "unit": "customer_id", "score": "score", "instrument": "instrument",
                "sent": "sent_at", "time": "answered_at", "segment": "segment", "comment": "verbatim"},
    "transactions": {"unit": "customer_id", "time": "time", "amount": "amount", "id": "transaction_id",
                     "currency": "currency", "channel": "channel"},
    "subscriptions": {"unit": "customer_id", "start": "started_at", "end": "ended_at", "id": "subscription_id",
                      "plan": "product", "amount": "monthly_price"},
}  # fmt: skip
UNRECORDED = {
    "events": ("agent", "created", "lifecycle", "value"), "tickets": ("closed", "agent"), "surveys": ("channel",),
}  # fmt: skip


def data_dictionary() -> str:
    """What does every column of the sample company mean?

    Returns:
        A page in Markdown: one section per table, one row per column, with the role that a data check gives it.

    Examples:
        >>> data_dictionary().splitlines()[0]
        '# Data dictionary'
    """
    lead = "Times are in UTC, to the millisecond; everything from 1 July 2024 to 30 June 2026 was recorded."
    return "\n\n".join(["# Data dictionary", lead, *(_section(name) for name in COLUMNS)]) + "\n"


def _section(name: str) -> str:
    lead = [f"## {name}", "", _TABLES[name] + _contract(name), ""]
    role_of = {column: role for role, column in ROLES.get(name, {}).items()}
    if not role_of:
        rows = [f"| {column} | {meaning} |" for column, meaning in COLUMNS[name].items()]
        return "\n".join([*lead, "| column | meaning |", "|---|---|", *rows])
    rows = [f"| {column} | {meaning} | {role_of.get(column, '')} |" for column, meaning in COLUMNS[name].items()]
    return "\n".join([*lead, "| column | meaning | role |", "|---|---|---|", *rows])


def _contract(name: str) -> str:
    """How a data check reads the table, and which roles nothing plays in it."""
    if name not in READ_AS:
        return ""
    absent = ", ".join(UNRECORDED.get(name, ()))
    return f" Checked as `{READ_AS[name]}`" + (f"; no column tells: {absent}." if absent else ".")
