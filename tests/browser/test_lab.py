"""JupyterLab as `cxlab lab` starts it, opened without a network: start page, tiles, pictures, tables, keys."""

import json
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from cxlab.publish.founding import new_study
from cxlab.publish.lab import lab_command
from cxlab.publish.register import analysis_named
from tests.browser.axe import violations
from tests.browser.serving import free_port, running

pytestmark = pytest.mark.browser

CHART = """import cxlab as cx
found = cx.cohort_retention(
    "data_samples/shop_events.csv.gz", unit="user_id", time="timestamp", period="month", observe_until="2024-06-29"
)
found"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with one study, an analysis's notebook and one with a result and a picture alone."""
    folder = tmp_path_factory.mktemp("lab")
    new_study("checkout-test", analysis="ab_test", place=folder)
    notebook = analysis_named("cohort_retention").notebook
    (folder / notebook.name).write_bytes(notebook.read_bytes())
    cells = [new_code_cell(CHART), new_code_cell("found.chart()")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / "chart.ipynb")
    return folder


@pytest.fixture(scope="module")
def lab(place, tmp_path_factory):
    port, own = free_port(), tmp_path_factory.mktemp("jupyter")
    command, environment = lab_command(place, port=port, browser=False)
    home = {name: str(own / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    ours = {name: environment[name] for name in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH")}
    command += ["--IdentityProvider.token="]
    assert command[0] == sys.executable
    with running(command, f"http://127.0.0.1:{port}/lab", own / "log", **home, **ours) as address:
        yield address


def run_all(page):
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=120_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()


def test_it_opens_on_a_start_page_that_leads_to_the_study_and_its_notes(visit, lab):
    one = visit(1400)
    page = one.open(f"{lab}/?reset", ".cx-start h1")
    assert page.locator(".cx-start h1").inner_text() == "What do you want to know?"
    page.get_by_role("button", name="plan.md: Checkout test").click()
    page.locator(".jp-RenderedMarkdown h1", has_text="Checkout test: the plan").wait_for()
    page.get_by_role("tab", name="Start").click()
    page.get_by_role("button", name="Notebook: Checkout test").focus()
    page.keyboard.press("Enter")
    page.locator(".jp-Notebook h1", has_text="Checkout test: does a change work?").wait_for()
    assert one.outside == []


def test_axe_finds_nothing_on_the_start_page(visit, lab):
    page = visit(1400).open(f"{lab}/?reset", ".cx-start li")
    assert violations(page, ".cx-start") == []


def test_the_launcher_has_a_tile_for_each_study_and_analysis(visit, lab, place):
    one = visit(1400)
    page = one.open(f"{lab}/?reset", ".cx-start h1")
    page.keyboard.press("Control+Shift+L")
    tiles = page.locator(".jp-LauncherCard")
    tiles.filter(has_text="Checkout test: does a change work?").first.wait_for()
    tile = tiles.filter(has_text="What do customers say?").first
    tile.click()
    page.locator(".jp-Notebook h1", has_text="What do customers say?").wait_for()
    assert (place / "survey_feedback.ipynb").is_file()
    assert one.outside == []


def test_a_study_is_made_from_the_page_and_a_bad_name_is_told(visit, lab, place):
    page = visit(1400).open(f"{lab}/?reset", ".cx-start h1")
    for name in ("bad name", "funnel-1"):
        page.get_by_role("button", name="New study: Where do people get stuck?").click()
        page.locator(".jp-Dialog input").fill(name)
        page.keyboard.press("Enter")
        if name == "bad name":
            page.locator(".jp-Dialog", has_text="expected letters, digits").wait_for()
            page.locator(".jp-Dialog button").last.click()
            page.locator(".jp-Dialog").wait_for(state="detached")
    page.locator(".jp-Notebook h1", has_text="Funnel 1: where do people get stuck?").wait_for()
    assert (place / "funnel-1" / "plan.md").is_file()


def test_the_notebook_runs_in_jupyterlab_and_its_control_changes_the_picture_by_keyboard(visit, lab):
    one = visit(1400)
    page = one.open(f"{lab}/tree/cohort_retention.ipynb?reset", ".jp-CodeCell")
    run_all(page)
    drawn = ".cx-explorer .cx-chart[data-drawn=done] svg"
    page.locator(drawn).first.wait_for(timeout=120_000)
    before = page.locator(".cx-numbers").first.inner_text()
    period = page.locator(".cx-explorer").get_by_role("combobox", name="Period")
    assert period.get_attribute("data-lm-suppress-shortcuts") == "true"
    assert period.input_value() == "month"
    period.focus()
    page.keyboard.press("ArrowUp")
    page.locator(".cx-numbers", has_text="by week after the start").first.wait_for(state="attached")
    assert period.input_value() == "week"
    assert page.evaluate("document.activeElement.tagName") == "SELECT"
    assert page.locator(".cx-numbers").first.inner_text() != before
    page.locator(drawn).first.wait_for()
    assert one.outside == []


def test_a_result_and_a_picture_in_a_cell_stay_in_a_reopened_and_in_an_untrusted_notebook(visit, lab, place):
    one = visit(1400)
    page = one.open(f"{lab}/tree/chart.ipynb?reset", ".jp-CodeCell")
    run_all(page)
    shown = page.locator(".jp-OutputArea-output img[src^='data:image/svg']")
    page.locator(".jp-Cell").nth(1).locator("img[src^='data:image/svg']").first.wait_for(timeout=120_000)
    pictures = shown.count()
    assert pictures > 1
    head = page.locator(".cx-numbers thead button.cx-sort").first
    head.focus()
    page.keyboard.press("Enter")
    assert page.locator(".cx-numbers th[aria-sort=ascending]").count() == 1
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_text("Save Notebook", exact=True).click()
    page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    copy = json.loads((place / "chart.ipynb").read_text(encoding="utf-8"))
    copy["cells"][0]["source"] = ["# another content, which nobody has trusted\n"]
    (place / "untrusted.ipynb").write_text(json.dumps(copy), encoding="utf-8")
    for name in ("chart", "untrusted"):
        again = visit(1400)
        page = again.open(f"{lab}/tree/{name}.ipynb?reset", ".jp-CodeCell")
        page.locator(".jp-Cell").nth(1).locator("img[src^='data:image/svg']").first.wait_for(timeout=60_000)
        assert page.locator(".jp-OutputArea-output img[src^='data:image/svg']").count() == pictures
        assert again.outside == []
