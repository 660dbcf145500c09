"""Apps in a browser that has no network: the report's numbers, live controls, plain sentences."""

import json
import re

import pytest

from cxlab.publish.register import ANALYSES
from tests.browser.axe import violations
from tests.browser.serving import until

pytestmark = pytest.mark.browser
NAMES = [one.name for one in ANALYSES]
DRAWN = ".cx-chart[data-drawn=done] svg"


def address(app, name, query=""):
    return f"{app}voila/render/{name}.ipynb{query}"


@pytest.mark.parametrize("name", NAMES)
def test_the_app_shows_the_numbers_of_the_reports_json_and_page_and_axe_finds_nothing(visit, app, reports, name):
    content = json.loads((reports / f"{name}.json").read_text(encoding="utf-8"))
    one = visit(1300)
    live = one.open(address(app, name), DRAWN)
    page = visit().open((reports / f"{name}.html").as_uri(), ".cx-verdict")
    assert content["headline"] in live.locator(".cx-verdict").inner_text()
    for part in (".cx-verdict", ".cx-figures", ".cx-trust", ".cx-numbers", ".cx-method", "h1"):
        assert live.locator(part).first.text_content() == page.locator(part).first.text_content(), part
    assert _specifications(live) == _specifications(page)
    assert live.locator("h1").count() == 1
    live.get_by_role("button", name="More settings").click()
    live.locator(".cx-downloads summary").click()
    assert violations(live) == []
    one.clean()


def _specifications(page):
    """What each picture draws: the data behind it, without the names Altair numbers anew."""
    texts = page.locator(".cx-wide script.cx-spec").all_text_contents()
    return [json.loads(text).get("datasets", text) for text in texts]


def test_a_control_changes_sentence_numbers_picture_and_address(visit, app):
    one = visit()
    page = one.open(address(app, "cohort_retention"), DRAWN)
    before, drawn = page.locator(".cx-numbers").inner_text(), page.locator(DRAWN).first.inner_html()
    page.get_by_role("combobox", name="Period").select_option("week")
    until(page, "location.search === '?period=week'")
    page.locator(DRAWN).first.wait_for()
    assert page.locator(".cx-numbers").inner_text() != before
    assert page.locator(DRAWN).first.inner_html() != drawn
    assert page.locator(".cx-body").get_attribute("aria-busy") == "false"
    page.get_by_role("combobox", name="Period").select_option("month")
    until(page, "location.search === ''")
    assert page.locator(".cx-numbers").inner_text() == before
    one.clean()


def test_a_click_on_a_stage_of_the_map_opens_it_where_it_can_be_seen(visit, app):
    one = visit(1300)
    page = one.open(address(app, "journey_map"), DRAWN)
    page.get_by_role("combobox", name="Stage").wait_for()
    page.locator("[data-picture=map] .cx-wide svg text", has_text="Support").first.click()
    until(page, "location.search === '?stage=Support'")
    details = page.locator("[data-picture=stage] .cx-wide svg")
    details.wait_for()
    until(page, "document.querySelector('[data-picture=stage]').getBoundingClientRect().top < innerHeight")
    assert page.get_by_role("combobox", name="Stage").input_value() == "Support"
    one.clean()


def test_an_address_restores_the_view_and_the_last_of_several_quick_choices_wins(visit, app):
    page = visit().open(address(app, "cohort_retention", "?measure=on_or_after"), DRAWN)
    assert page.get_by_role("combobox", name="Measure").input_value() == "on_or_after"
    page.get_by_role("combobox", name="Measure").select_option("on")
    for period in ("week", "month", "week"):
        page.get_by_role("combobox", name="Period").select_option(period)
    until(page, "location.search === '?period=week&measure=on'", 120)
    page.locator(".cx-body[aria-busy=false]").wait_for(state="attached")
    assert "by week after the start" in page.locator(".cx-numbers").text_content()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?period=wek", "period is 'wek'; expected one of 'hour', 'day', 'week', 'month'. Did you mean 'week'?"),
        ("?data=/etc/passwd", "The address cannot set data"),
        ("?perod=<b>week</b>", "There is no parameter perod. Did you mean 'period'?"),
        ("?segment=<img src=x onerror=alert(1)>", "has no column '<img src=x onerror=alert(1)>'"),
    ],
)
def test_a_bad_address_is_a_plain_sentence_and_the_controls_stay(visit, app, query, sentence):
    one = visit()
    page = one.open(address(app, "cohort_retention", query), ".cx-message")
    assert sentence in page.locator(".cx-message").inner_text()
    assert page.locator(".cx-numbers").count() == 0, "no number under a label that is not its own"
    assert page.locator(".cx-message img").count() == 0
    page.get_by_role("combobox", name="Measure").select_option("on_or_after")
    if "segment" not in query:
        page.locator(DRAWN).first.wait_for()
    one.clean()


