"""What data was it: the note that every result carries."""

from dataclasses import dataclass

__all__ = ["DataNote"]


@dataclass(frozen=True)
class DataNote:
    """Rows, a fingerprint of the content, first and last moment (ISO text, None where no time is known)."""

    rows: int
    fingerprint: str
    first: str | None = None
    last: str | None = None
