"""Code stays readable: short functions, short modules, public names that explain themselves."""

import ast
import inspect
import statistics

import pytest

import cxlab
from tests.structure.source import FunctionNode, functions, length, modules, name_of, tree

LONGEST_FUNCTION, LONGEST_MODULE = 50, 300


def lengths() -> dict[str, int]:
    return {
        f"{name_of(path)}:{node.lineno} {node.name}": length(node) for path in modules() for node in functions(path)
    }


def test_no_function_is_longer_than_a_page() -> None:
    assert {name: lines for name, lines in lengths().items() if lines > LONGEST_FUNCTION} == {}


def test_most_functions_are_short() -> None:
    sizes = list(lengths().values())
    assert statistics.median(sizes) <= 10
    assert statistics.quantiles(sizes, n=10)[-1] <= 25


def test_no_module_is_a_hall() -> None:
    sizes = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in modules()}
    assert {name: lines for name, lines in sizes.items() if lines > LONGEST_MODULE} == {}


def test_every_module_says_what_it_is() -> None:
    assert [name_of(path) for path in modules() if not ast.get_docstring(tree(path))] == []


PUBLIC_FUNCTIONS = [name for name in cxlab.__all__ if name.islower()]


@pytest.mark.parametrize("name", PUBLIC_FUNCTIONS)
def test_a_public_function_explains_itself(name: str) -> None:
    text = inspect.getdoc(getattr(cxlab, name)) or ""
    assert text.partition("\n")[0], "first line: the question it answers"
    for part in ("Args:", "Returns:", "Examples:"):
        assert part in text, f"{name} has no {part}"
    assert ">>> " in text


@pytest.mark.parametrize("name", PUBLIC_FUNCTIONS)
def test_every_argument_of_a_public_function_is_explained(name: str) -> None:
    function = getattr(cxlab, name)
    arguments = (inspect.getdoc(function) or "").partition("Args:")[2].partition("Returns:")[0]
    told = {line.strip().partition(":")[0].lstrip("*").partition(" ")[0] for line in arguments.splitlines()}
    assert set(inspect.signature(function).parameters) <= told


@pytest.mark.parametrize("name", PUBLIC_FUNCTIONS)
def test_after_the_data_arguments_are_named(name: str) -> None:
    kinds = [parameter.kind for parameter in inspect.signature(getattr(cxlab, name)).parameters.values()]
    assert inspect.Parameter.VAR_POSITIONAL not in kinds
    assert kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD) <= 2


def test_nothing_warns_in_place_of_a_check() -> None:
    assert [where for where, name in calls() if name == "warn"] == []


def test_nothing_prints_below_the_surfaces() -> None:
    surfaces = ("cxlab.cli", "cxlab.publish.")
    assert [where for where, name in calls() if name == "print" and not where.startswith(surfaces)] == []


def calls() -> list[tuple[str, str]]:
    found = []
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                found.append((name_of(path), name))
    return found


def annotated(node: FunctionNode) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return node.returns is not None and all(a.annotation or a.arg in {"self", "cls"} for a in arguments)


def test_every_function_has_types() -> None:
    bare = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in modules()
        for node in functions(path)
        if not annotated(node)
    ]
    assert bare == []
