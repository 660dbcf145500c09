"""Ticket exports: Zendesk and Intercom."""

from cxlab.data.presets.record import Preset, field

__all__ = ["SUPPORT"]

_ZENDESK = Preset(
    "zendesk_tickets", "Zendesk ticket export (CSV, or JSON lines)", "tickets", "one row per ticket",
    (
        field("id", "id | ticket_id | Ticket ID", "the ticket", needed=True),
        field("created", "created_at | Created at | Ticket created - Timestamp | Ticket created | Requested",
              "when it was opened", needed=True),
        field("solved", "solved_at | Solved at | metric_set.solved_at | Ticket solved - Timestamp | Ticket solved",
              "when it was solved; empty while open"),
        field("closed", "closed_at | Closed at", "when it was closed, often days after solving by a rule"),
        field("unit", "requester_id | Requester ID | Requester email | Requester", "the customer"),
        field("channel", "via.channel | channel | Ticket channel | Via", "where it came in"),
        field("status", "status | Ticket status", "new, open, pending, hold, solved or closed"),
        field("priority", "priority | Ticket priority", "urgency"),
        field("topic", "topic | type | Ticket type", "what it was about"),
        field("agent", "assignee_id | Assignee ID | Assignee name | Assignee", "who worked on it"),
        field("team", "group_id | Group ID | Ticket group | Group", "the group"),
        field("rating", "satisfaction_rating.score | Satisfaction Score | satisfaction_score",
              "good, bad, offered or unoffered"),
    ),
    ("Durations such as reply_time_in_minutes stay empty until the event: open tickets are censored, not fast.",),
)  # fmt: skip
_INTERCOM = Preset(
    "intercom_tickets", "Intercom conversation export (CSV, or JSON lines of the API)", "tickets",
    "one row per conversation",
    (
        field("id", "id | conversation_id | Conversation ID", "the conversation", needed=True),
        field("created", "created_at | conversation_created_at | conversation_started_at "
              "| Conversation started at | Started at", "when it began", needed=True, moment=True),
        field("first_response", "statistics.first_admin_reply_at | conversation_first_response_at | First replied at",
              "first answer of a teammate", moment=True),
        field("solved", "statistics.first_close_at | First closed at", "first close", moment=True),
        field("closed", "statistics.last_close_at | conversation_closed_at | Last closed at", "last close",
              moment=True),
        field("unit", "contacts.contacts[0].id | contacts[0].id | user_id | contact_id | User ID", "the customer"),
        field("channel", "source.type | channel | Conversation channel | Channel", "where it came in"),
        field("status", "state | conversation_state | Conversation state | Current state", "open, closed or snoozed"),
        field("agent", "admin_assignee_id | Teammate assigned ID | Teammate assigned", "who worked on it"),
        field("rating", "conversation_rating.rating | Conversation rating | rating", "1 to 5"),
        field("reopened", "statistics.count_reopens | Reopens", "how often it was opened again"),
    ),
    ("Durations in the export leave out-of-office time out; times do not. Answers of bots are not in the statistics.",
     "An export with one row per message needs its entry rows only: keep one row per conversation."),
)  # fmt: skip

SUPPORT = (_ZENDESK, _INTERCOM)
