"""JupyterLab itself, opened without a network: the notebook is run there and its picture seen."""

import shutil
import sys

import pytest

from cxlab.publish.lab import lab_command
from cxlab.publish.register import analysis_named
from tests.browser.serving import free_port, running

pytestmark = pytest.mark.browser


@pytest.fixture
def lab(tmp_path):
    port, place = free_port(), tmp_path / "notebooks"
    place.mkdir()
    shutil.copy(analysis_named("cohort_retention").notebook, place)
    environment = lab_command()[1]
    home = {name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", f"--ServerApp.root_dir={place}", f"--port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.allow_root=True",
    ]  # fmt: skip
    config = {"JUPYTER_CONFIG_PATH": environment["JUPYTER_CONFIG_PATH"]}
    with running(command, f"http://127.0.0.1:{port}/lab", tmp_path / "log", **home, **config) as address:
        yield address


def test_the_notebook_runs_in_jupyterlab_and_its_control_changes_the_picture(visit, lab):
    one = visit(1400)
    page = one.open(f"{lab}/tree/cohort_retention.ipynb?reset", ".jp-CodeCell")
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=120_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    drawn = ".cx-explorer .cx-chart[data-drawn=done] svg"
    page.locator(drawn).first.wait_for(timeout=120_000)
    before = page.locator(".cx-numbers").first.inner_text()
    period = page.locator(".cx-explorer").get_by_role("combobox", name="Period")
    assert period.get_attribute("data-lm-suppress-shortcuts") == "true"
    period.select_option("week")
    page.locator(".cx-numbers", has_text="by week after the start").first.wait_for(state="attached")
    assert page.locator(".cx-numbers").first.inner_text() != before
    page.locator(drawn).first.wait_for()
    assert one.outside == []
