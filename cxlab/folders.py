"""Where notebooks, templates and samples lie: in the clone, or inside the installed package."""

from pathlib import Path

from cxlab.errors import SourceError

__all__ = ["ANSWERS", "CODE", "folder"]

ANSWERS = "CXLAB_ANSWERS"  # the variable that names the folder in which an app's server keeps what its visitors share
CODE = "CXLAB_CODE"  # the variable that tells which code a warm kernel was forked from

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Where does one of the project's folders lie?

    Args:
        name: "notebooks", "templates" or "data_samples".

    Returns:
        The folder's path: in an installed package below `resources`, in a clone at the top.

    Raises:
        SourceError: neither place has it.

    Examples:
        >>> folder("data_samples").is_dir()
        True
    """
    for base in (_PACKAGE / "resources", _PACKAGE.parent):
        if (base / name).is_dir():
            return base / name
    raise SourceError(f"The folder '{name}' was not found beside cxlab; install the package again.")
