"""While an answer is computed: dimmed and named at once, cancelled on request, and never an endless wait."""

import re
import time

import pytest

from tests.browser.serving import until

pytestmark = pytest.mark.browser
DRAWN = ".cx-chart[data-drawn=done] svg"
DIMMED = "document.querySelector('.cx-computing') !== null"
RESTED = "document.querySelector('.cx-body').getAttribute('aria-busy') === 'false'"


@pytest.fixture
def patient(visit, app):
    one = visit()
    one.open(f"{app}voila/render/patient.ipynb", DRAWN)
    yield one
    assert one.outside == []


def pause(page):
    return page.get_by_role("combobox", name="Pause")


@pytest.mark.parametrize("where", ["python", "query"])
def test_a_long_answer_is_dimmed_named_and_can_be_cancelled(patient, where):
    page = patient.page
    before = page.locator(".cx-verdict").inner_text()
    page.evaluate(
        """() => { document.addEventListener("change", () => {
          const start = performance.now();
          const look = () => document.querySelector(".cx-computing")
            ? window.dimmed = performance.now() - start : requestAnimationFrame(look);
          look(); }); }"""
    )
    pause(page).select_option(where)
    until(page, "window.dimmed !== undefined", 10)
    assert page.evaluate("window.dimmed") < 1000, "0.2 s on a quiet machine"
    status = page.get_by_role("status").filter(has_text="Calculating pause")
    status.wait_for()
    assert page.locator(".cx-body").get_attribute("aria-busy") == "true"
    assert float(page.locator(".cx-verdict").evaluate("e => getComputedStyle(e).opacity")) < 1
    cancel = page.get_by_role("button", name="Cancel")
    cancel.wait_for(timeout=10_000)
    cancel.click()
    until(page, RESTED, 10)
    assert pause(page).input_value() == "none", "the control says what the answer is of"
    assert page.locator(".cx-verdict").inner_text() == before
    assert page.evaluate("location.search") == ""
    assert not cancel.is_visible()
    start = time.monotonic()
    page.get_by_role("combobox", name="Order").select_option("name")
    until(page, "location.search === '?order=name'", 20)
    assert time.monotonic() - start < 20, "the engine is free again"
    patient.clean()


def test_the_last_choice_wins_over_a_long_one(patient):
    page = patient.page
    pause(page).select_option("query")
    until(page, DIMMED, 10)
    time.sleep(0.5)
    pause(page).select_option("none")
    page.get_by_role("combobox", name="Order").select_option("name")
    until(page, "location.search === '?order=name'", 20)
    until(page, RESTED, 10)
    page.locator(DRAWN).first.wait_for()
    assert page.locator(DRAWN).count() == 1
    patient.clean()


def test_a_killed_kernel_is_told_within_15_seconds_with_a_way_back(patient):
    page = patient.page
    pause(page).select_option("killed")
    start = time.monotonic()
    lost = page.get_by_role("alert").filter(has_text="does not answer any more")
    lost.wait_for(timeout=25_000)
    assert time.monotonic() - start < 16
    assert page.locator(".cx-computing").count() == 1, "no number at full strength under a label that is not its own"
    page.get_by_role("button", name="Load the page again").click()
    page.locator(DRAWN).first.wait_for()
    assert not page.get_by_role("alert").is_visible()


def test_a_first_page_that_never_comes_says_so_after_15_seconds(chromium, app):
    page = chromium.new_page()
    html = page.request.get(f"{app}voila/render/patient.ipynb").text()
    cut = html[: html.index("</script>", html.index("again.onclick")) + len("</script>")]
    page.route("**/stuck", lambda route: route.fulfill(body=cut, content_type="text/html"))
    page.clock.install()
    page.goto(f"{app}stuck", wait_until="commit")
    page.locator("#loading").wait_for()
    assert page.locator("#loading").inner_text().startswith("Reading the data")
    page.clock.run_for(15_500)
    assert "longer than usual" in page.locator("#loading").inner_text()
    assert page.get_by_role("button", name="Load the page again").is_visible()
    assert re.match("How long", page.title())
    page.close()


def test_the_answer_needs_no_script_and_settings_that_do_not_come_are_told(chromium, app):
    context = chromium.new_context()
    page = context.new_page()
    page.route("**/voila/static/cxlab.js", lambda route: route.abort())
    page.goto(f"{app}voila/render/journey_funnel.ipynb", wait_until="commit")
    page.locator(DRAWN).first.wait_for(timeout=60_000)
    assert page.locator(".cx-verdict").inner_text() != ""
    assert page.locator("h1").inner_text() == "How far do people get, and where do they stop?"
    assert "Data until" in page.locator("#cx-until").inner_text()
    settings = page.locator(".cx-coming")
    settings.filter(has_text="The settings take longer than usual.").wait_for(timeout=30_000)
    assert settings.get_by_role("button", name="Load the page again").is_visible()
    context.close()
