"""Draws report.png for the README from a real report on the samples: `make pictures`."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import cxlab as cx

HERE = Path(__file__).parent
SIZE = {"width": 960, "height": 1110}


def main() -> None:
    """Run one report, open it as a reader would, keep its first screen."""
    with tempfile.TemporaryDirectory() as out, sync_playwright() as playwright:
        report = cx.run_report("ab_test", out=out)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, device_scale_factor=1.5)
        page.goto(Path(report.html).resolve().as_uri(), wait_until="networkidle")
        page.screenshot(path=str(HERE / "report.png"))
        browser.close()


if __name__ == "__main__":
    main()
