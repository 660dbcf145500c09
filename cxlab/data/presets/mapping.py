"""An opened export becomes a table with roles: header rows left out, nested values and epoch numbers read."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cxlab.data.engine import Engine, quote
from cxlab.data.presets.record import Field, Preset
from cxlab.errors import DataError, nearest

__all__ = ["arrange"]

_ARRANGED = "arranged"
_STEP = re.compile(r"([^.[]*)(.*)")  # a column, then steps into it such as .contacts[0].id
_NUMBERS = ("BIGINT", "HUGEINT", "UBIGINT", "INTEGER", "DOUBLE")


@dataclass(frozen=True)
class _Found:
    """Where a role's value comes from: a column of the export, or an expression that becomes a column."""

    field: Field
    name: str
    expression: str = ""


def arrange(engine: Engine, preset: Preset, relation: str, given: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Which column of this export plays which role?

    Args:
        engine: what holds the export.
        preset: what the export should hold.
        relation: the export's SQL name.
        given: role=column, as the user gave them; they stand over the preset.

    Returns:
        The SQL name of the export with header rows left out and new columns added, and role -> column.

    Raises:
        DataError: a column that the preset needs is not there.
    """
    types = {row[0]: row[1] for row in engine.rows(f"DESCRIBE {relation}")}
    fields = [one for one in preset.fields if one.role not in given]
    found = [place for one in fields if (place := _find(engine, relation, types, one))]
    _refuse_a_near_miss(preset, types, fields, found)
    added = "".join(f", {place.expression} AS {quote(place.name)}" for place in found if place.expression)
    roles = {place.field.role: place.name for place in found}
    chosen = {**roles, **given}
    rows = f" WHERE NOT coalesce({_no_data(preset, chosen['id'])}, true)" if preset.no_data and "id" in chosen else ""
    engine.execute(f"CREATE VIEW {_ARRANGED} AS SELECT *{added} FROM {relation}{rows}")
    return _ARRANGED, chosen


def _no_data(preset: Preset, column: str) -> str:
    return preset.no_data.format(id=quote(column) + "::VARCHAR")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9$.]", "", name.casefold())


def _find(engine: Engine, relation: str, types: Mapping[str, str], wanted: Field) -> _Found | None:
    columns = {_plain(name): name for name in reversed(list(types))}
    for name in wanted.names:
        if _plain(name) in columns:
            return _as_moment(engine, relation, types, wanted, columns[_plain(name)])
        nested = _nested(types, columns, name)
        if nested and engine.rows(f"SELECT count({nested}) FROM {relation}")[0][0]:
            value = _inside(types, columns, name) or nested
            fresh = wanted.role + "_read" * (wanted.role in types)
            return _Found(wanted, fresh, _moment(value) if wanted.moment else value)
    return None


def _inside(types: Mapping[str, str], columns: Mapping[str, str], name: str) -> str:
    """A value of a STRUCT, read without a detour through JSON; "" where lists, JSON or text lie on the way."""
    outer, *steps = name.split(".")
    column = columns[_plain(outer.partition("[")[0])]
    if "[" in name or "JSON" in types[column] or not re.fullmatch(r"STRUCT\(.*\)", types[column]):
        return ""
    return ".".join(quote(step) for step in (column, *steps)) + "::VARCHAR"


def _nested(types: Mapping[str, str], columns: Mapping[str, str], name: str) -> str:
    """The value inside a JSON or STRUCT column, as text; "" where there is no such column."""
    outer, inner = _STEP.match(name).groups()  # type: ignore[union-attr]
    column = columns.get(_plain(outer), "")
    if not inner or not column or not (types[column] in ("JSON", "VARCHAR") or types[column].startswith("STRUCT")):
        return ""
    steps = re.sub(r"\.([^.[]+)", r'."\1"', inner)
    value = quote(column) if types[column] == "JSON" else f"to_json({quote(column)})"
    value = f"TRY_CAST({quote(column)} AS JSON)" if types[column] == "VARCHAR" else value
    return f"json_extract_string({value}, '${steps}')"


def _as_moment(engine: Engine, relation: str, types: Mapping[str, str], wanted: Field, column: str) -> _Found:
    """Numbers since 1970 become times in a column of their own; other times stay as they are."""
    name = quote(column)
    if not wanted.moment or not (types[column] in _NUMBERS or types[column] == "VARCHAR"):
        return _Found(wanted, column)
    digits = f"count(*) FILTER (regexp_full_match({name}::VARCHAR, '\\d{{9,16}}([.]\\d+)?'))"
    present, numbers = engine.rows(f"SELECT count({name}), {digits} FROM {relation}")[0]
    if not present or numbers < present:
        return _Found(wanted, column)
    fresh = wanted.role if wanted.role not in types else f"{wanted.role}_read"
    return _Found(wanted, fresh, _moment(name))


def _moment(value: str) -> str:
    """Seconds, thousandths or millionths since 1970, told apart by their size."""
    number = f"TRY_CAST({value} AS DOUBLE)"
    size = f"CASE WHEN {number} < 1e11 THEN 1e6 WHEN {number} < 1e14 THEN 1e3 ELSE 1 END"
    return f"make_timestamp(({number} * {size})::BIGINT)"


def _refuse_a_near_miss(preset: Preset, types: Mapping[str, str], fields: Iterable[Field], found: list[_Found]) -> None:
    have = {place.field.role for place in found}
    lacking = [one for one in fields if one.needed and one.role not in have]
    if not lacking:
        return
    missed = "; ".join(f"{one.role} ('{one.names[0]}'){_near(one, types)}" for one in lacking)
    fits = ", ".join(f"{place.field.role} = '{place.name}'" for place in found) or "none"
    advice = ", ".join(f'{one.role}="your column"' for one in lacking)
    raise DataError(
        f"This export does not fit the preset '{preset.name}': no column for {missed}. Columns that fit: {fits}. "
        f'Name the others, cx.table(..., preset="{preset.name}", {advice}), or choose another preset; '
        f'cx.preset("{preset.name}") shows what is expected.'
    )


def _near(wanted: Field, types: Mapping[str, str]) -> str:
    return next((near for name in (*wanted.names, wanted.role) if (near := nearest(name, types))), "")
