"""Every line knows its room: imports point one way, and the package starts quickly."""

import subprocess
import sys
from importlib import import_module

import pytest

import cxlab
from tests.structure.source import PACKAGE, imports, modules, name_of

ROOMS = ["errors", "folders", "wording", "stats", "data", "charts", "results", "quality", "experiments",
         "retention", "feedback", "journeys", "service", "segments", "publish", "cli"]  # fmt: skip
PEERS = {"experiments", "retention"}  # journeys may rest on feedback; other analyses stand beside each other
HEAVY = ["altair", "statsmodels", "scipy.stats", "ipywidgets", "papermill", "voila", "nbconvert"]
BANNED = {"utils", "util", "helpers", "common", "manager", "core", "misc"}


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def test_every_room_is_in_the_plan() -> None:
    found = {room(name_of(path)) for path in modules()} - {""}
    assert found <= set(ROOMS), f"rooms that the plan does not know: {found - set(ROOMS)}"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_come_from_rooms_above(path) -> None:
    own = room(name_of(path))
    if own == "":  # cxlab/__init__.py names everything lazily
        return
    above = ROOMS[: ROOMS.index(own) + 1]
    used = {room(name) for name in imports(path)} - {"", "__version__"}
    wrong = {name for name in used if name not in above or (own in PEERS and name in PEERS - {own})}
    assert not wrong, f"cxlab/{own} imports {sorted(wrong)}, which do not lie above it"


def test_importing_cxlab_loads_nothing_heavy() -> None:
    probe = f"import sys, cxlab; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_resolve_and_are_all_listed() -> None:
    assert list(cxlab.__all__) == sorted(set(cxlab.__all__))
    for name in cxlab.__all__:
        assert getattr(cxlab, name) is not None
    assert set(cxlab.__all__) <= set(dir(cxlab))


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        cxlab.no_such_name  # noqa: B018


def test_modules_are_named_for_what_they_hold() -> None:
    names = {part for path in modules() for part in name_of(path).split(".")}
    assert not names & BANNED


@pytest.mark.parametrize("path", [path for path in modules() if path.stem != "__init__"], ids=name_of)
def test_no_name_hides_a_module(path) -> None:
    name = name_of(path)
    assert import_module(name) is getattr(import_module(name.rpartition(".")[0]), path.stem)


def test_every_room_has_its_tests() -> None:
    rooms = {path.relative_to(PACKAGE).parts[0] for path in modules() if path.parent != PACKAGE}
    tested = {path.parent.name for path in (PACKAGE.parent / "tests").glob("*/test_*.py")}
    assert rooms <= tested
