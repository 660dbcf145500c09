"""Event exports: GA4, Mixpanel, Amplitude and Segment; and a customer table of any CRM."""

from cxlab.data.presets.record import Preset, field

__all__ = ["EVENTS"]

_GA4 = Preset(
    "ga4_events", "Google Analytics 4 export from BigQuery (Parquet, JSON lines or CSV)", "events", "one row per event",
    (
        field("unit", "user_pseudo_id | user_id", "the browser or device; user_id where people sign in", needed=True),
        field("time", "event_timestamp", "microseconds since 1970, UTC", needed=True, moment=True),
        field("event", "event_name", "what happened", needed=True),
        field("account", "user_id", "the signed-in person"),
        field("channel", "traffic_source.medium | collected_traffic_source.manual_medium", "how the person first came"),
        field("device", "device.category", "desktop, mobile or tablet"),
        field("country", "geo.country", "where"),
    ),
    ("Tables are updated for up to three days: the newest days are not complete.",),
)  # fmt: skip
_MIXPANEL = Preset(
    "mixpanel_events", "Mixpanel raw export (JSON lines)", "events", "one row per event",
    (
        field("unit", "properties.distinct_id | distinct_id | properties.$user_id", "the person", needed=True),
        field("time", "properties.time | time", "seconds since 1970", needed=True, moment=True),
        field("event", "event | event_name", "what happened", needed=True),
        field("id", "properties.$insert_id | $insert_id | insert_id", "the event"),
        field("country", "properties.mp_country_code | mp_country_code", "where"),
    ),
    ("Older projects count time in the project's own zone, projects from 2023 in UTC: compare one known event.",
     "An event may be delivered twice: rows with the same person, event, time and insert id are one."),
)  # fmt: skip
_AMPLITUDE = Preset(
    "amplitude_events", "Amplitude export (JSON lines or CSV)", "events", "one row per event",
    (
        field("unit", "amplitude_id | user_id | device_id", "the person", needed=True),
        field("time", "event_time | client_event_time", "when it happened, UTC", needed=True),
        field("event", "event_type", "what happened", needed=True),
        field("id", "uuid | $insert_id | insert_id | event_id", "the event"),
        field("account", "user_id", "the signed-in person"),
        field("channel", "platform", "web, iOS or Android"),
        field("country", "country", "where"),
    ),
    ("An export is cut by upload time, not by event time: take some days more and cut by time.",),
)  # fmt: skip
_SEGMENT = Preset(
    "segment_events", "Segment tracks (warehouse table as CSV or Parquet, or JSON lines)", "events",
    "one row per event",
    (
        field("unit", "user_id | userId | anonymous_id | anonymousId", "the person", needed=True),
        field("time", "timestamp | original_timestamp | originalTimestamp | received_at",
              "when it happened, UTC", needed=True),
        field("event", "event_text | event", "what happened", needed=True),
        field("id", "id | messageId | message_id", "the message"),
        field("anonymous", "anonymous_id | anonymousId", "the browser or device"),
    ),
    ('user_id is empty before people sign in: name unit="anonymous_id" to count browsers.',),
)  # fmt: skip
_CRM = Preset(
    "crm_customers", "Customer table of any CRM (HubSpot, Salesforce, own)", "customers", "one row per customer",
    (
        field("unit", "customer_id | Record ID | Contact ID | Account ID | id | hs_object_id", "the customer",
              needed=True),
        field("created", "created_at | Create Date | Created Date | CreatedDate | createdate | signup_date",
              "when the customer came"),
        field("segment", "segment | Customer Segment | Lifecycle Stage | lifecyclestage | Type | Industry",
              "group of customers"),
        field("channel", "channel | Original Source | Lead Source | LeadSource | source", "how the customer came"),
        field("country", "country | Country/Region | Mailing Country | MailingCountry | BillingCountry", "where"),
        field("email", "email | E-mail | Email Address", "address"),
    ),
    ("Other columns are kept under their own names.",),
)  # fmt: skip

EVENTS = (_GA4, _MIXPANEL, _AMPLITUDE, _SEGMENT, _CRM)
