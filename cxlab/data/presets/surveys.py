"""Survey exports: Qualtrics, SurveyMonkey and SPSS files."""

from cxlab.data.presets.record import Preset, field

__all__ = ["SURVEYS"]

_QUALTRICS = Preset(
    "qualtrics_responses", "Qualtrics response export (CSV or TSV)", "survey_responses", "one row per response",
    (
        field("id", "ResponseId | ResponseID | Response ID", "the response", needed=True),
        field("time", "RecordedDate | EndDate | End Date", "when it was recorded", needed=True),
        field("started", "StartDate | Start Date", "when it was begun"),
        field("unit", "ExternalReference | ExternalDataReference | RecipientEmail",
              "the customer, where invitations carried one"),
        field("score", "NPS | Q_NPS | score", 'the answer; other names are given as score="Q5"'),
        field("finished", "Finished", "1 or True also for those who were screened out"),
        field("progress", "Progress", "share of the questionnaire seen, in percent"),
        field("preview", "Status | ResponseType", "how it was given: previews, tests and spam are told apart here"),
        field("channel", "DistributionChannel", "how it was invited"),
        field("language", "UserLanguage", "language of the questionnaire"),
    ),
    ("The two rows below the header (question texts and import ids) are no answers and are not read.",
     "Previews, tests and spam are kept: leave them out by the role preview.",
     "A row is a response, not a person."),
    no_data="starts_with({id}, '{{\"ImportId\"') OR lower(trim({id})) IN ('response id', 'responseid')",
)  # fmt: skip
_SURVEYMONKEY = Preset(
    "surveymonkey_responses", "SurveyMonkey response export (CSV, all responses)", "survey_responses",
    "one row per respondent",
    (
        field("id", "Respondent ID | respondent_id | RespondentID", "the response", needed=True),
        field("time", "End Date | date_modified | EndDate | Date Modified", "when it was finished", needed=True),
        field("started", "Start Date | date_created | StartDate", "when it was begun"),
        field("unit", "Custom Data 1 | Email Address | email_address", "the customer, where invitations carried one"),
        field("score", "NPS | score", 'the answer; other names are given as score="your question"'),
        field("channel", "Collector ID | collector_id", "how it was collected"),
    ),
    ("The second header row (answer options) has no respondent and is not read; "
     "the first option's column bears the question.",
     'Dates are often month-first (05/31/2026 02:15:00 PM): give time_format="%m/%d/%Y %I:%M:%S %p".'),
    no_data="{id} IS NULL OR trim({id}) = ''",
)  # fmt: skip
_SPSS = Preset(
    "spss_responses", "SPSS file (.sav)", "survey_responses", "one row per response",
    (
        field("id", "id | respid | ResponseId | respondent_id | caseid | uuid", "the response"),
        field("time", "date | interview_date | end_date | EndDate | RecordedDate", "when it was answered"),
        field("unit", "customer_id | unit | customer", "the customer"),
        field("score", "nps | score | csat | rating", 'the answer; other names are given as score="q5"'),
        field("weight", "weight | wgt | gewicht", "the weight of the response"),
    ),
    ("Answers keep their codes; codes that the file itself declares as missing are read as missing.",
     "Needs the package pyreadstat."),
)  # fmt: skip

SURVEYS = (_QUALTRICS, _SURVEYMONKEY, _SPSS)
