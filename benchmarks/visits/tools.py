"""How each tool is started, in an environment of its own, and how its finished answer is known in a browser."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.events import CACHE
from benchmarks.measure import ROOT, python
from benchmarks.visits.plain_notebook import CELL, SAME, write_notebook

__all__ = ["TOOLS", "Tool"]

HERE = Path(__file__).parent
REQUIREMENTS = {
    "streamlit": ["streamlit==1.67.0", "altair>=6", "scipy>=1.17", "pandas>=3"],
    "panel": ["panel==1.9.4", "altair>=6", "scipy>=1.17", "pandas>=3"],
}
_SAID = ("p, pre", "Difference in {metric}:")


@dataclass(frozen=True)
class Tool:
    """One tool: its server, its page, where it says what, and how its control asks for the effort once it is there."""

    name: str
    command: Callable[[int], list[str]]
    page: str
    within: str
    says: str
    control: Callable[[Any], Any]
    change: Callable[[Any], None]
    crowded: bool = True  # are ten pages opened at once?

    def ready(self, page: Any) -> None:
        """Wait until the page can be used."""
        self.control(page).first.wait_for(timeout=120_000)


def own_python(name: str) -> str:
    """The Python of a peer's own environment, made where it is missing."""
    program = CACHE / name / "bin" / "python"
    if not program.exists():
        subprocess.run(python("-m", "uv", "venv", "--quiet", "--python", sys.executable, str(CACHE / name)), check=True)
        install = ["-m", "uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", str(program)]
        subprocess.run(python(*install, *REQUIREMENTS[name]), check=True)
    return str(program)


def _streamlit(port: int) -> list[str]:
    options = ["--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false",
               "--server.fileWatcherType", "none"]  # fmt: skip
    return [
        own_python("streamlit"),
        "-m",
        "streamlit",
        "run",
        str(HERE / "streamlit_app.py"),
        *options,
        "--",
        str(ROOT),
    ]


def _panel(port: int) -> list[str]:
    program = [own_python("panel"), "-m", "panel", "serve", str(HERE / "panel_app.py"), "--port", str(port)]
    return [*program, "--allow-websocket-origin", f"127.0.0.1:{port}", "--args", str(ROOT)]


def _plain_voila(port: int, name: str = "plain", cell: str = CELL) -> list[str]:
    path = CACHE / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_notebook(str(path), str(ROOT), cell)
    return python("-m", "voila", str(path.parent), "--no-browser", "--port", str(port), "--Voila.ip=127.0.0.1")


def _same_answer(port: int) -> list[str]:
    return _plain_voila(port, "same", SAME)


def _cxlab(port: int) -> list[str]:
    return python("-m", "benchmarks.visits.cxlab_app", str(port))


def _written(page: Any) -> None:
    box = _box(page)
    box.fill("mean('effort')")
    box.press("Enter")


def _box(page: Any) -> Any:
    return page.get_by_label("Metrics", exact=True)


def _list(page: Any) -> Any:
    return page.locator("select")


def _combobox(page: Any) -> Any:
    return page.get_by_role("combobox")


def _picked(page: Any) -> None:
    _combobox(page).click()
    page.get_by_role("option", name="effort").click()


def _selected(page: Any) -> None:
    _list(page).select_option("effort")


TOOLS = (
    Tool("cxlab", _cxlab, "voila/render/ab_test.ipynb", ".cx-verdict", "{metric}", _box, _written),
    Tool("voila", _plain_voila, "voila/render/plain.ipynb", *_SAID, _list, _selected),
    Tool(
        "voila, cxlab's answer",
        _same_answer,
        "voila/render/same.ipynb",
        ".cx-verdict",
        "{metric}",
        _list,
        _selected,
        crowded=False,
    ),
    Tool("streamlit", _streamlit, "", *_SAID, _combobox, _picked),
    Tool("panel", _panel, "panel_app", *_SAID, _list, _selected),
)
