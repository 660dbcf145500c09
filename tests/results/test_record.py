"""The record: JSON, page, text, and small groups hidden on every way out."""

import json
from dataclasses import FrozenInstanceError, dataclass, replace

import altair as alt
import pandas as pd
import pytest

from cxlab.errors import ParameterError
from cxlab.results import Check, DataNote, Decision, Figure, Result, publishable

TABLE = pd.DataFrame({"segment": ["all", "a", "b", "c"], "n": [100, 3, 40, 57], "rate": [0.5, 0.123456, 0.25, 0.75]})


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Shown(Result):
    """A result with one picture and one table."""

    def _pictures(self):  # type: ignore[no-untyped-def]
        return {"bars": lambda width: alt.Chart(self.table).mark_bar().encode(x="n:Q").properties(width=width)}

    def _display(self) -> dict[str, pd.DataFrame]:
        return {"Rates": publishable(self.table).astype(str)}


def result(**changes: object) -> Shown:
    plain = Shown(
        analysis="demo", title="Is it <b>good</b>?", headline="Yes & no.", table=TABLE, data=DataNote(4, "abc"),
        checks=(Check("sample_ratio", True, "info", "As planned."), Check("small_groups", False, "warning", "One.")),
        figures=(Figure("60%", "did it"),), semantics=("A customer counts once.",), parameters={"name": "<script>"},
        decision=Decision("ship", ("Because.",)),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_it_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        result().headline = "x"  # type: ignore[misc]


def test_a_lone_small_segment_takes_the_next_smallest_with_it() -> None:
    shown = publishable(TABLE)
    assert shown["rate"].isna().tolist() == [False, True, True, False]
    assert TABLE["rate"].notna().all()


def test_nothing_is_hidden_where_nobody_is_small() -> None:
    frame = TABLE.assign(n=[100, 20, 30, 50])
    pd.testing.assert_frame_equal(publishable(frame), frame)


def test_a_lone_small_cohort_takes_the_next_smallest_of_its_age_with_it() -> None:
    frame = pd.DataFrame({"cohort": list("abc") * 2, "age": [0, 0, 0, 1, 1, 1], "n": [3, 9, 20, 3, 9, 0], "rate": 0.5})
    assert publishable(frame)["rate"].isna().tolist() == [True, True, False, True, True, False]


def test_the_group_of_a_funnel_is_who_could_have_reached_the_step() -> None:
    frame = pd.DataFrame({"step": [1, 2], "n": [100, 2], "mature_n": [100, 100], "rate": [1.0, 0.02]})
    assert publishable(frame)["rate"].tolist() == [1.0, 0.02]


def test_json_is_strict_and_hides_small_groups() -> None:
    read = json.loads(result(table=TABLE.assign(when=pd.Timestamp("2026-01-01"))).to_json())
    assert read["tables"]["table"][1]["rate"] is None and read["tables"]["table"][1]["n"] is None
    assert read["decision"] == {"verdict": "ship", "reasons": ["Because."], "changes": [], "exploratory": False}
    assert read["data"] == {"rows": 4, "fingerprint": "abc", "from": None, "to": None}
    assert {"analysis", "title", "status", "parameters", "headline", "checks", "semantics", "versions"} <= set(read)


def test_the_page_answers_first_and_escapes_every_value() -> None:
    html = result().to_html()
    assert html.index("Yes &amp; no.") < html.index("60%") < html.index("Can I trust this?") < html.index("<figure")
    assert html.index("<figure") < html.index("The numbers") < html.index("How it was done")
    assert "<script>" not in html.replace('<script type="application/json" class="cx-spec">', "")
    assert "0.123456" not in html.split("cx-numbers")[1]


def test_failed_checks_stand_before_passed_ones() -> None:
    html = result().to_html(stills=False)
    assert html.index("Group sizes") < html.index("Split into groups")


@pytest.mark.parametrize(("passed", "severity"), [(True, "warning"), (False, "info")])
def test_a_check_does_not_contradict_itself(passed: bool, severity: str) -> None:
    with pytest.raises(ParameterError, match="`ties` has passed="):
        Check("ties", passed, severity, "")  # type: ignore[arg-type]


def test_a_picture_shown_on_its_own_asks_the_network_for_nothing() -> None:
    with alt.renderers.enable("default"):
        shown = result().chart()._repr_mimebundle_()["text/html"]
    assert "data:image/svg+xml" in shown and "<script" not in shown


def test_a_broken_result_shows_no_effect() -> None:
    html = result(decision=Decision("broken", ("Groups differ.",))).to_html()
    assert "Don’t use this result" in html
    assert "cx-figures" not in html and "cx-figure" not in html and "The numbers" not in html
    assert "Rates" not in repr(result(decision=Decision("broken", ())))


def test_text_and_notebook_views() -> None:
    assert "! small_groups: One." in repr(result()) and "SHIP" in repr(result())
    assert result()._repr_html_().startswith("<style>")


def test_an_unknown_picture_is_refused_with_the_nearest() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'bars'"):
        result().chart("bar")


def test_the_printed_form_says_what_to_type_next():
    last = repr(result()).splitlines()[-1]
    assert last.startswith("Go on: .table")
    assert ".to_html()" in last
    for picture in result().pictures:
        assert f".chart({picture!r})" in last
