"""What is counted of a column in the one pass over the table, as SQL aggregates by name."""

from collections.abc import Iterable
from dataclasses import dataclass

from cxlab.data import quote
from cxlab.quality.columns import Column

__all__ = ["MISSING_WORDS", "Tally", "guarded", "has_offset", "measures", "number_of", "prepared"]

MISSING_WORDS = ("na", "n/a", "#n/a", "n.a.", "nan", "null", "(null)", "(blank)", "?", "-", "--", "undefined")
_ID_WORDS = ("NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "None", "?", "-")
_LONGEST_WORD = max(map(len, MISSING_WORDS))
_SLASHED = r"^\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})(\D|$)"
_COMMA = r"[+-]?\d{1,3}([. ]?\d{3})*,\d+"
_ENTITY = r"&(amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,5});"
# letters of UTF-8 read as another encoding: control codes, an accent before a sign, or two such pairs in a row
_BROKEN = "[\u0080-\u009f]|[ÂÃ][\u00a0-\u00bf]|â€|([ã-éÐÑ][¡-¿ŒœŠšŽžŸƒ–—‘’‚“”„†‡•…‰‹›€™]){2}|\ufffd"
_EXACT = 9007199254740992


@dataclass(frozen=True)
class Tally:
    """How rows are counted: each as one, or as many as the column `weight` says."""

    weight: str = ""

    def where(self, *conditions: str) -> str:
        """Rows that fulfil all conditions; the cheap ones stand first."""
        some = guarded(*conditions)
        return f"coalesce(sum({self.weight}) FILTER ({some}), 0)" if self.weight else f"count(*) FILTER ({some})"

    def filled(self, value: str) -> str:
        """Rows that have a value."""
        return self.where(f"{value} IS NOT NULL") if self.weight else f"count({value})"

    def distinct(self, value: str) -> str:
        """How many values there are: exactly where each stands once, about where it stands in every row."""
        return f"count({value})" if self.weight else f"approx_count_distinct({value})"

    def mean(self, value: str) -> str:
        """Mean over the rows."""
        return f"sum({value} * {self.weight}) / {self.filled(value)}" if self.weight else f"avg({value})"

    def variance(self, value: str) -> str:
        """Mean squared distance from the mean."""
        if not self.weight:
            return f"var_pop({value}::DOUBLE)"
        return f"sum({value} * {value} * {self.weight}) / {self.filled(value)} - power({self.mean(value)}, 2)"


def guarded(*conditions: str) -> str:
    """SQL that tries each condition only where those before it hold; AND would try all of them on every row.

    Args:
        conditions: the cheap ones first.

    Returns:
        The condition.
    """
    *cheap, whole = conditions
    for condition in reversed(cheap):
        whole = f"CASE WHEN {condition} THEN {whole} END"
    return whole


def measures(column: Column, tally: Tally) -> dict[str, str]:
    """Which aggregates tell what is wrong with this column?

    Args:
        column: the column.
        tally: how rows are counted.

    Returns:
        Name of the measure -> SQL aggregate over `prepared` rows.
    """
    if column.kind == "other" and not column.text:
        return {"present": tally.filled(column.value)} | (_edges(column.value) if column.type == "BOOLEAN" else {})
    if column.text:
        own = {"time": _of_time_text, "id": _of_text_ids}.get(column.kind, _of_number_text)
        return _of_text(column, tally) | own(column, tally)
    edge = f"({column.value} AT TIME ZONE 'UTC')" if "ZONE" in column.type else column.value
    found = {"present": tally.filled(column.value)} | _edges(edge)
    if column.numeric:
        found |= _of_numbers(column.value, column, tally) if column.kind != "id" else _of_number_ids(column, tally)
    return found


def prepared(columns: Iterable[Column], relation: str) -> str:
    """SQL for the rows of a relation with what several measures need worked out once.

    Args:
        columns: the columns that are measured.
        relation: where they stand.

    Returns:
        A parenthesised SELECT.
    """
    worked = [(c, _trimmed(c.value) if c.kind == "time" else number_of(c)) for c in columns if c.text]
    more = "".join(f", {sql} AS {_worked(column)}" for column, sql in worked if column.kind != "id")
    return f"(SELECT *{more} FROM {relation})"


def _trimmed(value: str) -> str:
    return f"(CASE WHEN starts_with({value}, ' ') OR ends_with({value}, ' ') THEN trim({value}) ELSE {value} END)"


def _worked(column: Column) -> str:
    return quote(f"{column.name}, read")


def _edges(value: str) -> dict[str, str]:
    return {"first": f"min({value})", "last": f"max({value})"}


def _of_text(column: Column, tally: Tally) -> dict[str, str]:
    value = column.value
    short = f"strlen({value}) <= {_LONGEST_WORD}"
    listed = ", ".join(f"'{word}'" for word in MISSING_WORDS)
    word = (short, f"lower(trim({value})) IN ({listed})")
    entity = (f"contains({value}, '&')", f"contains({value}, ';')", f"regexp_matches({value}, '{_ENTITY}')")
    broken = (f"strlen({value}) > length({value})", f"regexp_matches({value}, '{_BROKEN}')")
    return {
        "present": tally.filled(value), "distinct": tally.distinct(value),
        **(_edges(value) if tally.weight or column.kind != "text" else {}),
        "blank": tally.where(short, f"trim({value}) = ''"),
        "words": tally.where(*word), "word": f"min({value}) FILTER ({guarded(*word)})",
        "spaced": tally.where(f"starts_with({value}, ' ') OR ends_with({value}, ' ')"),
        "longest": f"max(strlen({value}))",
        "lines": tally.where(f"contains({value}, chr(10)) OR contains({value}, chr(13))"),
        **_with_example("entities", entity, value, _ENTITY, tally),
        **_with_example("broken", broken, value, f"({_BROKEN})+", tally),
    }  # fmt: skip


def _with_example(name: str, conditions: tuple[str, ...], value: str, pattern: str, tally: Tally) -> dict[str, str]:
    """The count, and only the letters that show it: the word around them may be a name."""
    fragment = guarded(*conditions, f"regexp_extract({value}, '{pattern}')")
    return {name: tally.where(*conditions), f"{name}_example": f"min({fragment}) FILTER ({guarded(*conditions)})"}


def _of_number_text(column: Column, tally: Tally) -> dict[str, str]:
    value, number = column.value, _worked(column)
    comma = (
        f"{value} < ':'", f"contains({value}, ',')", f"strlen({value}) <= 24",
        f"regexp_full_match(trim({value}), '{_COMMA}')",
    )  # fmt: skip
    return {
        "numbers": tally.filled(number), "commas": tally.where(*comma),
        "comma": f"min({value}) FILTER ({guarded(*comma)})", **_of_numbers(number, column, tally),
    }  # fmt: skip


def number_of(column: Column) -> str:
    """SQL for a column's finite number, NULL where there is none.

    Args:
        column: a column of text or numbers.

    Returns:
        The expression. What begins with a letter is not even tried: such text sorts after ":". The engine would
        read "1_000" as a thousand; nobody who writes an underscore into a cell is known to mean that.
    """
    if not column.text:
        return column.value
    plain = f"TRY_CAST({column.value} AS DOUBLE)"
    tried = guarded(f"{column.value} < ':'", f"NOT contains({column.value}, '_')", f"isfinite({plain})", plain)
    return f"({tried})"


def _of_numbers(number: str, column: Column, tally: Tally) -> dict[str, str]:
    money = {"below": tally.where(f"{number} < 0"), "zero": tally.where(f"{number} = 0")}
    return {
        "low": f"min({number})::DOUBLE", "high": f"max({number})::DOUBLE", "mean": tally.mean(number),
        "variance": tally.variance(number), **(money if column.role == "amount" else {}),
    }  # fmt: skip


def _of_number_ids(column: Column, tally: Tally) -> dict[str, str]:
    value = column.value
    beyond = f"abs({value}) >= {_EXACT}"
    odd = "0" if not column.whole else tally.where(beyond, f"{value} % 2 <> 0")
    fractions = "0" if column.whole else tally.where(f"{value} <> floor({value})")
    return {"beyond": tally.where(beyond), "odd": odd, "fractions": fractions}


def _of_text_ids(column: Column, tally: Tally) -> dict[str, str]:
    value = column.value
    long = (f"strlen({value}) BETWEEN 17 AND 20", f"regexp_full_match({value}, '[0-9]+')")
    power = (
        f"contains({value}, 'E') OR contains({value}, 'e')",
        f"regexp_full_match({value}, '[0-9]([.,][0-9]+)?[eE][+]?[0-9]+')",
    )
    listed = ", ".join(f"'{word}'" for word in _ID_WORDS)
    missing = (f"strlen({value}) <= 4", f"{value} IN ({listed})")
    return {
        "words": tally.where(*missing), "word": f"min({value}) FILTER ({guarded(*missing)})",
        "scientific": tally.where(*power), "scientific_example": f"min({value}) FILTER ({guarded(*power)})",
        "decimal": tally.where(f"ends_with({value}, '.0')", f"regexp_full_match({value}, '[0-9]+[.]0')"),
        "beyond": tally.where(*long), "odd": tally.where(*long, f"NOT ends_with({value}, '00')"),
    }  # fmt: skip


def has_offset(value: str) -> str:
    """SQL: does a text end in Z, UTC, +02:00, +0200 or +02?

    Args:
        value: SQL for the trimmed text.

    Returns:
        The condition.
    """
    signs = " OR ".join(f"substr({value}, -{place}, 1) IN ('+', '-')" for place in (6, 5, 3))
    tail = f"({signs} OR ends_with({value}, 'Z') OR ends_with({value}, 'UTC'))"
    return f"({guarded(f'strlen({value}) > 10', tail)})"


def _of_time_text(column: Column, tally: Tally) -> dict[str, str]:
    value = _worked(column)
    offset = has_offset(value)
    slashed = (_early_mark(value), f"regexp_matches({value}, '{_SLASHED}')")
    first, second = (f"TRY_CAST(regexp_extract({value}, '^(\\d+)[-/.](\\d+)', {i}) AS INTEGER)" for i in (1, 2))
    zone = f"CASE WHEN ends_with({value}, 'Z') THEN 'Z' ELSE regexp_extract(substr({value}, -6), '[+-].*$') END"
    day, month = (*slashed, f"{first} > 12"), (*slashed, f"{second} > 12")
    compact = (f"strlen({value}) = 8", f"regexp_full_match({value}, '(19|20)\\d\\d[01]\\d[0-3]\\d')")
    epoch = (f"strlen({value}) IN (10, 13, 16)", f"regexp_full_match({value}, '1\\d+')")
    return {
        "offset": tally.where(offset), "offsets": f"min({guarded(offset, zone)}) <> max({guarded(offset, zone)})",
        "clock": tally.where(f"strlen({value}) > 10"),
        "slashed": tally.where(*slashed), "slashed_example": f"max({value}) FILTER ({guarded(*slashed)})",
        "day_first": tally.where(*day), "month_first": tally.where(*month),
        "day_first_example": f"max({value}) FILTER ({guarded(*day)})",
        "month_first_example": f"max({value}) FILTER ({guarded(*month)})",
        "compact": tally.where(*compact), "epoch": tally.where(*epoch),
    }  # fmt: skip


def _early_mark(value: str) -> str:
    """A mark at the second or third place, where an ISO date has digits."""
    return "(" + " OR ".join(f"{value} LIKE '{place}{mark}%'" for place in ("_", "__") for mark in "-/.") + ")"
