"""The short form: one line on what is wrong with the data, above an answer; opened, it lists everything."""

from collections.abc import Collection
from html import escape

import pandas as pd

from cxlab.quality.faults import FAULTS
from cxlab.quality.result import WORDS, QualityResult
from cxlab.results.html import table_html
from cxlab.wording import count, sentence_list

__all__ = ["brief_html", "brief_sentence"]

_NAMED = 3
_LEVELS = {"failure": "Act on", "warning": "Look at"}


def brief_sentence(found: QualityResult, *, handled: Collection[str] = ()) -> str:
    """What is wrong with the data, in one line?

    Args:
        found: what `check_data` found.
        handled: findings that the answer below takes care of itself.

    Returns:
        Rows, then what to act on and to look at.

    Examples:
        >>> import pandas as pd
        >>> from cxlab.quality import check_data
        >>> answers = pd.DataFrame({"response_id": range(60), "score": [9, 10, 8] * 19 + [7, 99, 99]})
        >>> brief_sentence(check_data(answers, as_="survey_responses"), handled=["sentinel_values"])
        '60 rows, nothing to act on. Taken care of here: codes that stand for missing (2 rows).'
    """
    known = found.table["finding"].isin(list(handled))
    parts = [_part(_LEVELS[level], found.table[(found.table["severity"] == level) & ~known]) for level in _LEVELS]
    told = [part for part in parts if part]
    rows = f"{count(found.data.rows)} rows"
    first = f"{rows}. {' '.join(told)}" if told else f"{rows}, nothing to act on."
    cared = found.table[known & (found.table["severity"] != "info")]
    return f"{first} {_part('Taken care of here', cared)}".rstrip()


def _part(word: str, found: pd.DataFrame) -> str:
    return f"{word}: {_listed(found)}." if len(found) else ""


def _listed(found: pd.DataFrame) -> str:
    """The first few, each with its rows; the rest as a number."""
    first = found.head(_NAMED)
    named = [f"{_lower(name)} ({_rows(rows)})" for name, rows in zip(first["finding"], first["rows"], strict=True)]
    more = len(found) - len(first)
    return sentence_list([*named, f"{count(more)} more"] if more else named)


def _lower(name: str) -> str:
    title = FAULTS[name].title
    return title[0].lower() + title[1:]


def _rows(rows: int) -> str:
    return "1 row" if rows == 1 else f"{count(rows)} rows"


def brief_html(found: QualityResult, *, handled: Collection[str] = ()) -> str:
    """The one line as HTML; opened, it lists every finding and every check that found nothing.

    Args:
        found: what `check_data` found.
        handled: findings that the answer below takes care of itself.

    Returns:
        HTML without style; every value is escaped.
    """
    worst = [level for level in _LEVELS if (_open(found, handled)["severity"] == level).any()]
    kind = worst[0] if worst else "passed"
    line = f"<summary><b>Data:</b> {escape(brief_sentence(found, handled=handled))}</summary>"
    listed = table_html(_readable(found.table, handled), "What was found, worst first") if len(found.table) else ""
    return f'<details class="cx-data cx-data-{kind}">{line}{listed}<p>{escape(_passed(found))}</p></details>'


def _open(found: QualityResult, handled: Collection[str]) -> pd.DataFrame:
    return found.table[~found.table["finding"].isin(list(handled))]


def _readable(found: pd.DataFrame, handled: Collection[str]) -> pd.DataFrame:
    cared = [name in handled for name in found["finding"]]
    words = [
        "Taken care of" if done and level != "info" else WORDS[level]
        for done, level in zip(cared, found["severity"], strict=True)
    ]
    return pd.DataFrame({
        "Finding": [FAULTS[name].title for name in found["finding"]], "Reading": words,
        "Column": found["column"].astype(str), "Rows": [count(rows) for rows in found["rows"]],
        "What it does to the answer": found["effect"].astype(str), "What to do": found["advice"].astype(str),
    })  # fmt: skip


def _passed(found: QualityResult) -> str:
    names = set(found.table["finding"])
    fine = [check.name for check in found.checks if check.name not in names]
    listed = sentence_list([_lower(name) for name in fine])
    return f"Looked for and not found: {listed}. Nothing was repaired or removed." if fine else ""
