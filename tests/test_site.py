"""The documentation as a site: built without a warning, whole, and asking nothing of the network."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import cxlab as cx
from tests.structure.source import ROOT

pytestmark = pytest.mark.slow
OUTSIDE = re.compile(
    r"""<(?:script|link|img|iframe|source|video|audio|object|embed)\b[^>]*\b(?:src|srcset|href|data)=["']?(?:https?:)?//""",
    re.IGNORECASE,
)
FETCHED = re.compile(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""", re.IGNORECASE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    options = ["-W", "--keep-going", "-n", "-q", "-b", "html", "-d", str(out / "kept")]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(ROOT / "docs"), str(out / "html")],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out / "html"


def pages(site: Path) -> dict[str, str]:
    return {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}


def test_every_guide_is_a_page_and_every_page_is_reached_from_the_first(site: Path) -> None:
    made = pages(site)
    guides = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert {name for name in guides if not name.startswith("_build")} <= set(made)
    links = set(re.findall(r'href="([^"#]+\.html)', made["index.html"]))
    numbered = {name for name in made if name.startswith("decisions/0")}  # reached from their own list
    assert set(made) - {"genindex.html", "search.html", "index.html"} - numbered <= links


def test_no_page_asks_for_anything_outside(site: Path) -> None:
    assert [name for name, text in pages(site).items() if OUTSIDE.search(text) or FETCHED.search(text)] == []
    styles = {path.name: path.read_text(encoding="utf-8") for path in site.rglob("*.css")}
    assert styles
    assert [name for name, text in styles.items() if FETCHED.search(text)] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1300, 390])
def test_pages_fit_the_screen_and_work_without_a_network(site: Path, chromium, width: int) -> None:
    page, outside = chromium.new_page(viewport={"width": width, "height": 900}), []

    def route(one) -> None:
        if one.request.url.startswith(("file:", "data:", "blob:")):
            one.continue_()
        else:
            outside.append(one.request.url)
            one.abort()

    page.route("**/*", route)
    wide = []
    for name in (
        "index",
        "tutorials/researcher",
        "tutorials/stakeholder",
        "analyses/ab_test",
        "api/analyses",
        "search",
    ):
        page.goto((site / f"{name}.html").as_uri())
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(name)
    page.close()
    assert (wide, outside) == ([], [])


@pytest.mark.parametrize(
    "tag", ['<script src="https://a.b/c.js">', "<link rel=x href='//a.b/c.css'>", '<img alt="" src="http://a.b/c.png">']
)
def test_a_tag_that_asks_outside_would_be_seen(tag: str) -> None:
    assert OUTSIDE.search(tag)


def test_the_api_tells_of_every_public_name_and_of_nothing_else(site: Path) -> None:
    text = "".join(page for name, page in pages(site).items() if name.startswith("api/"))
    assert sorted(re.findall(r'<dt class="sig[^>]*" id="cxlab\.(\w+)"', text)) == sorted(cx.__all__)


def test_a_docstring_s_own_sections_have_headings(site: Path) -> None:
    text = pages(site)["api/analyses.html"]
    for section in ("Returns", "Assumes", "Source", "Examples"):
        assert f'<p class="rubric">{section}</p>' in text
