"""Reports and their index in a browser that has no network."""

import json

import pytest

from cxlab.publish.register import ANALYSES

NAMES = [one.name for one in ANALYSES]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", NAMES)
def test_a_report_draws_without_the_network_fits_every_screen_and_says_what_its_json_says(visit, reports, name):
    content = json.loads((reports / f"{name}.json").read_text(encoding="utf-8"))
    one = visit(320)
    page = one.open((reports / f"{name}.html").as_uri(), ".cx-narrow[data-drawn=done] svg")
    figures = page.locator(".cx-figure").count()
    for width in (320, 390, 1100):
        page.set_viewport_size({"width": width, "height": 900})
        kind = "wide" if width > 560 else "narrow"
        page.locator(f".cx-{kind}[data-drawn=done] svg").nth(figures - 1).wait_for(state="attached")
        assert page.locator(f".cx-{kind}[data-drawn=done]").count() == figures
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("main").count() == 1
    one.clean()
    assert content["headline"] in page.locator(".cx-verdict").inner_text()
    assert page.locator("h1").inner_text() == content["title"]
    for figure in content["figures"]:
        assert figure["value"] in page.locator(".cx-figures").inner_text()


@pytest.mark.parametrize("width", [1100, 390])
def test_without_scripts_the_still_picture_stays_on_any_screen(chromium, reports, width):
    context = chromium.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto((reports / "ab_test.html").as_uri())
    box = page.locator(".cx-wide img").first.bounding_box()
    assert box["height"] > 100
    assert box["width"] <= width
    context.close()


def test_print_unfolds_the_method_and_counts_pages(visit, reports, tmp_path):
    page = visit().open((reports / "ab_test.html").as_uri(), ".cx-chart svg")
    assert not page.locator(".cx-about p").first.is_visible()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".cx-about p").first.is_visible()
    assert page.locator(".cx-method dl").is_visible()
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") >= 1


@pytest.mark.parametrize("width", [1100, 390])
def test_the_index_leads_to_the_reports(visit, reports, width):
    one = visit(width)
    page = one.open((reports / "index.html").as_uri(), ".cx-card")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".cx-card", has_text="Do customers come back?").get_by_role("link", name="Report").click()
    page.locator(".cx-verdict").wait_for()
    one.clean()
