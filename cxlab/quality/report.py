"""`cx.check_data`: what is wrong with a table, how many rows, what it does to the answer, what to do."""

from collections.abc import Iterator
from typing import Any, Literal

import pandas as pd

from cxlab.data import DataNote, Table, as_table
from cxlab.errors import choose
from cxlab.quality.absent import absences
from cxlab.quality.amounts import amounts
from cxlab.quality.categories import categories
from cxlab.quality.contracts import CONTRACTS
from cxlab.quality.durations import durations
from cxlab.quality.faults import FAULTS
from cxlab.quality.finding import Finding
from cxlab.quality.groups import groups
from cxlab.quality.histories import histories
from cxlab.quality.identifiers import identifiers
from cxlab.quality.moments import with_moments
from cxlab.quality.money import money
from cxlab.quality.repeats import repeats
from cxlab.quality.result import QualityResult
from cxlab.quality.scales import scales
from cxlab.quality.subject import SCRATCH, Subject, examine
from cxlab.quality.texts import texts
from cxlab.quality.times import times
from cxlab.results import Check, Figure
from cxlab.wording import count, sentence_list, share

__all__ = ["check_data"]

As = Literal["events", "assignments", "survey_responses", "tickets", "transactions", "subscriptions", "customers"]
_EXAMINERS = (
    absences, repeats, identifiers, times, durations, histories, amounts, scales, money, groups, categories, texts,
)  # fmt: skip
_LEVELS = ("failure", "warning", "info")
_COLUMNS = ("finding", "severity", "column", "rows", "share", "example", "effect", "advice")
_METHOD = (
    "Nothing is repaired or removed: every finding is a count and an example.",
    "Act on: an analysis is refused or gives a wrong answer. Look at: the answer may be wrong. Know: how the table is.",
    "Test accounts and records that arrive late are part of a real company and are no finding.",
)


def check_data(data: Any, *, as_: As = "events", **roles: str) -> QualityResult:
    """What is wrong with this table, and what would it do to an answer?

    Args:
        data: a table, or any source that `cx.table` takes.
        as_: what a row is: an event, an assignment, a survey response, a ticket, a transaction,
        a subscription or a customer.
        roles: role=column, such as unit="user_id"; usual names are found without.

    Returns:
        A result whose table has one row per finding, worst first: finding, severity ("failure", "warning", "info"),
        column, rows, share (of all rows, 0 to 1), example, effect, advice.

    Raises:
        SourceError: the source cannot be read.
        DataError: a role names a column that is not there.
        ParameterError: `as_` is no kind of table.

    Assumes:
        One table at a time: that ids match those of other tables is not checked.

    Examples:
        >>> import pandas as pd
        >>> answers = pd.DataFrame({"response_id": range(60), "score": [9, 10, 8] * 19 + [7, 99, 99]})
        >>> found = check_data(answers, as_="survey_responses")
        >>> found.table[["finding", "column", "rows"]].values.tolist()
        [['sentinel_values', 'score', 2]]
    """
    contract = CONTRACTS[choose("as_", as_, CONTRACTS)]
    table = as_table(data)
    subject = with_moments(examine(table, contract, roles, pd.Timestamp.now("UTC").tz_localize(None)))
    found = _ranked(list(_look(subject)), subject.rows)
    checks = _checks(subject, found)
    return QualityResult(
        analysis="check_data", title=f"Can this table of {as_.replace('_', ' ')} carry an answer?",
        headline=_headline(found, checks, subject.rows), table=found, tables={"columns": _columns(subject)},
        checks=checks,
        parameters={"as_": as_, **_named(subject)}, semantics=(*_roles_read(subject), *_METHOD),
        figures=_figures(found, subject.rows),
        data=_note(subject), status="Look here" if found["severity"].isin(["failure", "warning"]).any() else "As usual",
        scope=f"{table.source}, {contract.row}",
    )  # fmt: skip


