"""Kinds of files that only exports have: JSON lines and SPSS files."""

from pathlib import Path
from typing import Any

from cxlab.data.presets.record import Preset
from cxlab.errors import SourceError

__all__ = ["readable"]

_JSON = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")


def readable(preset: Preset, source: Any) -> Any:
    """What does an export's file become, so that it can be opened as a table?

    Args:
        preset: what the export is.
        source: a path, a glob, or any other source.

    Returns:
        SQL for JSON lines, a data frame for an SPSS file, every other source as it is.

    Raises:
        SourceError: the file cannot be read, or pyreadstat is not installed.
    """
    if not isinstance(source, (str, Path)):
        return source
    name = str(source).casefold()
    if name.endswith(_JSON):
        return _json(str(source))
    if name.endswith((".sav", ".zsav")):
        return _spss(Path(source))
    if preset.name == "spss_responses":
        raise SourceError(f"'{Path(source).name}' is no SPSS file; the preset 'spss_responses' reads .sav and .zsav.")
    return source


def _json(path: str) -> str:
    files = sorted(str(file) for file in Path(Path(path).anchor).glob(path.removeprefix(Path(path).anchor)))
    if not files:
        raise SourceError(f"No file '{path}' was found. Give a path or a glob.")
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"SELECT * FROM read_json([{listed}], maximum_depth=2, sample_size=-1, convert_strings_to_integers=false)"


def _spss(path: Path) -> Any:
    try:
        import pyreadstat
    except ImportError as error:
        raise SourceError(
            f"'{path.name}' is an SPSS file; reading it needs the package pyreadstat. Install it: pip install "
            f"pyreadstat"
        ) from error
    if not path.is_file():
        raise SourceError(f"No file '{path}' was found. Give the path of a .sav file.")
    try:
        frame, _ = pyreadstat.read_sav(str(path))
    except pyreadstat.ReadstatError as error:
        raise SourceError(f"'{path.name}' cannot be read as an SPSS file: {error}") from error
    return frame