def test_the_line_on_the_data_opens_and_the_switch_shows_the_whole_report(visit, app):
    one = visit()
    page = one.open(address(app, "cohort_retention"), DRAWN)
    line = page.locator(".cx-data")
    assert "31,106 rows" in line.locator("summary").inner_text()
    assert not line.locator("table").is_visible()
    line.locator("summary").click()
    assert "may be double deliveries" in line.locator("table").inner_text()
    page.get_by_text("More settings").click()
    page.get_by_role("combobox", name="Quality").select_option("full")
    until(page, "location.search === '?quality=full'")
    page.locator(".cx-whole-data").get_by_text("How each column was read").wait_for()
    page.locator(f".cx-whole-data {DRAWN}").first.wait_for()
    one.clean()


def test_a_wrong_entry_shows_a_sentence_and_the_next_one_recovers(visit, app):
    page = visit().open(address(app, "journey_funnel"), DRAWN)
    within = page.get_by_role("textbox", name="Within")
    within.fill("7")
    within.press("Enter")
    page.locator(".cx-message").wait_for()
    assert "7" in page.locator(".cx-message").inner_text()
    assert page.locator(".cx-verdict").count() == 0
    within.fill("1D")
    within.press("Enter")
    page.locator(DRAWN).first.wait_for()
    assert page.locator(".cx-message").count() == 0


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no_source", "no_such_table.csv"),
        ("no_column", "Did you mean 'timestamp'?"),
        ("surprise", "Please quote the reference"),
    ],
)
def test_an_error_in_the_data_is_our_sentence(visit, app, name, sentence):
    one = visit()
    page = one.open(address(app, name), ".cx-message")
    assert sentence in page.locator(".cx-message").inner_text()
    text = page.locator("body").inner_text()
    assert not re.search("There was an error when executing cell|Traceback|site-packages", text)
    one.clean()


def test_an_app_answers_first_fits_every_screen_and_prints_without_controls(visit, app):
    page = visit(1300).open(address(app, "ab_test"), DRAWN)
    for width in (1300, 1100, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.locator(f".cx-{'wide' if width > 560 else 'narrow'}[data-drawn=done] svg").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        verdict, controls = (page.locator(part).first.bounding_box() for part in (".cx-verdict", ".cx-settings"))
        beside = verdict["x"] + verdict["width"] <= controls["x"]
        assert beside if width > 1200 else verdict["y"] < controls["y"]
    page.emulate_media(media="print")
    assert not page.locator(".cx-settings").is_visible()
    assert page.locator(".cx-numbers").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('#rendered_cells')).position") == "static"


def test_the_landing_page_leads_to_every_app(visit, app):
    one = visit()
    page = one.open(app, ".cx-card")
    assert page.locator("h1").inner_text() == "What do you want to know?"
    assert page.locator(".cx-card h2").all_inner_texts()[:18] == [
        "Does a change work?", "How long must we test?", "May we stop the test already?",
        "What did all our tests bring?", "Do customers come back?", "Who comes, who stays away?",
        "How much of our revenue do we keep?", "Which customers leave sooner, and what goes with it?",
        "Do customers leave sooner or later after an event?", "Do more customers come back since a release?",
        "What are our customers worth?", "How long do contracts last, and what is one worth?",
        "Where do people get stuck?", "Which ways do customers take?", "Where do customers struggle?",
        "How do customers fare on their journey?", "What happens behind each step?", "What do customers say?",
    ]  # fmt: skip
    for width in (1100, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "until 29" in page.locator(".cx-card", has_text="Where do people get stuck?").inner_text()
    link = page.get_by_role("link", name="Open: Where do people get stuck?")
    assert link.get_attribute("href").endswith("voila/render/journey_funnel.ipynb")
    one.clean()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("voila/api/contents", 404),
        ("voila/files/ab_test.ipynb", 403),
        ("voila/files/../../etc/passwd", 404),
        ("voila/render/../../etc/passwd", 404),
        ("no/such/page", 404),
    ],
)
def test_nothing_but_pages_is_served(chromium, app, path, status):
    context = chromium.new_context()
    answer = context.request.get(app + path, max_redirects=0)
    assert answer.status == status
    assert "root:" not in answer.text()
    context.close()


def test_every_page_carries_its_policy(chromium, app):
    context = chromium.new_context()
    headers = context.request.get(app).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    context.close()
