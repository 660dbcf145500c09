"""Pages in Chromium with every outside request blocked, and counted."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.serving import free_port, running
from tests.publish.made import made_reports

QUIET = ("Unsatisfied version", "No satisfying version", "favicon")


class Visit:
    """One page: what it asked of the outside, and what it complained of."""

    def __init__(self, page: Any) -> None:
        self.page, self.outside, self.complaints = page, [], []
        page.route("**/*", self._route)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _route(self, route: Any) -> None:
        if route.request.url.startswith(("http://127.0.0.1:", "file:", "data:", "blob:")):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _console(self, message: Any) -> None:
        if message.type == "error" and not any(word in message.text for word in QUIET):
            self.complaints.append(message.text)

    def open(self, address: str, wait_for: str) -> Any:
        self.page.goto(address, wait_until="commit", timeout=120_000)
        self.page.locator(wait_for).first.wait_for(timeout=120_000)
        return self.page

    def clean(self) -> None:
        assert self.outside == []
        assert self.complaints == []


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def start(width: int = 1100) -> Visit:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 900}))
        contexts[-1].set_default_timeout(60_000)
        return Visit(contexts[-1].new_page())

    yield start
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    log = tmp_path_factory.mktemp("app") / "log"
    with running(
        [sys.executable, "-m", "tests.browser.serving", str(port)], f"http://127.0.0.1:{port}/", log
    ) as address:
        yield address


@pytest.fixture(scope="session")
def reports() -> Path:
    return made_reports()
