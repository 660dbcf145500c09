"""What is installed works outside the clone: the wheel carries notebooks, templates and samples."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import time
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import yaml

from tests.browser.serving import free_port
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


def kept() -> set[str]:
    """What the clone holds, ignored files left out."""
    return set(run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\n")) - {""}


def inside(name: str) -> str:
    """Where a file of the clone lies in the wheel."""
    return name if name.startswith("cxlab/") else f"cxlab/resources/{name}"


def test_the_wheel_carries_package_notebooks_templates_and_samples_and_nothing_else(wheel) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {name for name in kept() if name.split("/")[0] in ("cxlab", "notebooks", "templates", "data_samples")}
    assert packed == {inside(name) for name in wanted}


@pytest.mark.parametrize(
    "name",
    [
        "templates/kernels/python3/kernel.json",
        "templates/jupyter/jupyter_server_config.d/cxlab.json",
        "templates/jupyter/labconfig/default_setting_overrides.json",
        "templates/jupyter/labextensions/cxlab/static/start.js",
        "templates/study/plan.md",
        "data_samples/checkout_test.csv",
        "notebooks/reports.yml",
    ],
)
def test_the_wheel_carries_what_a_surface_cannot_do_without(wheel, name) -> None:
    assert inside(name) in zipfile.ZipFile(wheel).namelist()


def test_the_sdist_is_the_clone_without_leftovers(wheel) -> None:
    with tarfile.open(next(wheel.parent.glob("*.tar.gz"))) as packed:
        names = {one.name.partition("/")[2] for one in packed.getmembers() if one.isfile()}
    assert names - kept() == {"PKG-INFO"}
    missing = {name for name in kept() - names if not name.startswith(".")}
    assert missing == set()


def test_the_version_stands_in_one_place(wheel, installed, tmp_path) -> None:
    assert "version" not in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    written = re.findall(
        r'^__version__ = "(.+)"$', (ROOT / "cxlab/__init__.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [wheel.name.split("-")[1]] == written
    assert run(installed / "cxlab", "--version", cwd=tmp_path, env=environment()).split() == ["cxlab", *written]
    told = run(
        installed / "python", "-c", "from importlib.metadata import version; print(version('cxlab'))", cwd=tmp_path,
        env=environment(),
    )  # fmt: skip
    assert told.split() == written


def test_the_installed_command_lists_the_analyses(installed, tmp_path) -> None:
    where = run(installed / "python", "-c", "import cxlab; print(cxlab.__file__)", cwd=tmp_path, env=environment())
    assert where.startswith(str(installed.parent))
    assert "ab_test" in run(installed / "cxlab", "list", cwd=tmp_path, env=environment())


def test_the_installed_demo_writes_every_report_and_names_the_index_page(installed, tmp_path) -> None:
    said = run(installed / "cxlab", "demo", cwd=tmp_path, env=environment()).splitlines()
    index = tmp_path / "reports" / "index.html"
    assert Path(said[-1]) == index
    assert index.is_file()
    told = json.loads((index.parent / "batch.json").read_text(encoding="utf-8"))
    assert told["status"] == "ok"
    assert len(told["reports"]) == len(yaml.safe_load((ROOT / "notebooks/reports.yml").read_text())["reports"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reports"]


def test_the_installed_command_makes_a_study_and_its_report(installed, tmp_path) -> None:
    run(installed / "cxlab", "new", "checkout-test", "--from", "ab_test", cwd=tmp_path, env=environment())
    said = run(installed / "cxlab", "run", "checkout-test", "--out", "out", cwd=tmp_path, env=environment())
    assert said.splitlines()[-1] == "out/checkout-test.html"
    assert {path.suffix for path in (tmp_path / "out").iterdir()} >= {".ipynb", ".html", ".json"}
    kernel = json.loads((tmp_path / "out/checkout-test.ipynb").read_text(encoding="utf-8"))["metadata"]["kernelspec"]
    assert kernel["name"] == "python3"


def test_the_installed_command_writes_a_company(installed, tmp_path) -> None:
    run(installed / "cxlab", "sample", "company", "--customers", "300", cwd=tmp_path, env=environment())
    assert (tmp_path / "company" / "truth.json").is_file()


@contextmanager
def served(*command: str | Path, address: str, cwd: Path) -> Iterator[str]:
    """What a server says at an address, once it answers; it is stopped at the end."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # a pipe would be held by the warm process too
    with subprocess.Popen([str(part) for part in command], cwd=cwd, env=environment(), **quiet) as process:
        try:
            yield _answer(process, address)
        finally:
            process.terminate()
            process.wait(60)


def _answer(process: "subprocess.Popen[bytes]", address: str) -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(address, timeout=20) as page:
            return page.read().decode()
        time.sleep(0.3)
    raise AssertionError(f"no answer from {address}; it ended with {process.poll()}")


def test_the_installed_apps_are_served(installed, tmp_path) -> None:
    port = free_port()
    command = (installed / "cxlab", "app", "--port", str(port))
    with served(*command, address=f"http://127.0.0.1:{port}/", cwd=tmp_path) as page:
        assert "Does a change work?" in page


def test_the_installed_lab_opens_on_the_folders_studies(installed, tmp_path) -> None:
    run(installed / "cxlab", "new", "checkout-test", "--from", "ab_test", cwd=tmp_path, env=environment())
    port = free_port()
    command = (installed / "cxlab", "lab", "--port", str(port), "--no-browser")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_TOKEN", "known")
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            patch.setenv(name, str(tmp_path / ".jupyter" / name))
        with served(*command, address=f"http://127.0.0.1:{port}/cxlab/start?token=known", cwd=tmp_path) as page:
            home = json.loads(page)
    assert [one["path"] for one in home["studies"]] == ["checkout-test/checkout-test.ipynb"]
    assert len(home["analyses"]) >= 4
