"""What a table's columns are, in words for a data note; ids and rare values are counted, never named."""

import shlex
from typing import TYPE_CHECKING

from cxlab.data import quote
from cxlab.publish.register import Analysis
from cxlab.results import SMALLEST_GROUP
from cxlab.wording import count, share

if TYPE_CHECKING:
    from cxlab.data import Table
    from cxlab.quality.columns import Column

__all__ = ["columns_text", "quality_text"]

_FEW = 8
_HEAD = "| column | what it is here | what it holds | empty |\n|---|---|---|---|"


def columns_text(analysis: Analysis, table: "Table") -> str:
    """What are the columns of this table?

    Args:
        analysis: how the table is read.
        table: the table.

    Returns:
        A table in markdown, one row per column.
    """
    return "\n".join([_HEAD, *(_line(table, column, analysis) for column in _found(analysis, table))])


def _found(analysis: Analysis, table: "Table") -> tuple["Column", ...]:
    from cxlab.quality.columns import find_columns
    from cxlab.quality.contracts import CONTRACTS, Contract

    contract = CONTRACTS.get(analysis.contract) or Contract("", "", ())
    named = {role.name for role in contract.roles}
    given = {one.name: one.default for one in analysis.own if one.name in named and one.default in table.columns}
    return find_columns(table, contract, given)


def _line(table: "Table", column: "Column", analysis: Analysis) -> str:
    name = quote(column.name)
    text = f"nullif(trim({name}::VARCHAR), '')"
    rows, distinct = table.engine.rows(f"SELECT count({text}), count(DISTINCT {text}) FROM {table.relation}")[0]
    empty = "–" if rows == table.rows else share(1 - rows / table.rows)
    cells = (f"`{column.name}`", _tells(column, analysis), _holds(table, column, text, distinct), empty)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _tells(column: "Column", analysis: Analysis) -> str:
    from cxlab.quality.contracts import CONTRACTS

    role = CONTRACTS[analysis.contract].role(column.role) if analysis.contract else None
    return role.tells if role else ""


def _holds(table: "Table", column: "Column", text: str, distinct: int) -> str:
    if column.kind == "id":
        return f"{count(distinct)} different values"
    kinds = ("TIMESTAMP",) if column.kind == "time" else ("DOUBLE", "TIMESTAMP")
    span = next(filter(None, (_span(table, text, kind) for kind in kinds)), "")
    if span and (distinct > _FEW or column.kind == "time"):
        return f"{count(distinct)} different values, {span}"
    often = table.engine.rows(
        f"SELECT {text} FROM {table.relation} WHERE {text} IS NOT NULL "
        f"GROUP BY 1 HAVING count(*) >= {SMALLEST_GROUP} ORDER BY count(*) DESC, 1"
    )
    if distinct > _FEW or len(often) < distinct:
        return f"{count(distinct)} different values"
    return ", ".join(str(row[0]) for row in often)


def _span(table: "Table", text: str, kind: str) -> str:
    """From the least to the greatest, where every value can be read so."""
    value = f"try_cast({text} AS {kind})"
    sql = f"SELECT count({value}) = count({text}), min({value}), max({value}) FROM {table.relation}"
    whole, least, most = table.engine.rows(sql)[0]
    if not whole or least is None:
        return ""
    first, last = (f"{one:g}" if kind == "DOUBLE" else str(one).removesuffix(" 00:00:00") for one in (least, most))
    return f"{first} to {last}"


def quality_text(analysis: Analysis, table: "Table") -> str:
    """What is wrong with this table, in one paragraph?

    Args:
        analysis: how the table is read.
        table: the table.

    Returns:
        A sentence with counts, and the command that tells more; "" for an analysis without a kind of table.
    """
    if not analysis.contract:
        return ""
    from cxlab.quality import check_data
    from cxlab.quality.brief import brief_sentence

    roles = {one.role: one.name for one in _found(analysis, table) if one.role}
    found = check_data(table, as_=analysis.contract, **roles)  # type: ignore[arg-type]
    line = brief_sentence(found, handled=analysis.handled)
    told = f"cxlab check {shlex.quote(analysis.sample)} --as {analysis.contract}"
    return f"**Data quality:** {line}\nAll of it, from this folder: `{told}`."
