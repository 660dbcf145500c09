"""What a table must hold to be read as events, tickets, answers and so on: the roles of its columns."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

__all__ = ["CONTRACTS", "Contract", "Kind", "Role"]

Kind = Literal["id", "category", "text", "number", "score", "time"]


@dataclass(frozen=True)
class Role:
    """What a column is there for: its kind, whether it is needed, and the names it usually goes by."""

    name: str
    kind: Kind
    tells: str
    names: tuple[str, ...] = ()
    needed: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True)
class Contract:
    """One kind of table: what a row is, its roles, what is unique in it and which times follow each other."""

    name: str
    row: str
    roles: tuple[Role, ...]
    key: tuple[str, ...] = ()
    order: tuple[tuple[str, str], ...] = ()
    clock: str = ""

    def role(self, name: str) -> Role | None:
        """The role of that name, if the contract knows it."""
        return next((role for role in self.roles if role.name == name), None)


def _role(name: str, kind: Kind, tells: str, names: str = "", *, needed: bool = False, empty: bool = False) -> Role:
    return Role(name, kind, tells, tuple(names.split()), needed, empty)


_PEOPLE = (
    "case:concept:name case_id user_id userid customer_id customerid person_id client_id contact_id visitor_id "
    "distinct_id account_id user_pseudo_id anonymous_id requester_id respondent_id user customer"
)
_UNIT = _role("unit", "id", "who: one value per customer", _PEOPLE, needed=True)
_WHO = _role("unit", "id", "who: one value per customer", _PEOPLE)
_CHANNEL = _role("channel", "category", "where it happened", "via submitted_via contact_type source")
_SEGMENT = _role("segment", "category", "group of customers", "plan tier customer_segment")
_AGENT = _role(
    "agent", "category", "who worked on it", "org:resource resource assignee assigned_to agent_id", empty=True
)

_EVENTS = Contract(
    "events",
    "one row per event",
    (
        _UNIT,
        _role("time", "time", "when it happened",
              "time:timestamp timestamp event_time event_timestamp occurred_at ts date datetime created_at",
              needed=True),
        _role("event", "category", "what happened", "concept:name activity event_name event_type action step",
              needed=True),
        _role("id", "id", "one value per event", "event_id insert_id $insert_id uuid message_id activity_instance_id"),
        _CHANNEL,
        _role("agent", "category", "who worked on it", "org:resource resource agent_id"),
        _role("created", "time", "when the case began", "case:reg_date opened_at case_created_at"),
        _role("lifecycle", "category", "start or end of a step", "lifecycle:transition transition"),
        _role("value", "number", "an amount of money or size", "amount revenue price", empty=True),
    ),
    key=("id",), order=(("created", "time"),), clock="time",
)  # fmt: skip
_ASSIGNMENTS = Contract(
    "assignments",
    "one row per customer in an experiment",
    (
        _role("unit", "id", "who, or what: one value per unit", f"unit_id {_PEOPLE}"),
        _role("variant", "category", "which version the customer got", "arm version group treatment", needed=True),
        _role("experiment", "category", "which experiment", "experiment_id experiment_key test"),
        _role("time", "time", "when the customer was assigned", "assigned_at exposed_at exposure_time timestamp"),
        replace(_SEGMENT, may_be_empty=True),
    ),
    key=("experiment", "unit"),
)
_SURVEYS = Contract(
    "survey_responses",
    "one row per answered or sent survey",
    (
        _role("id", "id", "one value per response", "response_id responseid survey_id"),
        _WHO,
        _role("score", "score", "the answer on the scale", "nps csat ces rating answer nps_score", needed=True,
              empty=True),
        _role("instrument", "category", "which question: nps, csat, ces1 or ces2",
              "kind survey_type survey_kind survey"),
        _role("sent", "time", "when the survey was sent", "sent_at invited_at"),
        _role("time", "time", "when it was answered",
              "responded_at answered_at submitted_at recordeddate timestamp created_at", empty=True),
        _SEGMENT,
        _CHANNEL,
        _role("comment", "text", "words of the customer", "verbatim text feedback remark", empty=True),
    ),
    key=("id",), order=(("sent", "time"),), clock="time",
)  # fmt: skip
_TICKETS = Contract(
    "tickets",
    "one row per ticket",
    (
        _role("id", "id", "one value per ticket", "ticket_id ticket number complaint_id unique_key case_id",
              needed=True),
        _WHO,
        _role("created", "time", "when the customer wrote", "created_at created_date opened_at date_received",
              needed=True),
        _role("first_response", "time", "first human answer",
              "first_response_at first_reply_at first_replied_at", empty=True),
        _role("solved", "time", "when it was solved", "solved_at resolved_at resolution_time", empty=True),
        _role("last_solved", "time", "when it was solved for good", "last_solved_at", empty=True),
        _role("closed", "time", "when it was closed", "closed_at closed_date", empty=True),
        _CHANNEL,
        _role("topic", "category", "what it was about", "category issue subject_category complaint_type"),
        _role("status", "category", "state of the ticket", "ticket_status incident_state"),
        _role("priority", "category", "urgency", "priority_level"),
        _AGENT,
    ),
    key=("id",),
    order=(("created", "first_response"), ("created", "solved"), ("created", "last_solved"),
           ("created", "closed"), ("solved", "closed")),
    clock="created",
)  # fmt: skip
_TRANSACTIONS = Contract(
    "transactions",
    "one row per purchase",
    (
        _UNIT,
        _role("time", "time", "when it was bought",
              "date timestamp purchased_at order_date ordered_at created_at", needed=True),
        _role("amount", "number", "money", "value revenue price total dollar_value", needed=True),
        _role("id", "id", "one value per purchase", "transaction_id order_id invoice_id payment_id"),
        _role("currency", "category", "which money", "currency_code"),
        _CHANNEL,
    ),
    key=("id",), clock="time",
)  # fmt: skip
_SUBSCRIPTIONS = Contract(
    "subscriptions",
    "one row per subscription of a customer",
    (
        _UNIT,
        _role("start", "time", "first day", "started_at start_date start_at begin", needed=True),
        _role("end", "time", "last day, empty while it runs",
              "ended_at end_date end_at cancelled_at canceled_at", empty=True),
        _role("id", "id", "one value per subscription", "subscription_id"),
        _role("plan", "category", "what was subscribed", "product tier"),
        _role("amount", "number", "money per month", "mrr monthly_amount monthly_price price monthlycharges"),
    ),
    key=("id",), order=(("start", "end"),),
)  # fmt: skip
_CUSTOMERS = Contract(
    "customers",
    "one row per customer",
    (
        _UNIT,
        _role(
            "created",
            "time",
            "when the customer came",
            "created_at signed_up_at signup_at signup_date registered_at acquired_at",
        ),
        _SEGMENT,
        _role("channel", "category", "how the customer came", "acquisition_channel source"),
        _role("country", "category", "where the customer lives", "country_code region"),
    ),
    key=("unit",),
)

CONTRACTS: Mapping[str, Contract] = {
    contract.name: contract
    for contract in (_EVENTS, _ASSIGNMENTS, _SURVEYS, _TICKETS, _TRANSACTIONS, _SUBSCRIPTIONS, _CUSTOMERS)
}
