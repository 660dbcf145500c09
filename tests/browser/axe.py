"""axe-core looks at a page: the copy that CXLAB_AXE names, else the one that a package of the tests carries."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

WIDTHS = (1300, 390)


def axe_code() -> str:
    """Its JavaScript; without any the test is skipped."""
    if given := os.environ.get("CXLAB_AXE"):
        return Path(given).read_text(encoding="utf-8")
    package = find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        pytest.skip("axe-core is not here: neither CXLAB_AXE nor axe-playwright-python gives it")
    return Path(package.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def violations(page: Any, part: str = "html") -> list[tuple[int, str, str]]:
    """What does axe find on a wide screen and on a telephone's? Width, rule and first place of each finding."""
    code, found = axe_code(), []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(code)
        told = page.evaluate("part => axe.run(part, {resultTypes: ['violations']})", part)
        assert told["passes"], "it looked at nothing"
        found += [(width, one["id"], one["nodes"][0]["html"][:200]) for one in told["violations"]]
    return found
