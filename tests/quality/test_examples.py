"""What is shown of a cell names nobody."""

import pandas as pd
import pytest

from cxlab.quality import check_data
from cxlab.quality.columns import Column
from cxlab.quality.examples import example

SHOWN = [
    ("user_id", "id", "K-0017", "K-0017"),
    ("user_id", "id", "b7a1c2d3-0f", "b7a1c2d3-0f"),
    ("user_id", "id", "ann@example.com", "xxx@xxxxxxx.xxx"),
    ("user_id", "id", "Ann Lee", "xxx xxx"),
    ("user_id", "id", "annlee", "xxxxxx"),
    ("note", "text", "ask +49 151 123456", "ask +99 999 999999"),
    ("note", "text", "from 192.168.0.1", "from 999.999.9.9"),
    ("Customer name", "text", "Zoë O'Hara", "xxx x'xxxx"),
    ("lastName", "text", "Müller", "xxxxxx"),
    ("event_name", "category", "sign_up", "sign_up"),
    ("contact_type", "category", "Phone", "Phone"),
]


@pytest.mark.parametrize(("name", "kind", "cell", "shown"), SHOWN)
def test_a_cell_that_may_name_a_person_is_shown_by_its_shape(name: str, kind: str, cell: str, shown: str) -> None:
    assert example(cell, Column(name, "event" if name == "event_name" else "", kind, "VARCHAR")) == shown


def test_addresses_as_ids_stay_inside(events: pd.DataFrame) -> None:
    frame = events.assign(user_id="ann" + events.user_id.astype(str) + "@example.com", email="bo@example.com")
    frame = pd.concat([frame, frame.iloc[:5]]).assign(event_id=lambda f: "cy.dee@example.com")
    result = check_data(frame, as_="events")
    assert {"duplicate_ids", "constant_columns"} <= set(result.table["finding"])
    assert "@example.com" not in result.to_json() + result.to_html(stills=False)


def test_names_of_staff_in_two_spellings_are_not_told(tickets: pd.DataFrame) -> None:
    frame = tickets.assign(assignee=["Ann Lee"] * 100 + ["ann lee"] * 100)
    result = check_data(frame, as_="tickets")
    row = result.table.set_index("finding").loc["spellings"]
    assert (row["column"], row["rows"], "lee" in row["example"].lower()) == ("assignee", 100, False)
