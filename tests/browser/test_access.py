"""Landing page, app and report for keyboard, screen reader and paper; axe looks too where it is given."""

import pytest

from tests.browser.axe import violations
from tests.browser.serving import until

pytestmark = pytest.mark.browser
DRAWN = ".cx-chart[data-drawn=done] svg"
NAMELESS = """() => [...document.querySelectorAll("button, a[href], input, select, textarea, summary, [role=button]")]
  .filter((one) => one.offsetParent !== null)
  .filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim()
     || (one.labels && one.labels[0] && one.labels[0].textContent.trim()) || one.getAttribute("title")))
  .map((one) => one.outerHTML.slice(0, 120))"""
PALE = """() => {
  const linear = (v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = (rgb) => { const [r, g, b] = rgb.map(linear);
    return .2126 * r + .7152 * g + .0722 * b; };
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const ground = (one) => { for (; one; one = one.parentElement) {
    const found = parse(getComputedStyle(one).backgroundColor); if (found.length === 3 || found[3] > 0) return found; }
    return [255, 255, 255]; };
  return [...document.querySelectorAll("main *")].filter((one) => one.offsetParent && !one.closest("svg")
      && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
    .map((one) => {
      const ink = parse(getComputedStyle(one).color).slice(0, 3), [a, b] = [light(ink), light(ground(one).slice(0, 3))];
      return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), one.outerHTML.slice(0, 100)]; })
    .filter(([contrast]) => contrast < 4.5); }"""
CUT = """() => [...document.querySelectorAll("table, .cx-chart svg, .cx-chart img")]
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 100))"""


@pytest.fixture(params=["landing", "app", "report"])
def shown(request, visit, app, reports):
    one = visit(1300)
    if request.param == "landing":
        one.open(app, ".cx-card")
    elif request.param == "app":
        one.open(f"{app}voila/render/ab_test.ipynb", DRAWN)
        one.page.locator(".cx-downloads summary").click()
        one.page.locator(".cx-upload summary").click()
    else:
        one.open((reports / "ab_test.html").as_uri(), DRAWN)
    return one


def test_a_page_is_for_keyboard_screen_reader_and_paper(shown):
    page = shown.page
    assert page.locator("h1").count() == page.locator("main").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(PALE) == []
    assert page.locator("img:not([alt])").count() == 0
    assert page.locator(".cx-chart:not([role=img])").count() == 0
    assert violations(page) == []
    page.set_viewport_size({"width": 680, "height": 960})  # A4 with its margins
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(CUT) == []
    assert not page.locator(".cx-tools, .cx-search").first.is_visible()


@pytest.mark.parametrize("name", ["index", "survey_feedback"])
def test_axe_finds_nothing_on_the_list_of_reports_and_a_report_with_answers(visit, reports, name):
    page = visit(1300).open((reports / f"{name}.html").as_uri(), "h1")
    assert violations(page) == []


def test_axe_finds_nothing_where_an_error_is_told_and_where_there_is_no_page(visit, app):
    page = visit(1300).open(f"{app}voila/render/ab_test.ipynb?metrik=x", ".cx-message")
    assert violations(page) == []
    page.goto(f"{app}voila/render/nothing.ipynb")
    assert violations(page) == []


def test_the_landing_page_is_searched_and_opened_by_keyboard(visit, app):
    page = visit().open(app, ".cx-card")
    page.keyboard.press("/")
    page.keyboard.type("get stuck")
    assert page.locator(".cx-card:visible").count() == 1
    assert page.get_by_role("status").inner_text() == "1 question"
    page.keyboard.type(" zebra")
    assert page.locator(".cx-card:visible").count() == 0
    assert "No question" in page.get_by_role("status").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.type("where do people")
    page.keyboard.press("Enter")
    page.wait_for_url("**/journey_funnel.ipynb")


def test_an_app_is_worked_by_keyboard_alone(visit, app):
    page = visit().open(f"{app}voila/render/cohort_retention.ipynb", DRAWN)
    page.get_by_role("combobox", name="Period").focus()
    page.keyboard.press("ArrowUp")
    until(page, "location.search === '?period=week'")
    more = page.get_by_role("button", name="More settings")
    more.focus()
    assert more.get_attribute("aria-expanded") == "false"
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name="Week start").wait_for()
    assert more.get_attribute("aria-expanded") == "true"
    page.locator(".cx-downloads summary").focus()
    page.keyboard.press("Enter")
    with page.expect_download():
        page.get_by_role("button", name="Result (JSON)").press("Enter")
