"""What is counted of a column in the one pass over the table, as SQL aggregates by name."""

from dataclasses import dataclass

from cxlab.quality.columns import Column

__all__ = ["MISSING_WORDS", "Tally", "has_offset", "measures", "number_of"]

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
    """How rows are counted: each as one, or as many as the column `weight` says.

    FILTER stops at the first part that is false: cheap tests stand before patterns.
    """

    weight: str = ""

    def where(self, condition: str) -> str:
        """Rows that fulfil a condition."""
        return (
            f"coalesce(sum({self.weight}) FILTER ({condition}), 0)" if self.weight else f"count(*) FILTER ({condition})"
        )

    def filled(self, value: str) -> str:
        """Rows that have a value."""
        return self.where(f"{value} IS NOT NULL")

    def mean(self, value: str) -> str:
        """Mean over the rows."""
        return f"sum({value} * {self.weight}) / {self.filled(value)}" if self.weight else f"avg({value})"

    def variance(self, value: str) -> str:
        """Mean squared distance from the mean."""
        if not self.weight:
            return f"var_pop({value}::DOUBLE)"
        return f"sum({value} * {value} * {self.weight}) / {self.filled(value)} - power({self.mean(value)}, 2)"


def measures(column: Column, tally: Tally) -> dict[str, str]:
    """Which aggregates tell what is wrong with this column?

    Args:
        column: the column.
        tally: how rows are counted.

    Returns:
        Name of the measure -> SQL aggregate.
    """
    if column.kind == "other":
        return {"present": tally.filled(column.value)} | (_edges(column.value) if column.type == "BOOLEAN" else {})
    if column.text:
        own = {"time": _of_time_text, "id": _of_text_ids}.get(column.kind, _of_number_text)
        return _of_text(column, tally) | own(column, tally)
    edge = f"({column.value} AT TIME ZONE 'UTC')" if "ZONE" in column.type else column.value
    found = {"present": tally.filled(column.value)} | _edges(edge)
    if column.numeric:
        found |= _of_numbers(column.value, column, tally) if column.kind != "id" else _of_number_ids(column, tally)
    return found


def _edges(value: str) -> dict[str, str]:
    return {"first": f"min({value})", "last": f"max({value})"}


def _of_text(column: Column, tally: Tally) -> dict[str, str]:
    value = column.value
    short = f"strlen({value}) <= {_LONGEST_WORD}"
    listed = ", ".join(f"'{word}'" for word in MISSING_WORDS)
    word = f"{short} AND lower(trim({value})) IN ({listed})"
    entity = f"contains({value}, '&') AND contains({value}, ';') AND regexp_matches({value}, '{_ENTITY}')"
    broken = f"strlen({value}) > length({value}) AND regexp_matches({value}, '{_BROKEN}')"
    return {
        "present": tally.filled(value), **_edges(value),
        "blank": tally.where(f"{short} AND trim({value}) = ''"),
        "words": tally.where(word), "word": f"min({value}) FILTER ({word})",
        "spaced": tally.where(f"starts_with({value}, ' ') OR ends_with({value}, ' ')"),
        "longest": f"max(strlen({value}))",
        **_with_example("entities", entity, value, _ENTITY, tally),
        **_with_example("broken", broken, value, rf"\S*({_BROKEN})\S*", tally),
    }  # fmt: skip


def _with_example(name: str, condition: str, value: str, pattern: str, tally: Tally) -> dict[str, str]:
    """The count, and only the fragment that shows it: free text may hold what must not leave the table."""
    fragment = f"regexp_extract({value}, '{pattern}')"
    return {name: tally.where(condition), f"{name}_example": f"min(CASE WHEN {condition} THEN {fragment} END)"}


def _of_number_text(column: Column, tally: Tally) -> dict[str, str]:
    value = column.value
    number = number_of(column)
    comma = (
        f"{value} < ':' AND contains({value}, ',') AND strlen({value}) <= 24 "
        f"AND regexp_full_match(trim({value}), '{_COMMA}')"
    )
    return {
        "numbers": tally.filled(number), "commas": tally.where(comma),
        "comma": f"min({value}) FILTER ({comma})", **_of_numbers(number, column, tally),
    }  # fmt: skip


