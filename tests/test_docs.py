"""The documentation cannot lie: every example in the package, the README and the guides runs."""

import doctest
import importlib
import re
import runpy
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

import cxlab
from cxlab import cli
from cxlab.publish.founding import new_study
from cxlab.publish.plan import read_plan
from cxlab.publish.register import ANALYSES
from cxlab.publish.values import parse_pairs
from cxlab.quality.contracts import CONTRACTS
from tests.structure.source import ROOT, modules, name_of

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
GUIDES = [page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts]
PAGES = sorted([ROOT / "README.md", *GUIDES, *(ROOT / "benchmarks").glob("*.md")])
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
COMMANDS = set(re.findall(r'_command\(commands, "([a-z]+)"', (ROOT / "cxlab" / "cli.py").read_text(encoding="utf-8")))
TARGETS = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.fixture(autouse=True)
def _at_the_top(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(ROOT)
    with pd.option_context("display.width", 110, "display.max_columns", 20):
        yield


@pytest.mark.parametrize("name", [name_of(path) for path in modules()])
def test_examples_in_docstrings_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert result.failed == 0


def blocks(page: Path, language: str) -> list[str]:
    """What stands in the page's fenced blocks of a language; "" for blocks that name none."""
    fenced = re.findall(r"^```([^\n]*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [text for named, text in fenced if named == language]


@pytest.fixture(scope="session")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table that the tutorials read, written by the script that they show."""
    folder = tmp_path_factory.mktemp("tutorials")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        runpy.run_path(str(ROOT / "docs/tutorials/doctor_visits.py"), run_name="__main__")
    return folder / "doctor_visits.csv"


@pytest.fixture
def desk(tmp_path: Path, visits: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader's folder: the samples, the tutorials' table, and room for what the examples write."""
    (tmp_path / "data_samples").symlink_to(ROOT / "data_samples")
    shutil.copy(visits, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@each_page
def test_examples_in_pages_run(page: Path, desk: Path) -> None:
    for text in blocks(page, "yaml"):
        if named := re.match(r"# ([\w-]+\.yml)\n", text):  # a file that the page asks its reader to write
            (desk / named[1]).write_text(text, encoding="utf-8")
    result = doctest.testfile(str(page), module_relative=False, optionflags=FLAGS, encoding="utf-8")
    assert result.failed == 0


@each_page
def test_links_in_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    dead = [target for target in targets if target and "://" not in target and not (page.parent / target).exists()]
    assert dead == []


@each_page
def test_python_in_pages_is_an_example_that_runs(page: Path) -> None:
    own = "# jupyterhub_config.py"  # a file of the reader's; the test of the guide on serving runs it
    assert [text for text in blocks(page, "python") if ">>> " not in text and not text.startswith(own)] == []
    assert [text for text in blocks(page, "") if re.search(r"^(import|from|cxlab) ", text, re.MULTILINE)] == []


@each_page
def test_commands_in_pages_are_taken_by_the_command_line(page: Path) -> None:
    """Every option exists, and what `cxlab run` sets on an analysis is a parameter with a valid value."""
    for text in blocks(page, "sh"):
        for line in text.splitlines():
            if line.startswith("cxlab "):
                refuse_bad_values(cli._parser().parse_args(shlex.split(line, comments=True)[1:]))


def refuse_bad_values(given) -> None:
    analyses = {one.name: one for one in ANALYSES}
    if given.command is cli._run and given.name in analyses:
        parse_pairs(analyses[given.name].parameters, cli._pairs(given.parameter))
    if given.command is cli._new:
        assert given.analysis in analyses
    if given.command is cli._check:
        assert given.contract in CONTRACTS


@each_page
def test_batches_in_pages_are_read_by_the_plan(page: Path, tmp_path: Path) -> None:
    for number, text in enumerate(blocks(page, "yaml")):
        content = yaml.safe_load(text)
        if isinstance(content.get("reports"), list) and not text.startswith("# mistaken"):
            place = tmp_path / str(number)
            place.mkdir()
            for entry in content["reports"]:
                if "notebook" in entry:
                    made = new_study(Path(entry["notebook"]).stem, analysis=entry["analysis"], place=place)
                    place = made.study.path.parent
            (place / "reports.yml").write_text(text, encoding="utf-8")
            assert read_plan(place / "reports.yml")


@pytest.mark.parametrize("line", ANALYSES, ids=lambda line: line.name)
def test_an_analysis_has_a_page_that_explains_its_checks(line) -> None:
    page = ROOT / "docs/analyses" / f"{line.called}.md"
    text = page.read_text(encoding="utf-8")
    result = line.function(cxlab.table(line.sample), **line.values)
    assert {check.name for check in result.checks} <= set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert {"What is checked", "What is assumed", "How it is computed, and from where"} <= set(
        re.findall(r"^## (.+)$", text, re.MULTILINE)
    )


def test_pictures_are_small_and_each_is_shown() -> None:
    pictures = sorted((ROOT / "docs/pictures").glob("*.png"))
    assert [path.name for path in pictures if path.stat().st_size > 200_000] == []
    shown = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [path.name for path in pictures if f"pictures/{path.name})" not in shown] == []


def test_the_readme_has_a_running_example() -> None:
    assert ">>> " in (ROOT / "README.md").read_text(encoding="utf-8")


@each_page
def test_commands_in_pages_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^|`)cxlab ([a-z]+)", text, re.MULTILINE)) <= COMMANDS
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= TARGETS
