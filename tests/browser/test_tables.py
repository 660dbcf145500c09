"""Tables sort by their titles and long ones are searched, by mouse and by keyboard; paper shows every row."""

import pandas as pd
import pytest

from cxlab.results.html import styled, table_html

pytestmark = pytest.mark.browser

FRAME = pd.DataFrame({
    "Month": [f"2026-{1 + i % 12:02d}" for i in range(20)],
    "Channel": [("phone", "web", "Mail")[i % 3] for i in range(20)],
    "Change": [("+1,204", "−3.5", "under 5", "–", "12.0")[i % 5] for i in range(20)],
})  # fmt: skip


def opened(visit, tmp_path, frame):
    path = tmp_path / "page.html"
    fragment = f'<article class="cx-result">{table_html(frame, "Calls")}</article>'
    path.write_text(f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><body>{styled(fragment)}', encoding="utf-8")
    one = visit(900)
    return one, one.open(f"file://{path}", ".cx-sort")


def column(page, place):
    return page.locator(f"tbody tr:not([hidden])>:nth-child({place})").all_inner_texts()


def test_a_title_sorts_up_then_down_then_as_it_was(visit, tmp_path):
    one, page = opened(visit, tmp_path, FRAME)
    head, before = page.get_by_role("columnheader", name="Change"), column(page, 3)
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert column(page, 3) == ["under 5"] * 4 + ["−3.5"] * 4 + ["12.0"] * 4 + ["+1,204"] * 4 + ["–"] * 4
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert column(page, 3) == ["+1,204"] * 4 + ["12.0"] * 4 + ["−3.5"] * 4 + ["under 5"] * 4 + ["–"] * 4
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") is None
    assert column(page, 3) == before
    one.clean()


def test_words_and_periods_sort_as_words_by_keyboard(visit, tmp_path):
    one, page = opened(visit, tmp_path, FRAME)
    page.get_by_role("button", name="Month").focus()
    page.keyboard.press("Enter")
    assert column(page, 1) == sorted(FRAME["Month"])
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert column(page, 2) == sorted(FRAME["Channel"], key=str.casefold)
    assert page.locator("[aria-sort]").count() == 1
    one.clean()


def test_a_long_table_is_searched_and_printed_whole(visit, tmp_path):
    one, page = opened(visit, tmp_path, FRAME)
    page.get_by_role("searchbox", name="Search: Calls").fill("web 2026-02")
    assert page.get_by_role("status").inner_text() == "2 of 20 rows"
    assert column(page, 1) == ["2026-02"] * 2
    page.emulate_media(media="print")
    assert page.locator("tbody tr:visible").count() == 20
    assert page.get_by_role("searchbox").count() == 0
    one.clean()


def test_a_short_table_sorts_but_has_no_search(visit, tmp_path):
    _, page = opened(visit, tmp_path, FRAME.head(14))
    assert page.locator(".cx-sort").count() == 3
    assert page.locator(".cx-tablesearch").count() == 0
