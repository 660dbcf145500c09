"""Reference values for experiments, from R and published tables; each names its source in the file beside this."""

import json
from pathlib import Path
from typing import Any, NamedTuple


class Vector(NamedTuple):
    """One reference case."""

    input: dict[str, Any]
    expected: dict[str, Any]
    tolerance: float


def vector(name: str) -> Vector:
    """Read one case by its name."""
    case = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))[name]
    return Vector(case["input"], case["expected"], case["rel_tol"])
