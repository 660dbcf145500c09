"""Scored on the company's injected faults: what is put in is found, in the right column, and nothing else is said."""

import pytest

from cxlab.data.synthetic import DEFECTS, Company, with_defects
from cxlab.quality import check_data

READ_AS = {"customers": "customers", "events": "events", "assignments": "assignments", "tickets": "tickets",
           "surveys": "survey_responses", "transactions": "transactions", "subscriptions": "subscriptions",
           "ticket_events": "events", "identity_map": "customers", "experiments": "customers"}  # fmt: skip
WHOLE = [table for table in READ_AS if table not in ("identity_map", "experiments")]
NAMED = {
    "sentinel_scores": "sentinel_values", "scores_off_the_scale": "out_of_scale", "fractional_scores": "out_of_scale",
    "html_entities": "html_entities", "mojibake": "broken_letters", "negative_durations": "negative_durations",
    "solved_without_time": "closed_without_time", "question_marks": "missing_words", "na_text": "missing_words",
    "misspelt_categories": "misspelt_values", "future_times": "future_times", "tied_times": "tied_times",
    "ends_before_start": "negative_durations", "zero_amounts": "zero_amounts", "negative_amounts": "negative_amounts",
    "mixed_currencies": "mixed_currencies", "outlier": "deciding_value", "missing_by_variant": "missing_by_variant",
    "missing_ids": "missing_values", "case_variants": "spellings", "duplicate_rows": "duplicate_ids",
    "repeated_rows": "repeated_under_new_ids", "duplicate_ids": "duplicate_ids",
    "unit_in_two_arms": "unit_in_two_variants", "partial_last_period": "partial_last_period",
    "solved_only": "only_finished", "administrative_close": "administrative_close", "lifecycle_rows": "lifecycle_rows",
    "overlapping_subscriptions": "overlapping", "day_first_dates": "day_first_dates",
    "month_first_dates": "month_first_dates", "mixed_offsets": "mixed_offsets", "midnight_times": "day_precision",
    "float_rounded_ids": "rounded_ids", "na_ids": "missing_ids", "mixed_types": "missing_words",
    "blank_numbers": "missing_words", "decimal_commas": "decimal_commas", "mixed_flags": "mixed_flags",
    "blank_column": "empty_columns", "byte_order_mark": "column_names", "semicolons": "column_names",
    "negative_codes": "sentinel_values", "finer_rows": "unit_twice",
    "lost_case_ids": "missing_values", "mixed_date_forms": "month_first_dates", "masked_postcodes": "mixed_types",
    "compact_dates": "number_dates", "no_start_dates": "missing_column", "repeats_without_id": "repeated_rows",
    "no_id_column": "no_unit", "constant_column": "constant_columns", "spaced_headers": "column_names",
    "extra_header_rows": "mixed_types", "no_header": "missing_column", "fixed_width": "column_names",
}  # fmt: skip
# One table alone does not show these: they need another table, or what the answers should have been.
BEYOND = {"reversed_scores", "line_breaks", "events_before_start", "late_log_start"}
# What the report does not tell (yet): some of it is right in other tables, and analyses have checks for the splits.
SILENT = {
    "mixed_scales",
    "straight_lines", "speeders", "gibberish", "copied_questions", "redacted_texts", "unbalanced_split", "missing_arm",
    "unknown_variant", "zero_durations", "stale_closings", "rows_out_of_order", "rare_events", "missing_months",
    "partial_last_cohort", "same_day_purchases", "answered_twice", "missing_agents", "auto_replies",
    "truncated_extract", "contradicting_totals", "mixed_month_names", "numbered_bands", "numeric_flags",
    "leading_zero_ids", "epoch_times", "amounts_as_text", "final_attributes", "sparse_attributes",
}  # fmt: skip
# True of the table besides the fault that was put in: what follows from the same change.
FOLLOWS = {("lifecycle_rows", "tied_times"), ("solved_only", "constant_columns"), ("day_first_dates", "naive_times"),
           ("semicolons", "missing_column"), ("semicolons", "naive_times"),
           ("extra_header_rows", "unreadable_times"), ("extra_header_rows", "naive_times"),
           ("fixed_width", "missing_column")}  # fmt: skip
EXACT = {"scores_off_the_scale", "fractional_scores", "html_entities", "negative_durations", "solved_without_time",
         "question_marks", "na_text", "misspelt_categories", "ends_before_start", "zero_amounts", "negative_amounts",
         "mixed_currencies", "outlier", "missing_ids", "case_variants", "duplicate_rows", "repeated_rows",
         "duplicate_ids", "administrative_close", "overlapping_subscriptions", "day_first_dates", "month_first_dates", "na_ids",
         "mixed_types", "blank_numbers", "decimal_commas", "blank_column"}  # fmt: skip


def said(company: Company, table: str) -> dict[str, int]:
    roles = {"unit": "ticket_id"} if table == "ticket_events" else {}
    found = check_data(company.tables[table], as_=READ_AS[table], **roles).table
    return {(row.finding, row.column): row.rows for row in found.itertuples()}


@pytest.mark.parametrize("table", WHOLE)
def test_nothing_is_said_of_clean_data(company: Company, table: str) -> None:
    assert said(company, table) == {}


@pytest.fixture(scope="module")
def scores(company: Company) -> dict[str, dict[str, int]]:
    """Fault -> what is said beyond what is said without it."""
    before = {table: said(company, table) for table in READ_AS if table not in WHOLE}
    result = {}
    for name, defect in DEFECTS.items():
        if name not in BEYOND | SILENT:
            roles = dict.fromkeys(before.get(defect.table, {}))
            new = said(with_defects(company, name), defect.table) if name != "semicolons" else _semicolons(company)
            result[name] = {finding: rows for (finding, column), rows in new.items() if (finding, column) not in roles}
    return result


def _semicolons(company: Company) -> dict[str, int]:
    found = check_data(with_defects(company, "semicolons").tables["experiments"], as_="customers").table
    return {(row.finding, row.column): row.rows for row in found.itertuples()}


def test_every_fault_of_the_company_is_expected_by_name() -> None:
    assert set(NAMED) | BEYOND | SILENT == set(DEFECTS)


def test_recall_every_fault_that_one_table_shows_is_found(scores: dict[str, dict[str, int]]) -> None:
    assert [name for name in scores if NAMED[name] not in scores[name]] == []


def test_precision_nothing_else_is_said(scores: dict[str, dict[str, int]]) -> None:
    others = {name: set(found) - {NAMED[name]} for name, found in scores.items()}
    assert {(name, word) for name, words in others.items() for word in words} <= FOLLOWS


def test_the_rows_are_those_that_were_spoilt(company: Company, scores: dict[str, dict[str, int]]) -> None:
    wrong = {
        name: (scores[name][NAMED[name]], with_defects(company, name).defects[name]["rows"])
        for name in EXACT
        if scores[name][NAMED[name]] != with_defects(company, name).defects[name]["rows"]
    }
    assert wrong == {}
