"""Who may write into a folder of reports: one batch alone, or single reports side by side."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxlab.errors import CxlabError, ParameterError, ReportError

__all__ = ["DRAFT", "draft_folder", "not_written", "open_folder", "writing"]

DRAFT = ".cxlab-"
_TAKEN = (errno.EAGAIN, errno.EACCES)


def open_folder(path: Path) -> Path:
    """May reports be written here? The folder is made where it is missing.

    Args:
        path: the folder.

    Returns:
        The same.

    Raises:
        ParameterError: it cannot be made, or nothing can be written there.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path, prefix=DRAFT):
            return path
    except OSError as error:
        said = f"{error.strerror or error}"
        raise ParameterError(
            f"Nothing can be written to the folder '{path}': {said}. Name another with --out."
        ) from None


@contextmanager
def writing(path: Path, *, alone: bool) -> Iterator[None]:
    """Hold a folder while reports are written to it; the hold ends with the process, however that ends.

    Args:
        path: the folder.
        alone: nobody else may write meanwhile; drafts that an earlier, broken-off run left are removed.

    Raises:
        ParameterError: somebody else holds it.
    """
    held = os.open(path, os.O_RDONLY)
    try:
        _take(held, path, alone=alone)
        if alone:
            _clear_drafts(path)
        yield
    finally:
        os.close(held)


def _take(held: int, path: Path, *, alone: bool) -> None:
    try:
        import fcntl
    except ImportError:  # not offered by this system: then nobody is refused
        return
    try:
        fcntl.flock(held, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            raise ParameterError(
                f"Another run is writing to the folder '{path}'. Wait for its end, or name another with --out."
            ) from None
        return  # a file system without locks


def _clear_drafts(path: Path) -> None:
    for draft in path.glob(f"{DRAFT}*"):
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink(missing_ok=True)


@contextmanager
def draft_folder(path: Path) -> Iterator[Path]:
    """A folder beside the finished reports for what is not finished yet; it goes in every outcome.

    Args:
        path: the folder of reports.

    Yields:
        The folder for drafts.

    Raises:
        ReportError: the disk is full, or nothing can be written any more.
    """
    place = None
    try:
        place = Path(tempfile.mkdtemp(dir=path, prefix=DRAFT))
        yield place
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        if place is not None:
            with suppress(OSError):
                shutil.rmtree(place)


def not_written(path: Path, error: OSError) -> CxlabError:
    """What does a failed write mean to a reader?

    Args:
        path: the folder of reports.
        error: the system's.

    Returns:
        The error to raise.
    """
    what = error.strerror or str(error)
    return ReportError(f"Nothing more could be written to the folder '{path}': {what}. Earlier reports are untouched.")
