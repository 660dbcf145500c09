"""One notebook on three surfaces: the register, controls, reports, batches and apps."""

from importlib import import_module
from typing import Any

__all__ = ["explore", "run_batch", "run_report"]

_HOMES = {"explore": "explorer", "run_batch": "batch", "run_report": "report"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"cxlab.publish.{_HOMES[name]}"), name)
