"""The workflows in the guide are YAML, and their commands do what the guide says, on the samples."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guides" / "reports_in_ci.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", GUIDE, re.DOTALL))
SETUP = re.compile(r"^(sh \.ci/setup .*|echo .*GITHUB_PATH.*|export PATH=.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ci")
    (folder / "reports.yml").write_text(BLOCKS["reports.yml"], encoding="utf-8")
    for name in ("data_samples", "notebooks"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def shell(commands, folder):
    """As a CI server runs it: stops at the first failure; the set-up is this environment's."""
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": paths, "PYTHONPATH": str(ROOT)}
    script = SETUP.sub(":", commands)
    return subprocess.run(
        ["sh", "-e", "-c", script], cwd=folder, env=environment, check=False, capture_output=True, text=True
    )


def github_steps():
    workflow = yaml.safe_load(BLOCKS[".github/workflows/reports.yml"])
    assert set(workflow[True]) == {"workflow_dispatch", "schedule"}, "YAML reads `on` as true; the server does not"
    return workflow["jobs"]["reports"]["steps"]


def test_the_guide_has_the_file_and_both_workflows():
    assert list(BLOCKS) == ["reports.yml", ".github/workflows/reports.yml", ".gitlab-ci.yml"]
    assert all({"run", "uses"} & set(step) for step in github_steps())
    assert (ROOT / ".ci" / "setup").is_file()


@pytest.mark.slow
def test_the_commands_of_both_workflows_run_on_the_samples(place):
    for step in filter(lambda step: "run" in step, github_steps()):
        done = shell(step["run"], place)
        assert done.returncode == 0, f"{step['name']}: {done.stdout}{done.stderr}"
    written = {path.name for path in (place / "reports").iterdir()}
    assert {"index.html", "batch.json", "junit.xml", "checkout.html", "customers_back-week.json"} <= written
    for name in ("keep", "tell"):  # as on the next day
        step = next(one for one in github_steps() if one.get("name", "").casefold().startswith(name))
        done = shell(step["run"], place)
    assert done.stdout.count("the data is the same, and nothing differs") == 3
    job = yaml.safe_load(BLOCKS[".gitlab-ci.yml"])["reports"]
    done = shell("\n".join([*job["before_script"], *job["script"]]), place)
    assert done.returncode == 0, done.stderr
    batch = yaml.safe_load((place / "reports" / "batch.json").read_text(encoding="utf-8"))
    assert all(one["kept"] for one in batch["reports"]), "the second run found all of them finished"
    assert (place / job["artifacts"]["reports"]["junit"]).is_file()
