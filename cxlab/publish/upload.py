"""A visitor's own table: taken in pieces up to a limit, opened, and gone from the disk at once."""

import gzip
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxlab.errors import SourceError

__all__ = ["LIMIT", "VARIABLE", "Upload", "open_upload", "upload_limit"]

VARIABLE = "CXLAB_UPLOAD_MB"
LIMIT = 50  # megabytes
_MEGABYTE = 1_000_000
_EXPANDED = 10  # times the limit that a packed file may grow to
_CELLS = 200_000_000
_BLOCK = 1 << 20
_ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".parquet", ".pq")


def upload_limit() -> int:
    """How many megabytes may a visitor send to this kernel?

    Returns:
        The limit; 0 where nothing may be sent.
    """
    text = os.environ.get(VARIABLE, "0")
    return int(text) if text.isdecimal() else 0


class Upload:
    """A file on its way: it lies in a folder that only this kernel's user may read."""

    def __init__(self, name: str, size: int, *, limit: int) -> None:
        """Begin.

        Args:
            name: what the visitor calls the file.
            size: how many bytes are said to come.
            limit: megabytes allowed.

        Raises:
            SourceError: it is of no known kind, empty or too large.
        """
        self.name, self._limit = plain_name(name), limit * _MEGABYTE
        if not self.name.casefold().endswith(_ENDINGS):
            raise SourceError(f"'{self.name}' is of no known kind; expected a CSV (also .gz) or Parquet file.")
        if size == 0:
            raise SourceError(f"The file '{self.name}' is empty (0 bytes).")
        self._check(size)
        self._folder = tempfile.TemporaryDirectory(prefix="cxlab-upload-", ignore_cleanup_errors=True)
        self.path = Path(self._folder.name) / self.name
        self.size, self.got = size, 0
        self.path.touch(mode=0o600)

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise SourceError(
                f"The file '{self.name}' has {size / _MEGABYTE:,.1f} MB; at most {self._limit // _MEGABYTE} MB are "
                "taken here. Send fewer rows or columns, or use `cxlab run` with the file's path."
            )

    def add(self, piece: bytes) -> bool:
        """Take a piece.

        Args:
            piece: the next bytes.

        Returns:
            Whether that was all.

        Raises:
            SourceError: more came than was said, or than is allowed.
        """
        self.got += len(piece)
        self._check(self.got)
        if self.got > self.size:
            raise SourceError(f"The file '{self.name}' did not arrive whole. Please choose it again.")
        with self.path.open("ab") as out:
            out.write(piece)
        return self.got == self.size

    def drop(self) -> None:
        """Delete what has come."""
        self._folder.cleanup()


def plain_name(name: str) -> str:
    """What is a visitor's file called here?

    Args:
        name: as the visitor's machine calls it; folders in it are left out.

    Returns:
        Letters, digits, blanks, points and lines; at most 80 of them.

    Examples:
        >>> plain_name("../../etc/pass*wd.csv")
        'pass_wd.csv'
    """
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^\w .\-]", "_", last).lstrip(". ")[-80:] or "file"


def open_upload(upload: Upload, *, tz: str = "UTC") -> Any:
    """Read the table that a visitor sent; the file is deleted whatever comes of it.

    Args:
        upload: the file, whole.
        tz: the page's time zone.

    Returns:
        The opened table, held in memory.

    Raises:
        SourceError: it is malformed, or grows too large when unpacked.
    """
    from cxlab.data import table

    try:
        described = f"The file '{upload.name}'"
        if upload.name.casefold().endswith((".parquet", ".pq")):
            _check_parquet(upload.path, upload)
            path = str(upload.path).replace("'", "''")
            return replace(table(f"SELECT * FROM read_parquet('{path}')", tz=tz), source=described)
        with _unpacked(upload) as text:
            _check_text(text, upload.name)
            return replace(table(str(text), tz=tz), source=described)
    finally:
        upload.drop()


@contextmanager
def _unpacked(upload: Upload) -> Iterator[Path]:
    if not upload.name.casefold().endswith(".gz"):
        yield upload.path
        return
    plain = upload.path.with_suffix("")
    try:
        _unpack(upload.path, plain, upload)
    except (OSError, EOFError) as error:
        raise SourceError(f"The file '{upload.name}' is no gzip file that can be read: {error}") from None
    yield plain


def _unpack(packed: Path, plain: Path, upload: Upload) -> None:
    most, written = upload._limit * _EXPANDED, 0
    with gzip.open(packed, "rb") as source, plain.open("wb") as out:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > most:
                raise _too_large(upload)
            out.write(block)


def _too_large(upload: Upload) -> SourceError:
    most = upload._limit * _EXPANDED // _MEGABYTE
    return SourceError(f"The file '{upload.name}' grows beyond {most:,} MB when it is unpacked, and was not read.")


def _check_text(path: Path, name: str) -> None:
    """Text has no zero bytes, but for UTF-16, which says so in its first two."""
    with path.open("rb") as raw:
        first = raw.read(1 << 16)
    if b"\0" in first and not first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"The file '{name}' is not text; expected a table with a header and a row per line.")


def _check_parquet(path: Path, upload: Upload) -> None:
    import pyarrow
    from pyarrow import parquet

    try:
        found = parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        first = str(error).partition("\n")[0][:200]
        raise SourceError(f"The file '{upload.name}' is no Parquet file that can be read: {first}") from None
    with found:
        _check_size(found, upload)


def _check_size(found: Any, upload: Upload) -> None:
    notes = found.metadata
    groups = [notes.row_group(place) for place in range(notes.num_row_groups)]
    if sum(group.total_byte_size for group in groups) > upload._limit * _EXPANDED:
        raise _too_large(upload)
    if notes.num_rows * max(notes.num_columns, 1) > _CELLS:
        raise SourceError(f"The file '{upload.name}' has {notes.num_rows:,} rows of {notes.num_columns} columns: too many.")
    texts = [field.name for field in found.schema_arrow if str(field.type) in ("string", "large_string", "binary")]
    if texts:
        _check_texts(upload, texts)


def _check_texts(upload: Upload, columns: Sequence[str]) -> None:
    """A long text that is stored once and repeated in every row grows only when it is read."""
    import duckdb

    from cxlab.data import quote

    total = " + ".join(f"coalesce(sum(octet_length({quote(name)}::BLOB)), 0)" for name in columns)
    path = str(upload.path).replace("'", "''")
    try:
        row = duckdb.connect(config={"memory_limit": "1GB"}).execute(f"SELECT {total} FROM read_parquet('{path}')")
        grown = (row.fetchone() or (0,))[0]
    except duckdb.Error as error:
        raise SourceError(f"The file '{upload.name}' cannot be read: {str(error).partition(chr(10))[0][:200]}") from None
    if grown > upload._limit * _EXPANDED:
        raise _too_large(upload)
