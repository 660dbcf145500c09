"""Answers that the visitors of an app share: the same settings on the same data are computed once for all of them."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cxlab.data.tables import Table, table
from cxlab.folders import ANSWERS, CODE
from cxlab.publish.register import ANALYSES, Analysis

__all__ = ["Kept", "Seen", "kept_answers"]

_MOST = 300  # answers; the one not asked for longest makes room
_PATIENCE = 60.0  # seconds for another visitor's kernel to compute the same


@dataclass(frozen=True)
class Seen:
    """What a page shows of an answer: its fragment, its title, the last moment of the data, what can be downloaded."""

    html: str
    title: str
    last: str | None
    offers: Sequence[Mapping[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True)
class Kept:
    """The answers of one analysis on one table, in a folder of the server that no address reaches."""

    folder: Path
    subject: str

    def seen(self, question: str, compute: Callable[[], Seen]) -> Seen:
        """The answer to a question; of several visitors who ask the same at once, one computes.

        Args:
            question: the settings and the form of the pictures, as text.
            compute: what answers it.

        Returns:
            What the page shows.
        """
        name = hashlib.blake2b(f"{self.subject}\n{question}".encode(), digest_size=16).hexdigest()
        path = self.folder / f"{name}.json"
        found = _read(path)
        if found is None:
            with _alone(path.with_suffix(".lock")):
                found = _read(path) or self._new(path, compute())
        return found

    def _new(self, path: Path, seen: Seen) -> Seen:
        with suppress(OSError):  # a full disk costs speed only
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self.folder, delete=False) as out:
                json.dump(asdict(seen), out)
            Path(out.name).replace(path)
            self._make_room()
        return seen

    def _make_room(self) -> None:
        answers = sorted(self.folder.glob("*.json"), key=lambda one: one.stat().st_mtime)
        for oldest in answers[:-_MOST]:
            oldest.unlink(missing_ok=True)
            oldest.with_suffix(".lock").unlink(missing_ok=True)


def kept_answers(analysis: Analysis, data: Any) -> Kept | None:
    """Where are the answers that visitors share?

    Args:
        analysis: the app's analysis.
        data: the table that its notebook opened.

    Returns:
        None outside an app's server, and where it is not known of which code or content an answer would be.
    """
    folder, code = os.environ.get(ANSWERS, ""), os.environ.get(CODE, "")
    if not (folder and code and analysis in ANALYSES and isinstance(data, Table) and Path(folder).is_dir()):
        return None  # code of one's own may change without our knowing
    read = (data.fingerprint, data.tz, data.time_format, data.missing, data.decimal, data.relation)
    roles, beside = sorted(data.roles.items()), analysis.values.get("answers")
    also = () if beside is None else (table(str(beside)).fingerprint,)
    return Kept(Path(folder), repr((code, analysis.name, read, roles, sorted(data.types.items()), *also)))


def _read(path: Path) -> Seen | None:
    try:
        found = Seen(**json.loads(path.read_text(encoding="utf-8")))
        os.utime(path)
    except (OSError, ValueError, TypeError):
        return None
    return found


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait while another kernel computes the same; one that dies lets go, and nobody waits for ever."""
    try:
        lock = path.open("w")
    except OSError:
        yield
        return
    with lock:
        end = time.monotonic() + _PATIENCE
        while not _locked(lock.fileno()) and time.monotonic() < end:
            time.sleep(0.02)
        yield


def _locked(file: int) -> bool:
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:  # not on Windows: each visitor's kernel computes
        return True
    except OSError:
        return False
    return True
