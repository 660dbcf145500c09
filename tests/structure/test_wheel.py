"""What is installed works outside the clone: the wheel carries notebooks, templates and samples."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.structure.source import ROOT

pytestmark = pytest.mark.slow


def run(*command: str | Path, **options) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from the sdist, as an index would serve it."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT)
    assert len(list(out.glob("*.tar.gz"))) == 1
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel; other packages come from the tests' environment, cxlab does not."""
    home = tmp_path_factory.mktemp("environment") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", home)
    site = next(home.glob("lib/python*/site-packages"))
    (site / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    run(
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--offline",
        "--no-deps",
        "--python",
        home / "bin" / "python",
        wheel,
    )
    return home / "bin"


def environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "VIRTUAL_ENV"))}
    return clean | {"JUPYTER_PATH": str(Path(sys.prefix) / "share" / "jupyter")}


def test_the_wheel_carries_what_the_clone_has_at_its_top(wheel) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    listed = run("git", "ls-files", "notebooks", "templates", "data_samples", cwd=ROOT).split()
    assert listed
    assert {f"cxlab/resources/{name}" for name in listed} <= packed


def test_the_wheel_carries_nothing_else(wheel) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"cxlab"}


def test_the_installed_command_lists_the_analyses(installed, tmp_path) -> None:
    where = run(installed / "python", "-c", "import cxlab; print(cxlab.__file__)", cwd=tmp_path, env=environment())
    assert where.startswith(str(installed.parent))
    assert "ab_test" in run(installed / "cxlab", "list", cwd=tmp_path, env=environment())


def test_the_installed_command_writes_a_report(installed, tmp_path) -> None:
    run(installed / "cxlab", "run", "ab_test", "--out", tmp_path / "out", cwd=tmp_path, env=environment())
    written = {path.suffix for path in (tmp_path / "out").iterdir()}
    assert {".ipynb", ".html", ".json"} <= written
