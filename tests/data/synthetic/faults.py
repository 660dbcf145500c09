"""How each fault shows in its table: the number of rows that a test counts beside the number that is told."""

import pandas as pd

from cxlab.data.synthetic.verbatims import SENTENCES

NONE = pd.Series([], dtype="str")


FOUND = {
    "sentinel_scores": lambda t: (t["score"] == 99).sum(),
    "scores_off_the_scale": lambda t: ((t["instrument"] == "nps") & (t["score"] == 11)).sum(),
    "fractional_scores": lambda t: (t["score"] == 7.5).sum(),
    "html_entities": lambda t: t["verbatim"].str.contains("&(?:amp|#x27);", na=False).sum(),
    "mojibake": lambda t: (t["verbatim"].notna() & ~t["verbatim"].isin(SENTENCES)).sum(),
    "line_breaks": lambda t: t["verbatim"].str.contains("\n", na=False).sum(),
    "negative_durations": lambda t: (t["solved_at"] < t["created_at"]).sum(),
    "solved_without_time": lambda t: ((t["status"] == "solved") & t["last_solved_at"].isna()).sum(),
    "question_marks": lambda t: (t["priority"] == "?").sum(),
    "na_text": lambda t: (t["topic"] == "N/A").sum(),
    "misspelt_categories": lambda t: (t["channel"] == "e-mial").sum(),
    "events_before_start": lambda t: (t["time"] < t.groupby("ticket_id")["time"].transform("first")).sum(),
    "future_times": lambda t: (t["time"] >= "2026-07-01").sum(),
    "ends_before_start": lambda t: (t["ended_at"] < t["started_at"]).sum(),
    "zero_amounts": lambda t: (t["amount"] == 0).sum(),
    "negative_amounts": lambda t: (t["amount"] < 0).sum(),
    "mixed_currencies": lambda t: (t["currency"] == "USD").sum(),
    "outlier": lambda t: (t["revenue"] > 10_000).sum(),
    "missing_ids": lambda t: t["customer_id"].isna().sum(),
    "case_variants": lambda t: t["source"].str.isupper().sum(),
    "duplicate_rows": lambda t: t.duplicated().sum(),
    "repeated_rows": lambda t: t.duplicated(["customer_id", "time", "amount"]).sum(),
    "duplicate_ids": lambda t: t["customer_id"].duplicated().sum(),
    "unit_in_two_arms": lambda t: t.duplicated(["experiment", "unit_id"]).sum(),
    "administrative_close": lambda t: (t["event"] == "closed").sum(),
    "overlapping_subscriptions": lambda t: t["customer_id"].duplicated().sum(),
    "mixed_offsets": lambda t: (~t["time"].str.contains(r"\+0\d00$")).sum(),
    "na_ids": lambda t: (t["customer_id"] == "NA").sum(),
    "mixed_types": lambda t: pd.to_numeric(t["amount"], errors="coerce").isna().sum(),
    "blank_numbers": lambda t: (t["satisfaction"] == " ").sum(),
    "decimal_commas": lambda t: t["monthly_price"].astype("str").str.contains(",").sum(),
    "mixed_flags": lambda t: t["is_test"].isin(["0", "1"]).sum(),
    "blank_column": lambda t: t["kind"].isna().sum(),
    "byte_order_mark": lambda t: len(t) if t.columns[0] == "\ufeffcustomer_id" else 0,
    "semicolons": lambda t: len(t) if t.shape[1] == 1 and ";" in t.columns[0] else 0,
}
LEFT_OUT = ("partial_last_period", "late_log_start", "solved_only")
REWRITTEN = ("day_first_dates", "month_first_dates")

BATTERY = ["ease", "speed", "quality", "price", "staff"]
FOUND |= {
    "straight_lines": lambda t: ((t[BATTERY].nunique(axis=1) == 1) & t[BATTERY].notna().all(axis=1)).sum(),
    "speeders": lambda t: (t["answered_at"] - t["sent_at"] < pd.Timedelta("10s")).sum(),
    "gibberish": lambda t: t["verbatim"].isin(["asdf asdf", "qwertz", "jkljkl fgh", "xxxxxx yyy", "dfgdfgdfg"]).sum(),
    "copied_questions": lambda t: t["verbatim"].str.endswith("colleague?", na=False).sum(),
    "redacted_texts": lambda t: t["verbatim"].str.contains("XXXX", na=False).sum(),
    "negative_codes": lambda t: (t["score"] == -1).sum(),
    "unknown_variant": lambda t: (t["variant"] == "holdout").sum(),
    "finer_rows": lambda t: t.duplicated(["experiment", "unit_id"]).sum(),
    "zero_durations": lambda t: (t["solved_at"] == t["created_at"]).sum(),
    "stale_closings": lambda t: ((t["status"] == "open") & t["last_solved_at"].isna()).sum(),
    "rows_out_of_order": lambda t: (
        len(t) - (t["received_at"].diff() < pd.Timedelta(0)).idxmax()
        if not t["received_at"].is_monotonic_increasing
        else 0
    ),
    "rare_events": lambda t: (t["event"] == "debug_opened").sum(),
    "same_day_purchases": lambda t: t.assign(day=t["time"].dt.floor("D")).duplicated(["customer_id", "day"]).sum(),
    "answered_twice": lambda t: t[t["instrument"] == "nps"].duplicated(["customer_id", "wave"]).sum(),
    "missing_agents": lambda t: t["actor"].isna().sum(),
    "auto_replies": lambda t: ((t["event"] == "replied") & (t["actor"] == "system")).sum(),
    "lost_case_ids": lambda t: t["ticket_id"].isna().sum(),
    "mixed_date_forms": lambda t: t["signed_up_at"].astype("str").str.contains("/").sum(),
    "mixed_month_names": lambda t: t.get("favourite_month", NONE).isin(["June", "July", "Sept"]).sum(),
    "masked_postcodes": lambda t: t.get("postcode", NONE).str.endswith("XX").sum(),
    "numbered_bands": lambda t: t["age_band"].str.match(r"\d\) ").sum(),
    "numeric_flags": lambda t: len(t) if t["service_problem"].dtype.kind == "i" else 0,
    "leading_zero_ids": lambda t: t["customer_id"].astype("str").str.startswith("0").sum(),
    "no_start_dates": lambda t: len(t) if "started_at" not in t else 0,
    "epoch_times": lambda t: len(t) if t["received_at"].dtype.kind == "i" else 0,
    "repeats_without_id": lambda t: t.duplicated().sum() if "event_id" not in t else 0,
    "amounts_as_text": lambda t: t["revenue_before"].notna().sum() if t["revenue_before"].dtype == "str" else 0,
    "no_id_column": lambda t: len(t) if "unit_id" not in t else 0,
    "final_attributes": lambda t: len(t) if "resolved_at" in t else 0,
    "sparse_attributes": lambda t: t["entry"].isna().sum() if "entry" in t else 0,
    "constant_column": lambda t: len(t) if t["language"].nunique() == 1 else 0,
    "spaced_headers": lambda t: len(t) if " Ticket id" in t else 0,
    "extra_header_rows": lambda t: t["survey_id"].astype("str").str.contains("Question|Import").sum(),
    "fixed_width": lambda t: len(t) if t.shape[1] == 1 else 0,
}
ALREADY = {"line_breaks", "straight_lines", "stale_closings", "same_day_purchases"}  # clean data have such rows, too
UNLIKE = {"mixed_offsets"}  # the clean column cannot even be asked
LEFT_OUT += ("missing_arm", "missing_months", "partial_last_cohort", "truncated_extract")
