"""What a report was made from: where all of it is the same, the report need not be made again."""

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cxlab
from cxlab.errors import CxlabError, ReportError

if TYPE_CHECKING:
    from cxlab.publish.jobs import Job

__all__ = ["digest", "files_of", "kept_result", "look_again", "origin_of", "versions"]

_PACKAGES = ("cxlab", "pandas", "numpy", "scipy", "statsmodels", "duckdb", "altair", "papermill", "nbconvert")


@cache
def versions() -> dict[str, str]:
    """Which Python, which packages, and which code of cxlab are these?

    Returns:
        Name to version; `code` is a digest of cxlab's own modules, so that an edit counts as a new version.
    """
    return {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}, "code": _code()}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _code() -> str:
    root = Path(cxlab.__file__).parent
    files = sorted(one for ending in ("*.py", "*.css", "*.js") for one in root.rglob(ending))
    return digest(b"\0".join(str(one.relative_to(root)).encode() + b"\0" + one.read_bytes() for one in files))


def digest(content: bytes) -> str:
    """A short text that differs where the content differs.

    Args:
        content: any bytes.

    Returns:
        Sixteen letters.
    """
    return hashlib.sha256(content).hexdigest()[:16]


def origin_of(job: "Job") -> dict[str, Any]:
    """What is this report made from, beside its data?

    Args:
        job: what is wanted.

    Returns:
        Analysis, title, every parameter (those not set with their defaults), the notebook's text and the versions.

    Raises:
        ReportError: the notebook cannot be read.
    """
    settings = {one.name: None if one.required else one.default for one in job.analysis.parameters}
    parameters = json.loads(json.dumps({**settings, **job.values}, default=str))
    beside = parameters.get("answers")
    return {
        "analysis": job.analysis.name, "title": job.title, "parameters": parameters,
        "notebook": digest(_read(job.analysis.notebook)), "versions": versions(),
        **({} if beside is None else {"answers": _fingerprint(str(beside), "UTC")}),
    }  # fmt: skip


def _read(notebook: Path) -> bytes:
    try:
        return notebook.read_bytes()
    except OSError as error:
        raise ReportError(f"The notebook {notebook.name} cannot be read: {error.strerror}.") from None


def kept_result(job: "Job", folder: Path) -> dict[str, Any] | None:
    """Is this report there already, finished and from the same data, settings, notebook and versions?

    Args:
        job: what is wanted.
        folder: where earlier reports lie.

    Returns:
        Its JSON, or None where it must be made.
    """
    try:
        result = json.loads((folder / f"{job.stem}.json").read_text(encoding="utf-8"))
        if result["status"] != "ok" or result["origin"] != {**origin_of(job), "files": files_of(folder, job.stem)}:
            return None
        if job.pdf and not (folder / f"{job.stem}.pdf").is_file():
            return None
        return result if result["data"]["fingerprint"] == _fingerprint(**_source(result)) else None
    except (OSError, ValueError, KeyError, TypeError, CxlabError):
        return None


def files_of(folder: Path, stem: str) -> dict[str, str]:
    """Digests of a report's page and notebook.

    Args:
        folder: where they lie.
        stem: the files' name without ending.

    Returns:
        Ending to digest.
    """
    return {kind: digest((folder / f"{stem}.{kind}").read_bytes()) for kind in ("html", "ipynb")}


def _source(result: Mapping[str, Any]) -> dict[str, str]:
    return {name: result["parameters"][name] for name in ("data", "tz")}


@cache
def _fingerprint(data: str, tz: str) -> str:
    """The data as it is now, read as the notebook reads it."""
    from cxlab.data import table

    return table(data, tz=tz).fingerprint


def look_again() -> None:
    """Forget what the data was: the next question reads it anew."""
    _fingerprint.cache_clear()