def _look(subject: Subject) -> Iterator[Finding]:
    for examiner in _EXAMINERS:
        yield from examiner(subject)
    for scratch in SCRATCH:  # the table lives on in a notebook; what was noted down for this look need not
        subject.table.engine.execute(f"DROP TABLE IF EXISTS temp.{scratch}")


def _ranked(found: list[Finding], total: int) -> pd.DataFrame:
    order = list(FAULTS)
    rows = [finding.row(FAULTS, total) for finding in found]
    rows.sort(
        key=lambda row: (_LEVELS.index(str(row["severity"])), order.index(str(row["finding"])), -int(str(row["rows"])))
    )
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _checks(subject: Subject, found: pd.DataFrame) -> tuple[Check, ...]:
    names = set(found["finding"])
    looked = [f for f in FAULTS.values() if f.name in names or f.concerns(subject.contract, subject.columns)]
    return tuple(_check(fault.name, found[found["finding"] == fault.name]) for fault in looked)


def _check(name: str, found: pd.DataFrame) -> Check:
    if found.empty:
        return Check(name, True, "info", "None found.")
    worst = found.iloc[0]
    others = f" Also in {sentence_list(list(found['column'].iloc[1:]))}." if len(found) > 1 else ""
    message = f"{count(worst['rows'])} rows ({share(worst['share'])}) in {worst['column']}. {worst['effect']}{others}"
    return Check(name, worst["severity"] == "info", worst["severity"], message)  # what is only to know fails nothing


def _headline(found: pd.DataFrame, checks: tuple[Check, ...], rows: int) -> str:
    titles = {level: _titles(found, level) for level in _LEVELS}
    if titles["failure"]:
        listed = sentence_list(titles["failure"][:3])
        more = f", and {count(len(titles['failure']) - 3)} more" if len(titles["failure"]) > 3 else ""
        first = f"Act on this before any analysis: {listed}{more}."
    else:
        first = f"No fault that forbids an analysis was found in {count(rows)} rows."
    if titles["warning"]:
        others = " and others" if len(titles["warning"]) > 3 else ""
        return f"{first} Look at: {sentence_list(titles['warning'][:3])}{others}."
    return first if len(found) else f"Nothing was found: {count(rows)} rows passed all {count(len(checks))} checks."


def _titles(found: pd.DataFrame, level: str) -> list[str]:
    names = dict.fromkeys(found.loc[found["severity"] == level, "finding"])
    return [FAULTS[name].title[0].lower() + FAULTS[name].title[1:] for name in names]


def _figures(found: pd.DataFrame, rows: int) -> tuple[Figure, ...]:
    act, look = ((found["severity"] == level).sum() for level in ("failure", "warning"))
    return (
        Figure(count(rows), "rows looked at"),
        Figure(count(act), "findings to act on"),
        Figure(count(look), "findings to look at"),
    )


def _named(subject: Subject) -> dict[str, str]:
    return {column.role: column.name for column in subject.columns if column.role}


def _roles_read(subject: Subject) -> tuple[str, ...]:
    known = [(column, subject.contract.role(column.role)) for column in subject.columns if column.role]
    return tuple(
        f"{column.role}: column '{column.name}'" + (f", {role.tells}." if role else ".") for column, role in known
    )


def _columns(subject: Subject) -> pd.DataFrame:
    rows = [
        {
            "column": column.name, "role": column.role, "read_as": column.kind, "stored_as": column.type,
            "present": subject.of(column, "present"), "missing": subject.rows - subject.of(column, "present"),
            "distinct": subject.counts.get((column.name, "distinct")),
        }
        for column in subject.columns
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _note(subject: Subject) -> DataNote:
    clock = next(
        (c for c in subject.kind("time") if c.role in (subject.contract.clock, "time", "created", "start")), None
    )
    first, last = (_iso(subject.of(clock, edge), subject.table) if clock else None for edge in ("earliest", "latest"))
    return DataNote(subject.rows, subject.table.fingerprint, first, last)


def _iso(moment: Any, table: Table) -> str | None:
    if not moment:
        return None
    return pd.Timestamp(moment).tz_localize("UTC").tz_convert(table.tz).isoformat(timespec="seconds")