def number_of(column: Column) -> str:
    """SQL for a column's finite number, NULL where there is none.

    Args:
        column: a column of text or numbers.

    Returns:
        The expression. What begins with a letter is not even tried: such text sorts after ":".
    """
    if not column.text:
        return column.value
    plain = f"TRY_CAST({column.value} AS DOUBLE)"
    return f"(CASE WHEN {column.value} < ':' AND isfinite({plain}) THEN {plain} END)"


def _of_numbers(number: str, column: Column, tally: Tally) -> dict[str, str]:
    whole = {} if column.kind != "score" else {"fractions": tally.where(f"{number} <> floor({number})")}
    return {
        "low": f"min({number})::DOUBLE", "high": f"max({number})::DOUBLE", "mean": tally.mean(number),
        "variance": tally.variance(number), **whole,
    }  # fmt: skip


def _of_number_ids(column: Column, tally: Tally) -> dict[str, str]:
    value = column.value
    beyond = f"abs({value}) >= {_EXACT}"
    odd = "0" if not column.whole else tally.where(f"{beyond} AND {value} % 2 <> 0")
    fractions = "0" if column.whole else tally.where(f"{value} <> floor({value})")
    return {"beyond": tally.where(beyond), "odd": odd, "fractions": fractions}


def _of_text_ids(column: Column, tally: Tally) -> dict[str, str]:
    value = column.value
    long = f"strlen({value}) BETWEEN 17 AND 20 AND regexp_full_match({value}, '[0-9]+')"
    power = (
        f"(contains({value}, 'E') OR contains({value}, 'e')) "
        f"AND regexp_full_match({value}, '[0-9]([.,][0-9]+)?[eE][+]?[0-9]+')"
    )
    listed = ", ".join(f"'{word}'" for word in _ID_WORDS)
    missing = f"strlen({value}) <= 4 AND {value} IN ({listed})"
    return {
        "words": tally.where(missing), "word": f"min({value}) FILTER ({missing})",
        "scientific": tally.where(power), "scientific_example": f"min({value}) FILTER ({power})",
        "decimal": tally.where(f"ends_with({value}, '.0') AND regexp_full_match({value}, '[0-9]+[.]0')"),
        "beyond": tally.where(long), "odd": tally.where(f"{long} AND NOT ends_with({value}, '00')"),
    }  # fmt: skip


def has_offset(value: str) -> str:
    """SQL: does a text end in Z, UTC, +02:00, +0200 or +02?

    Args:
        value: SQL for the trimmed text.

    Returns:
        The condition.
    """
    signs = " OR ".join(f"substr({value}, -{place}, 1) IN ('+', '-')" for place in (6, 5, 3))
    return f"(strlen({value}) > 10 AND ({signs} OR ends_with({value}, 'Z') OR ends_with({value}, 'UTC')))"


def _of_time_text(column: Column, tally: Tally) -> dict[str, str]:
    value = f"trim({column.value})"
    offset = has_offset(value)
    slashed = f"{_early_mark(value)} AND regexp_matches({value}, '{_SLASHED}')"
    first, second = (f"TRY_CAST(regexp_extract({value}, '^(\\d+)[-/.](\\d+)', {i}) AS INTEGER)" for i in (1, 2))
    zone = f"CASE WHEN ends_with({value}, 'Z') THEN 'Z' ELSE regexp_extract(substr({value}, -6), '[+-].*$') END"
    return {
        "offset": tally.where(offset), "offsets": f"count(DISTINCT CASE WHEN {offset} THEN {zone} END)",
        "clock": tally.where(f"strlen({value}) > 10"),
        "slashed": tally.where(slashed), "slashed_example": f"max({value}) FILTER ({slashed})",
        "day_first": tally.where(f"{slashed} AND {first} > 12"),
        "month_first": tally.where(f"{slashed} AND {second} > 12"),
        "day_first_example": f"max({value}) FILTER ({slashed} AND {first} > 12)",
        "month_first_example": f"max({value}) FILTER ({slashed} AND {second} > 12)",
        "compact": tally.where(f"strlen({value}) = 8 AND regexp_full_match({value}, '(19|20)\\d\\d[01]\\d[0-3]\\d')"),
        "epoch": tally.where(f"strlen({value}) IN (10, 13, 16) AND regexp_full_match({value}, '1\\d+')"),
    }  # fmt: skip


def _early_mark(value: str) -> str:
    """A mark at the second or third place, where an ISO date has digits."""
    return "(" + " OR ".join(f"substr({value}, {place}, 1) IN ('-', '/', '.')" for place in (2, 3)) + ")"
