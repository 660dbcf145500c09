"""`cx.table`: any source, opened once, with the user's columns mapped to roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pandas as pd

from cxlab.data.contracts import Relation, typed_relation
from cxlab.data.engine import Engine
from cxlab.data.known import Known, Opening, known_files
from cxlab.data.note import DataNote
from cxlab.data.presets import arrange, readable
from cxlab.data.presets import preset as preset_named
from cxlab.data.sources import RELATION, files_of, open_source
from cxlab.errors import DataError, ParameterError, nearest

__all__ = ["Table", "as_table", "private_table", "table"]


@dataclass(frozen=True)
class Table:
    """A source that has been opened: its columns, the roles they play and the engine that holds it."""

    engine: Engine = field(repr=False)
    source: str
    fingerprint: str
    rows: int
    types: Mapping[str, str] = field(repr=False)
    roles: Mapping[str, str]
    tz: str = "UTC"
    time_format: str | None = None
    missing: tuple[str, ...] = ()
    decimal: str = "."
    relation: str = RELATION

    @property
    def columns(self) -> tuple[str, ...]:
        """The source's own column names."""
        return tuple(self.types)

    def query(self, sql: str) -> pd.DataFrame:
        """Run SQL on the engine; the answer must be an aggregate of at most 100,000 rows."""
        return self.engine.query(sql)

    def column(self, name: str) -> str:
        """Which of the source's columns is meant by a role's word or a column's name?"""
        actual = self.roles.get(name, name)
        if actual in self.types:
            return actual
        listed = ", ".join(self.columns[:12]) + (", …" if len(self.columns) > 12 else "")
        raise DataError(
            f"{self.source} has no column '{actual}'.{nearest(actual, self.columns)} Its columns are: {listed}."
        )

    def typed(self, **columns: tuple[str, str]) -> Relation:
        """Select columns under their roles' names, every value checked; see `typed_relation`."""
        return typed_relation(self, columns)

    def local(self, expression: str) -> str:
        """SQL for the local time of a naive UTC time, in the table's time zone."""
        if self.tz == "UTC":
            return expression
        return f"(({expression} AT TIME ZONE 'UTC') AT TIME ZONE '{self.tz}')"

    def values(self, name: str, *, most: int = 50) -> list[str]:
        """The most frequent values of a column, as text; for choices in an app and for messages."""
        relation = self.typed(value=(name, "text?"))
        sql = f"SELECT value FROM {relation} WHERE value IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {most}"
        return [row[0] for row in self.engine.rows(sql)]

    def note(self, time: str | None = None) -> DataNote:
        """What data was this: rows, fingerprint, first and last moment of a time column."""
        first = last = None
        if time is not None:
            relation = self.typed(time=(time, "time?"))
            first, last = self.engine.rows(f"SELECT min(time), max(time) FROM {relation}")[0]
        zone = ZoneInfo(self.tz)
        return DataNote(self.rows, self.fingerprint, _iso(first, zone), _iso(last, zone))


def _iso(moment: Any, zone: ZoneInfo) -> str | None:
    if moment is None:
        return None
    return pd.Timestamp(moment).tz_localize("UTC").tz_convert(zone).isoformat(timespec="seconds")


def _zone(tz: str) -> ZoneInfo:
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ParameterError(f"`tz` is {tz!r}, which is no time zone.{nearest(tz, available_timezones())}") from None


def table(
    source: Any,
    *,
    preset: str | None = None,
    tz: str = "UTC",
    time_format: str | None = None,
    missing: Sequence[str] = (),
    decimal: Literal[".", ","] = ".",
    **roles: str,
) -> Table:
    """Which data is this, and which column plays which role?

    Args:
        source: a data frame, the path of a CSV or Parquet file, a glob of them, or a SQL query.
        preset: the tool that wrote the export, such as "zendesk_tickets"; `cx.preset(name)` shows what it maps.
        tz: time zone of times without an offset, and of days, weeks and months, such as "Europe/Berlin".
        time_format: form of times that are not ISO, such as "%d-%m-%Y %H:%M".
        missing: words that mean "no value", such as "NA" or "?"; ids are never treated so.
        decimal: the decimal mark of numbers in text files.
        roles: role=column, such as unit="user_id" or time="created_at"; nothing needs renaming.

    Returns:
        The opened table.

    Raises:
        SourceError: the source cannot be read.
        DataError: a role names a column that is not there, or there are no rows.
        ParameterError: the time zone is unknown.

    Examples:
        >>> import pandas as pd
        >>> visits = table(pd.DataFrame({"user_id": ["007", "NA"], "arm": ["a", "b"]}), unit="user_id", variant="arm")
        >>> visits.rows, visits.column("unit")
        (2, 'user_id')
    """
    _zone(tz)
    form = preset_named(preset) if preset is not None else None
    relation, chosen = RELATION, dict(roles)
    if form is None:
        engine, found = _opened(source, known_files(files_of(source)))
    else:
        engine = Engine()
        described, fingerprint = open_source(engine, readable(form, source))
        relation, chosen = arrange(engine, form, RELATION, roles)
        found = _described(engine, described, fingerprint, relation)
    opened = Table(
        engine, found.described, found.fingerprint, found.rows, MappingProxyType(found.types),
        MappingProxyType(chosen), tz, time_format, tuple(missing), decimal, relation,
    )  # fmt: skip
    for column in roles.values():
        opened.column(column)
    return opened


def _opened(source: Any, known: Known | None) -> tuple[Engine, Opening]:
    """The source in an engine; where it is known already, it waits until something is asked that is not."""
    found = known.opening() if known is not None else None
    if found is not None:
        return Engine(known=known, later=partial(_same, source, found)), found
    engine = Engine(known=known)
    found = _described(engine, *open_source(engine, source), RELATION)
    engine.opened()
    if known is not None:
        known.keep_opening(found)
    return engine, found


def _same(source: Any, before: Opening, engine: Engine) -> None:
    """Open what was seen before; numbers of another content must not stand beside the first ones."""
    described, fingerprint = open_source(engine, source)
    if fingerprint != before.fingerprint:
        raise DataError(f"{described} has changed since this page was opened. Load the page again to see its data.")


def _described(engine: Engine, described: str, fingerprint: str, relation: str) -> Opening:
    types = {row[0]: row[1] for row in engine.rows(f"DESCRIBE {relation}")}
    return Opening(described, fingerprint, engine.rows(f"SELECT count(*) FROM {relation}")[0][0], types)


def private_table(source: Any, *, tz: str = "UTC") -> Table:
    """Open a visitor's own file: nothing of it is kept for others.

    Args:
        source: as `table` takes it.
        tz: the time zone.

    Returns:
        The opened table.

    Raises:
        SourceError: the source cannot be read.
        DataError: there are no rows.
    """
    engine, found = _opened(source, None)
    return Table(
        engine, found.described, found.fingerprint, found.rows, MappingProxyType(found.types), MappingProxyType({}), tz
    )


def as_table(data: Any, **options: Any) -> Table:
    """Is this a table already? If not it is opened as a source.

    Args:
        data: a table, or any source that `table` takes.
        options: passed on to `table`.

    Returns:
        The table.

    Examples:
        >>> import pandas as pd
        >>> as_table(pd.DataFrame({"a": [1]})).rows
        1
    """
    return data if isinstance(data, Table) else table(data, **options)
