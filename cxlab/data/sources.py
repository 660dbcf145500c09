"""A source (data frame, file, glob, SQL) becomes a relation of the engine, every text kept as text."""

import codecs
import glob
import gzip
import hashlib
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from cxlab.data.engine import Engine, literal
from cxlab.errors import DataError, SourceError, nearest
from cxlab.folders import folder

__all__ = ["RELATION", "files_of", "open_source"]

RELATION = "source"
_TEXT = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_PARQUET = (".parquet", ".pq")
_BLOCK = 1 << 20


def open_source(engine: Engine, source: Any) -> tuple[str, str]:
    """Make the source known to the engine under one name.

    Args:
        engine: where it is opened.
        source: data frame, path, glob or SQL text.

    Returns:
        What the source is, in words, and a fingerprint of its content.

    Raises:
        SourceError: it cannot be read.
        DataError: it has no rows.
    """
    if isinstance(source, (str, Path)):
        described, fingerprint = _open_text(engine, str(source).strip())
    else:
        described, fingerprint = _open_frame(engine, source)
    if engine.rows(f"SELECT count(*) FROM {RELATION}")[0][0] == 0:
        raise DataError(f"{described} has columns but no rows; at least one row is needed.")
    return described, fingerprint


def files_of(source: Any) -> list[Path]:
    """Which files are read?

    Args:
        source: as `open_source` takes it.

    Returns:
        The files that a path or glob names; none for a data frame or SQL.

    Raises:
        SourceError: there is no such file, or it is of no known kind.
    """
    text = str(source).strip() if isinstance(source, (str, Path)) else ""
    return [] if not text or _is_sql(text) or "://" in text else _files(text)


def _is_sql(text: str) -> bool:
    return text[:7].casefold().startswith(("select ", "select\n", "with ", "from "))


def _open_text(engine: Engine, text: str) -> tuple[str, str]:
    if _is_sql(text):
        _create(engine, f"CREATE TABLE {RELATION} AS ({text.rstrip('; ')})", "The SQL query")
        return "The SQL query", _fingerprint_rows(engine)
    if "://" in text:
        raise SourceError(f"'{text}' is an address; cxlab opens files. Download the file first and give its path.")
    files = _files(text)
    name = f"The file '{files[0].name}'" if len(files) == 1 else f"The {len(files)} files of '{Path(text).name}'"
    if files[0].name.casefold().endswith(_PARQUET):
        _create(engine, f"CREATE VIEW {RELATION} AS SELECT * FROM read_parquet({_listed(files)})", name)
    else:
        _read_text_files(engine, files, name)
    return name, _fingerprint_files(files)


def _files(text: str) -> list[Path]:
    """The files that a path or glob names, in the working folder first, then among the samples."""
    bases = [Path()] if Path(text).is_absolute() else [Path(), folder("data_samples").parent]
    for base in bases:
        found = sorted(Path(p) for p in glob.glob(str(base / text), recursive=True) if Path(p).is_file())
        if found:
            return _known(found)
    raise SourceError(f"No file '{text}' was found.{_near_files(bases, text)} Give a path, a glob or a data frame.")


def _near_files(bases: list[Path], text: str) -> str:
    beside = [p.name for base in bases for p in (base / text).parent.glob("*") if p.is_file()]
    return nearest(Path(text).name, beside)


def _known(files: list[Path]) -> list[Path]:
    for file in files:
        if not file.name.casefold().endswith((*_TEXT, *_PARQUET)):
            raise SourceError(
                f"'{file.name}' is of no known kind; expected a name ending in .csv, .tsv, .txt (also .gz) or .parquet."
            )
        if file.stat().st_size == 0:
            raise SourceError(f"The file '{file.name}' is empty (0 bytes).")
    return files


def _listed(files: list[Path]) -> str:
    return "[" + ", ".join(literal(str(file)) for file in files) + "]"


def _create(engine: Engine, statement: str, name: str) -> None:
    try:
        engine.execute(statement)
    except duckdb.Error as error:
        raise SourceError(f"{name} cannot be read: {_plain(error)}") from error


def _plain(error: Exception) -> str:
    """The first sentence of the engine's message, without its advice on its own options and tables."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("Did you mean")]
    return " ".join(lines[:2])[:300]


def _read_text_files(engine: Engine, files: list[Path], name: str) -> None:
    """Read delimited text with every column as text; typing happens where a column's role is known."""
    statement = (
        "CREATE TABLE {relation} AS SELECT * FROM read_csv({files}, all_varchar=true, header=true, strict_mode=true)"
    )
    try:
        engine.execute(statement.format(relation=RELATION, files=_listed(files)))
    except duckdb.Error as error:
        if not any(word in str(error).casefold() for word in ("unicode", "utf-8", "utf8", "encod")):
            raise SourceError(f"{name} cannot be read: {_plain(error)}") from error
        with tempfile.TemporaryDirectory(prefix="cxlab-") as place:
            copies = [_as_utf8(file, Path(place) / f"{i}.csv") for i, file in enumerate(files)]
            _create(engine, statement.format(relation=RELATION, files=_listed(copies)), name)


def _as_utf8(file: Path, copy: Path) -> Path:
    """A copy of a file that is not UTF-8: UTF-16 by its mark, otherwise Windows-1252."""
    opened = gzip.open if file.name.endswith(".gz") else open
    with opened(file, "rb") as raw:
        marked = raw.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encoding = "utf-16" if marked else "cp1252"
    with (
        opened(file, "rt", encoding=encoding, errors="replace", newline="") as text,
        copy.open("w", encoding="utf-8", newline="") as out,
    ):
        while block := text.read(_BLOCK):
            out.write(block)
    return copy


def _open_frame(engine: Engine, frame: Any) -> tuple[str, str]:
    if isinstance(frame, pd.Series) or not hasattr(frame, "columns"):
        raise SourceError(f"The source is {type(frame).__name__!r}; expected a data frame, a path, a glob or SQL text.")
    if isinstance(frame, pd.DataFrame):
        frame = _plain_frame(frame)
    try:
        engine.register("frame", frame)
    except duckdb.Error:  # a reversed view, such as frame[::-1], has to be laid out anew
        engine.register("frame", frame.copy())
    engine.execute(f"CREATE VIEW {RELATION} AS SELECT * FROM frame")
    return "The data frame", _fingerprint_rows(engine)


def _plain_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with text names once each and no column of mixed types."""
    names = [str(column) for column in frame.columns]
    folded = [name.casefold() for name in names]
    twice = [name for name in names if folded.count(name.casefold()) > 1]
    if twice:
        raise SourceError(
            f"The data frame has the column {twice[0]!r} more than once (upper and lower case count as the same); "
            "rename one of them."
        )
    plain = frame.set_axis(names, axis=1).reset_index(drop=True)
    mixed = [c for c in names if plain[c].dtype == object and pd.api.types.infer_dtype(plain[c]).startswith("mixed")]
    texts = {c: plain[c].map(str, na_action="ignore").astype("str") for c in mixed}
    return plain.assign(**texts)


def _fingerprint_files(files: list[Path]) -> str:
    digest = hashlib.sha256()  # processors reckon it themselves, in less than half of the time of others
    for file in files:
        with file.open("rb") as raw:
            hashlib.file_digest(raw, lambda: digest)
    return digest.hexdigest()[:12]


def _fingerprint_rows(engine: Engine) -> str:
    total = engine.rows(f"SELECT sum(hash(t)::HUGEINT) FROM {RELATION} AS t")[0][0]
    return hashlib.blake2b(str(total).encode(), digest_size=6).hexdigest()
