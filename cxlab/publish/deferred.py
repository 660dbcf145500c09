"""Imports that cost seconds and are hardly ever used wait until somebody uses them."""

import sys
from importlib.util import find_spec
from types import ModuleType

__all__ = ["defer_slow_imports"]

# jsonschema imports it to check addresses with letters beyond ASCII; it builds a whole grammar when it is imported.
_SLOW = "rfc3987_syntax"


def defer_slow_imports() -> None:
    """Let nbformat, and so Papermill and Altair, come in without seconds of preparation for what they never ask.

    A stand-in takes the place of the package; the first question to it brings in the real one, which answers.
    """
    if _SLOW in sys.modules or find_spec(_SLOW) is None:
        return
    stand_in = ModuleType(_SLOW, "Stands in for the package of this name until it is used.")
    stand_in.is_valid_syntax = _is_valid_syntax  # type: ignore[attr-defined]
    stand_in.__spec__ = find_spec(_SLOW)
    sys.modules[_SLOW] = stand_in


def _is_valid_syntax(*given: object, **named: object) -> bool:
    from importlib import import_module

    if getattr(sys.modules.get(_SLOW), "is_valid_syntax", None) is _is_valid_syntax:
        del sys.modules[_SLOW]
    return bool(import_module(_SLOW).is_valid_syntax(*given, **named))
