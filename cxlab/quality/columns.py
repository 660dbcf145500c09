"""Which column plays which role: named by the user, by the table, or by a usual name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cxlab.data import Table, quote
from cxlab.quality.contracts import Contract, Role

__all__ = ["Column", "find_columns"]

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_FRACTIONS = ("FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class Column:
    """One column of the user's, the role it plays ("" for none) and how it is read."""

    name: str
    role: str
    kind: str
    type: str
    needed: bool = False
    may_be_empty: bool = True
    missing: tuple[str, ...] = ()

    @property
    def text(self) -> bool:
        """Is it stored as text, or as words of a closed list?"""
        return self.type == "VARCHAR" or self.listed

    @property
    def listed(self) -> bool:
        """Is it stored as words of a closed list, such as a data frame's categories?"""
        return self.type.startswith("ENUM")

    @property
    def whole(self) -> bool:
        """Is it stored as whole numbers?"""
        return self.type in _WHOLE

    @property
    def numeric(self) -> bool:
        """Is it stored as numbers?"""
        return self.whole or self.type.startswith(_FRACTIONS)

    @property
    def native_time(self) -> bool:
        """Is it stored as times or days?"""
        return self.type.startswith(("TIMESTAMP", "DATE"))

    @property
    def value(self) -> str:
        """SQL for the value, the words that the user declared as missing taken out (never of ids)."""
        plain = quote(self.name) + ("::VARCHAR" if self.listed else "")
        if self.type in ("DOUBLE", "FLOAT"):
            return f"(CASE WHEN isfinite({plain}) THEN {plain} END)"
        if not self.text or self.kind == "id" or not self.missing:
            return plain
        words = ", ".join("'" + word.replace("'", "''") + "'" for word in self.missing)
        return f"(CASE WHEN trim({plain}) NOT IN ({words}) THEN {plain} END)"


def find_columns(table: Table, contract: Contract, roles: Mapping[str, str]) -> tuple[Column, ...]:
    """Which column plays which role?

    Args:
        table: the table.
        contract: what it is read as.
        roles: role=column, as the user gave them.

    Returns:
        One record per column of the table; those without a role have the role "".

    Raises:
        DataError: the user named a column that is not there.
    """
    named = {**table.roles, **{role: table.column(column) for role, column in roles.items()}}
    taken = {column: role for role, column in named.items()}
    for role in contract.roles:
        if role.name not in taken.values():
            found = _usual(role, [c for c in table.columns if c not in taken])
            taken |= {found: role.name} if found else {}
    return tuple(_column(table, contract, name, taken.get(name, "")) for name in table.columns)


def _usual(role: Role, columns: list[str]) -> str | None:
    """The column that bears the role's own word or one of its usual names, in that order."""
    plain = {_plain(column): column for column in reversed(columns)}
    return next((plain[word] for word in map(_plain, (role.name, *role.names)) if word in plain), None)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _column(table: Table, contract: Contract, name: str, word: str) -> Column:
    role = contract.role(word)
    column = Column(name, word, "", table.types[name], missing=table.missing)
    if role is not None:
        return replace(column, kind=role.kind, needed=role.needed, may_be_empty=role.may_be_empty)
    return replace(column, kind=_kind(column))


def _kind(column: Column) -> str:
    if column.numeric:
        return "number"
    if column.native_time:
        return "other"
    return "text" if column.text else "other"
