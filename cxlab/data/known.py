"""What was found out when a file was opened, kept for the next visitor: his page opens the file only when it must."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cxlab.folders import ANSWERS, CODE

__all__ = ["Known", "Opening", "known_files"]

_SETTLED = 2.0  # seconds after which a file that is changed again bears another time
_LARGEST = 200  # rows of an answer that is kept
_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class Opening:
    """What opening a file tells of it."""

    described: str
    fingerprint: str
    rows: int
    types: dict[str, str]


@dataclass(frozen=True)
class Known:
    """What is known of some files, in a folder of the server that no address reaches; never a visitor's own table."""

    folder: Path
    subject: str

    def opening(self) -> Opening | None:
        """What an earlier opening found; None before the first."""
        found = self._read("opening")
        try:
            return None if found is None else Opening(**found)
        except TypeError:
            return None

    def keep_opening(self, opening: Opening) -> None:
        """Keep it for the next."""
        self._write("opening", asdict(opening))

    def rows(self, sql: str) -> list[tuple[Any, ...]] | None:
        """The answer to a small question, such as the values of a column; None where nobody asked it yet."""
        found = self._read(sql)
        return None if found is None else [tuple(row) for row in found]

    def keep_rows(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Keep an answer that JSON can hold as it is."""
        if len(rows) <= _LARGEST and all(type(cell) in _PLAIN for row in rows for cell in row):
            self._write(sql, [list(row) for row in rows])

    def _place(self, question: str) -> Path:
        name = hashlib.blake2b(f"{self.subject}\n{question}".encode(), digest_size=16).hexdigest()
        return self.folder / f"{name}.known"

    def _read(self, question: str) -> Any:
        try:
            return json.loads(self._place(question).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _write(self, question: str, held: Any) -> None:
        with suppress(OSError):  # a full disk costs speed only
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self.folder, delete=False) as out:
                json.dump(held, out)
            Path(out.name).replace(self._place(question))


def known_files(files: Sequence[Path]) -> Known | None:
    """Where is kept what is known of these files, as they are now?

    Args:
        files: the files of one source.

    Returns:
        None outside an app's server, and for a file that changed just now: the next change could bear the same time.
    """
    folder, code = os.environ.get(ANSWERS, ""), os.environ.get(CODE, "")
    if not (folder and code and files and Path(folder).is_dir()):
        return None
    states = [(str(file.resolve()), file.stat()) for file in files]
    if any(time.time() - state.st_mtime < _SETTLED for _, state in states):
        return None
    return Known(Path(folder), repr((code, [(name, state.st_size, state.st_mtime_ns) for name, state in states])))
