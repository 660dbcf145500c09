"""The project's files agree with each other, and nothing of one machine is in them."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import cxlab
from tests.structure.source import ROOT

MACHINE = re.compile(
    r"--(extra-)?index-url|--find-links|https?://\S*/(simple|packages|wheels)/|(?<![\w.])/(work|farm|root|opt)/[\w.]"
)
OUTSIDE = re.compile(r"""(src|href|url)\s*[=(]\s*["']?https?://|cdn\.|jsdelivr|unpkg|esm\.sh|cdnjs""", re.IGNORECASE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def committed() -> list[Path]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    files = [ROOT / name for name in done.stdout.splitlines()]
    return [path for path in files if path.is_file() and path.stat().st_size < 3_000_000]


def texts() -> list[tuple[str, str]]:
    found = []
    for path in committed():
        try:
            found.append((path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def locked() -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", LOCK, re.MULTILINE):
        pins.setdefault(canonicalize_name(name), set()).add(version)
    return pins


def grouped(name: str) -> list[str]:
    """What a dependency group asks for, those that it includes too."""
    own = PROJECT["dependency-groups"][name]
    included = [text for one in own if isinstance(one, dict) for text in grouped(one["include-group"])]
    return [text for text in own if isinstance(text, str)] + included


def wanted() -> list[Requirement]:
    return [Requirement(text) for text in PROJECT["project"]["dependencies"] + grouped("dev")]


def test_the_lock_names_no_host_and_no_path() -> None:
    assert "://" not in LOCK
    assert not re.search(r"(^|\s)(/|\./|file:)", LOCK)


def test_every_package_of_the_lock_has_hashes() -> None:
    blocks = re.split(r"\n(?=\S)", LOCK.strip())
    bare = [block.split()[0] for block in blocks if not block.startswith("#") and "--hash=sha256:" not in block]
    assert bare == []


@pytest.mark.parametrize("need", wanted(), ids=lambda need: need.name)
def test_the_lock_holds_what_the_project_asks_for(need: Requirement) -> None:
    versions = locked().get(canonicalize_name(need.name), set())
    assert versions, f"{need.name} is not in requirements.lock: make lock"
    assert all(need.specifier.contains(version) for version in versions)


def test_the_conda_environment_equals_the_project() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, nested = environment["dependencies"]
    assert environment["name"] == PROJECT["project"]["name"]
    assert python == f"python{PROJECT['project']['requires-python']}"
    assert (pip, nested) == ("pip", {"pip": ["-r requirements.lock"]})


def test_no_committed_file_tells_of_one_machine() -> None:
    own = {"tests/structure/test_project.py"}
    leaks = [name for name, text in texts() if name not in own and MACHINE.search(text)]
    assert leaks == []


def test_no_page_asks_the_network() -> None:
    rooms = ("cxlab/", "templates/", "notebooks/")
    asking = [name for name, text in texts() if name.startswith(rooms) and OUTSIDE.search(text)]
    assert asking == []


def test_the_changelog_tells_of_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text or f"## [{cxlab.__version__}]" in text


def test_every_make_target_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    explained = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    assert set(phony.group(1).split()) == explained
    assert {"help", "demo", "test", "lab", "app", "check", "bench", "calibrate", "docs"} <= explained


def test_the_readme_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text
