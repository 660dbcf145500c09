"""A visitor's own table: taken in pieces up to a limit, opened, and gone from the disk at once."""

import gzip
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxlab.errors import SourceError

__all__ = ["LIMIT", "VARIABLE", "Coming", "Upload", "open_upload", "upload_limit"]

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

    @property
    def most(self) -> int:
        """How many bytes it may be when it is unpacked."""
        return self._limit * _EXPANDED

    def drop(self) -> None:
        """Delete what has come."""
        self._folder.cleanup()


class Coming:
    """The file that a page is sending, if it sends one; a new one takes the place of the last."""

    def __init__(self, send: Callable[[dict[str, int]], None], limit: int) -> None:
        """Wait for one.

        Args:
            send: tells the page how much has come.
            limit: megabytes allowed.
        """
        self._send, self._limit = send, limit
        self.upload: Upload | None = None

    def begin(self, name: str, size: int) -> None:
        """Expect a file.

        Args:
            name: what the visitor calls it.
            size: how many bytes are said to come.

        Raises:
            SourceError: it is of no known kind, empty or too large.
        """
        self.drop()
        self.upload = Upload(name, size, limit=self._limit)
        self._send({"got": 0})

    def add(self, piece: bytes) -> Upload | None:
        """Take a piece.

        Args:
            piece: the next bytes; nobody asked for them where no file has begun.

        Returns:
            The whole file with the last piece, None before.

        Raises:
            SourceError: more came than was said, or than is allowed.
        """
        upload = self.upload
        if upload is None:
            return None
        whole = upload.add(piece)
        self._send({"got": upload.got})
        self.upload = None if whole else upload
        return upload if whole else None

    def drop(self) -> None:
        """Expect nothing any more, and delete what has come."""
        if self.upload is not None:
            self.upload.drop()
        self.upload = None


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
    from cxlab.data.tables import private_table

    try:
        described = f"The file '{upload.name}'"
        if upload.name.casefold().endswith((".parquet", ".pq")):
            _check_parquet(upload.path, upload)
            path = str(upload.path).replace("'", "''")
            return replace(private_table(f"SELECT * FROM read_parquet('{path}')", tz=tz), source=described)
        with _unpacked(upload) as text:
            _check_text(text, upload.name)
            return replace(_whole(private_table(str(text), tz=tz), described), source=described)
    finally:
        upload.drop()


def _whole(opened: Any, described: str) -> Any:
    """Rows of different lengths would be read as one column that bears the whole header as its name."""
    if len(opened.columns) == 1 and any(mark in opened.columns[0] for mark in ",;\t|"):
        raise SourceError(f"{described} is not one table: its rows do not have as many cells as its header.")
    return opened


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
    written = 0
    with gzip.open(packed, "rb") as source, plain.open("wb") as out:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > upload.most:
                raise _too_large(upload)
            out.write(block)


def _too_large(upload: Upload) -> SourceError:
    most = upload.most // _MEGABYTE
    return SourceError(f"The file '{upload.name}' grows beyond {most:,} MB when it is unpacked, and was not read.")


def _check_text(path: Path, name: str) -> None:
    """Text has no zero bytes, but for UTF-16, which says so in its first two."""
    with path.open("rb") as raw:
        first = raw.read(1 << 16)
    if b"\0" in first and not first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"The file '{name}' is not text; expected a table with a header and a row per line.")


def _check_parquet(path: Path, upload: Upload) -> None:
    """How large would it be? Asked of the file's own notes first, then of its texts."""
    import duckdb

    source = "'" + str(path).replace("'", "''") + "'"
    try:
        with duckdb.connect(config={"memory_limit": "1GB"}) as reader:
            _check_size(reader, source, upload)
            _check_texts(reader, source, upload)
    except duckdb.Error as error:
        first = str(error).partition("\n")[0].replace(str(path), upload.name)[:200]
        raise SourceError(f"The file '{upload.name}' is no Parquet file that can be read: {first}") from None


def _one(reader: Any, sql: str) -> tuple[Any, ...]:
    return reader.execute(sql).fetchone()


def _check_size(reader: Any, source: str, upload: Upload) -> None:
    bytes_, columns = _one(
        reader,
        "SELECT coalesce(sum(total_uncompressed_size), 0), count(DISTINCT path_in_schema) "
        f"FROM parquet_metadata({source})",
    )
    rows = _one(reader, f"SELECT coalesce(sum(num_rows), 0) FROM parquet_file_metadata({source})")[0]
    if bytes_ > upload.most:
        raise _too_large(upload)
    if rows * columns > _CELLS:
        raise SourceError(f"The file '{upload.name}' has {rows:,} rows of {columns:,} columns: too many.")


def _check_texts(reader: Any, source: str, upload: Upload) -> None:
    """A long text that is stored once and repeated in every row grows only when it is read."""
    from cxlab.data.engine import quote

    described = reader.execute(f"DESCRIBE SELECT * FROM read_parquet({source})").fetchall()
    texts = [row[0] for row in described if row[1] in ("VARCHAR", "BLOB")]
    if texts:
        total = " + ".join(f"coalesce(sum(octet_length({quote(name)}::BLOB)), 0)" for name in texts)
        if _one(reader, f"SELECT {total} FROM read_parquet({source})")[0] > upload.most:
            raise _too_large(upload)
