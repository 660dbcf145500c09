"""Voila's scripts in one file: a page asks for some eighty pieces in turns; the next page gets them at once."""

import re
from pathlib import Path
from typing import Any

from voila.static_file_handler import MultiStaticFileHandler

__all__ = ["MAIN", "Piece", "Scripts"]

MAIN = "voila.js"
_PIECE = re.compile(r"\d+\.voila\.js")


class Scripts:
    """The pieces that pages have asked for one by one, and the main script; all in one text from the next page on."""

    def __init__(self, *folders: str) -> None:
        """Begin with the main script alone.

        Args:
            folders: where the scripts lie, the first one that has them wins.
        """
        self._folders = [Path(folder) for folder in folders]
        self._wanted: set[str] = set()
        self._text = ""

    def note(self, name: str) -> None:
        """A page asked for this.

        Args:
            name: a file's name; what is no piece of Voila's scripts is left aside.
        """
        if _PIECE.fullmatch(name) and name not in self._wanted and self._path(name) is not None:
            self._wanted.add(name)
            self._text = ""

    def text(self) -> str:
        """Everything in one file.

        Returns:
            JavaScript; the main script finds each piece already there instead of asking for it.
        """
        if not self._text:
            paths = [self._path(name) for name in (*sorted(self._wanted), MAIN)]
            pieces = [path.read_text(encoding="utf-8") for path in paths if path is not None]
            self._text = ";" + "\n;".join(pieces)  # the first semicolon keeps one piece's "use strict" from all others
        return self._text

    def _path(self, name: str) -> Path | None:
        return next((folder / name for folder in self._folders if (folder / name).is_file()), None)


class Piece(MultiStaticFileHandler):
    """Hands out one of Voila's files, and lets the next page have it at once."""

    scripts = Scripts()

    async def get(self, path: str, *given: Any, **named: Any) -> None:
        """Send it.

        Args:
            path: the file's name.
            given: Tornado's.
            named: Tornado's.
        """
        self.scripts.note(path)
        await super().get(path, *given, **named)
