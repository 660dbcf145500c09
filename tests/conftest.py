"""What tests of every room may ask for."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
            "--disable-background-networking", "--disable-component-update"]  # fmt: skip
settings.register_profile("cxlab", deadline=None, derandomize=True)
settings.load_profile("cxlab")

ROOT = Path(__file__).resolve().parent.parent


# Rooms whose tests start no server, kernel or browser: their files may run beside anything.
QUIET = ("calibration", "charts", "data", "experiments", "feedback", "journeys", "quality", "retention", "stats")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers (`make test` has two), whatever starts processes stays together in one, in its order."""
    for item in items:
        quiet = any(item.path.is_relative_to(ROOT / "tests" / room) for room in QUIET)
        item.add_marker(pytest.mark.xdist_group(str(item.path) if quiet else "surfaces"))


@pytest.fixture(autouse=True)
def no_loop_of_a_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright's plain interface leaves its loop marked as running; tests without a browser must not see it."""
    left = None if request.node.get_closest_marker("browser") else asyncio._get_running_loop()
    if left is None:
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(left)


@pytest.fixture(scope="session")
def root() -> Path:
    """The clone."""
    return ROOT


@pytest.fixture(scope="session")
def evaluation_data() -> Path:
    """The folder of real data sets that may not be shipped, named by CXLAB_EVALUATION_DATA."""
    folder = os.environ.get("CXLAB_EVALUATION_DATA", "")
    if not folder:
        pytest.skip("CXLAB_EVALUATION_DATA names no folder")
    assert Path(folder).is_dir(), f"CXLAB_EVALUATION_DATA={folder} is no folder"
    return Path(folder)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless browser; the test is skipped on machines without Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield browser
        browser.close()
