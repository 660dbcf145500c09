"""What a preset is: the columns that one tool's export has, and the roles they play."""

from dataclasses import dataclass
from html import escape

__all__ = ["Field", "Preset", "field"]


@dataclass(frozen=True)
class Field:
    """One role, and the names its column has in exports of the tool; a dot steps into a nested value."""

    role: str
    names: tuple[str, ...]
    tells: str
    needed: bool = False
    moment: bool = False


def field(role: str, names: str, tells: str, *, needed: bool = False, moment: bool = False) -> Field:
    """Write a field in one line.

    Args:
        role: the role's word.
        names: column names in the order they are tried, separated by "|".
        tells: what the column holds.
        needed: is the export refused without it?
        moment: may it be a number of seconds (or parts of them) since 1970?

    Returns:
        The field.
    """
    return Field(role, tuple(name.strip() for name in names.split("|")), tells, needed, moment)


@dataclass(frozen=True, repr=False)
class Preset:
    """What an export of one tool holds; printing it shows every role and the columns that are looked for."""

    name: str
    tool: str
    reads_as: str
    row: str
    fields: tuple[Field, ...]
    notes: tuple[str, ...] = ()
    no_data: str = ""

    def __repr__(self) -> str:
        heads = ("role", "column in the export", "needed", "what it is")
        rows = [heads, *self._rows()]
        wide = [max(len(row[i]) for row in rows) for i in range(3)]
        lines = ["  ".join([*(cell.ljust(w) for cell, w in zip(row[:3], wide, strict=True)), row[3]]) for row in rows]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join(
            [f"{self.name}: {self.tool}, {self.row}, read as {self.reads_as}", "", *lines, "", *notes]
        ).rstrip()

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [(f.role, " | ".join(f.names), "yes" if f.needed else "no", f.tells) for f in self.fields]

    def _repr_html_(self) -> str:
        rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in self._rows())
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return (
            f"<table><caption>{escape(self.name)}: {escape(self.tool)}, "
            f"{escape(self.row)}</caption><thead><tr><th>role</th>"
            f"<th>column in the export</th><th>needed</th><th>what it "
            f"is</th></tr></thead><tbody>{rows}</tbody></table><ul>{notes}</ul>"
        )
