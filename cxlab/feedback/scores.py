"""`cx.survey_scores`: NPS, CSAT and effort scores with honest intervals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cxlab.data import Table, as_table
from cxlab.errors import DataError, ParameterError, nearest
from cxlab.feedback.checks import refuse_foreign_scale, score_checks
from cxlab.feedback.contrasts import change, comparison, publishable_groups
from cxlab.feedback.estimates import distribution, score_table
from cxlab.feedback.groups import Groups, gather, wave_key
from cxlab.feedback.instruments import Instrument, Kind, instrument_of, parse_scale
from cxlab.feedback.responses import ALL, PERIODS, USUAL_CODES, Responses
from cxlab.feedback.sentences import Found, definitions, figures, headline, status
from cxlab.results import Result, publishable
from cxlab.wording import count

__all__ = ["ScoresResult", "survey_scores"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ScoresResult(Result):
    """Scores of a survey: one row per segment and wave; `comparison`, `change` and `distribution` beside it."""

    instrument: Instrument
    wave_names: Mapping[str, str] = field(default_factory=dict)
    wave_told: str | None = None

    @property
    def comparison(self) -> pd.DataFrame:
        """Each segment against the others, in the last wave."""
        return self.tables.get("comparison", pd.DataFrame({"segment": [], "reading": []}))

    @property
    def change(self) -> pd.DataFrame:
        """The last wave against the one before."""
        return self.tables.get("change", pd.DataFrame({"segment": [], "reading": []}))

    def _pictures(self) -> dict[str, Callable[[int], Any]]:
        from cxlab.feedback.pictures import score_pictures

        return score_pictures(self)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.feedback.display import score_display

        return score_display(self)


def survey_scores(
    data: Any,
    *,
    score: str = "score",
    kind: Kind = "nps",
    unit: str | None = None,
    segment: str | None = None,
    wave: str | None = None,
    time: str | None = None,
    scale: str | None = None,
    satisfied_from: int | None = None,
    sentinels: list[float] | None = None,
    confidence: float = 0.95,
) -> ScoresResult:
    """How satisfied are customers, how sure is that, and which groups differ?

    Args:
        data: one row per answer asked for: a table, data frame, path or SQL.
        score: column of the answers, whole numbers; empty where somebody did not answer.
        kind: the instrument: "nps" (0 to 10), "csat" (satisfaction), "ces1" (effort, low is good) or "ces2" (ease).
        unit: column of the customers; needed where somebody may answer more than once.
        segment: column of the groups to compare, such as the channel.
        wave: a column that names the wave, or "day", "week" or "month" of the column named in time.
        time: column of the moment of the answer, or of the asking.
        scale: lowest and highest answer, such as "1-7", or the column that stores them; None takes the usual scale.
        satisfied_from: the lowest answer that counts as satisfied, for "csat"; None takes the two highest answers.
        sentinels: codes that mean "no answer"; None takes the usual ones, such as -1, 98 and 99, [] takes none.
        confidence: level of the intervals, as a fraction.

    Returns:
        ScoresResult. Its table has one row per segment ("all" first) and wave: segment, wave, n (valid answers),
        missing, invalid, value (NPS in points, CSAT as a fraction, effort as a mean answer), ci_low, ci_high, codes,
        respondents, effective_n, mean and the counts of the three classes. `tables` holds "distribution", "comparison"
        (each segment against the others, Holm) and "change" (the last wave against the one before).

    Raises:
        DataError: no valid answer, an answer that is no number, answers of another scale, or scales mixed.
        ParameterError: an unknown kind, or a scale that the instrument does not have.

    Assumes:
        Independent customers who answered as those asked would; answers of one customer may depend on each other
        if unit is given.

    Source:
        Rocks 2016 (NPS intervals), Wilson 1927, Newcombe 1998, Dixon and others 2010 (CES); checked against the R
        packages NPS 1.1 and 2.0.999 and prop.test.

    Examples:
        >>> import pandas as pd
        >>> asked = pd.DataFrame({"score": [10] * 25 + [8] * 15 + [3] * 10 + [99, None, 11]})
        >>> result = survey_scores(asked)
        >>> result.table[["segment", "n", "missing", "invalid", "value"]]
          segment   n  missing  invalid  value
        0     all  50        2        1   30.0
        >>> print(result.headline)
        NPS is 30 (7 to 49). Of 100 answers, 50 are promoters and 20 detractors.
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    table = as_table(data)
    _check(confidence, sentinels)
    instrument = instrument_of(kind, _scale(table, scale), satisfied_from)
    codes = USUAL_CODES if sentinels is None else tuple(sentinels)
    responses = Responses(table, instrument, score, unit, segment, _wave(table, wave, time), time, codes)
    return _result(responses, given, confidence)


def _check(confidence: float, sentinels: list[float] | None) -> None:
    if not 0 < confidence < 1:
        raise ParameterError(f"`confidence` is {confidence}; expected a fraction between 0 and 1, such as 0.95.")
    wrong = [code for code in sentinels or [] if isinstance(code, bool) or not isinstance(code, (int, float))]
    if wrong:
        raise ParameterError(
            f"`sentinels` has {wrong[0]!r}; expected numbers. Name words in cx.table(..., missing=[...])."
        )


def _wave(table: Table, wave: str | None, time: str | None) -> str | None:
    """The wave's column, or the period, where its time is known."""
    if wave is None or wave in table.columns or wave in table.roles:
        return wave
    if wave not in PERIODS:
        table_has = nearest(wave, [*PERIODS, *table.columns])
        raise ParameterError(
            f"`wave` is {wave!r}, which is no column; expected a column or 'day', 'week' or 'month'.{table_has}"
        )
    if time is None:
        raise ParameterError(
            f"`wave` is {wave!r}, but `time` names no column; give the column of the answers' moments."
        )
    return wave


def _scale(table: Table, scale: str | None) -> tuple[int, int] | None:
    """The scale that the text names, or the one that the column stores; more than one is refused."""
    named = None if scale is None else parse_scale(scale)
    if scale is None or named:
        return named
    relation = table.typed(scale=(scale, "text?"))
    stored = table.engine.rows(
        f"SELECT scale, count(*) FROM {relation} WHERE scale IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    if len(stored) != 1:
        told = ", ".join(f"{count(rows)} on {value}" for value, rows in stored[:5]) or "none"
        raise DataError(
            f"Column '{table.column(scale)}' holds {count(len(stored))} scales ({told}); answers on different scales "
            "are never pooled. Keep the rows of one scale."
        )
    found = parse_scale(stored[0][0])
    if found is None:
        raise DataError(
            f"Column '{table.column(scale)}' has {stored[0][0]!r}; expected a scale such as '1-5' or '0-10'."
        )
    return found


def _result(responses: Responses, given: dict[str, Any], confidence: float) -> ScoresResult:
    one, unit = responses.instrument, responses.unit is not None
    counts = responses.counts()
    refuse_foreign_scale(one, counts)
    groups = gather(responses, counts, confidence)
    keys = {wave: wave_key(responses, wave) for wave in groups.waves} if responses.wave else None
    table = score_table(one, groups.every, keys, unit=unit, confidence=confidence)
    shown = publishable(table)
    told = publishable_groups(shown, groups.every)
    compared = {
        "comparison": comparison(one, groups, told, confidence=confidence),
        "change": change(one, groups, told, confidence=confidence),
    }
    tables = {name: frame for name, frame in compared.items() if not frame.empty}
    found = _found(one, groups, table, shown, compared)
    note = responses.table.note(responses.time)
    return ScoresResult(
        analysis="survey_scores", title=one.question, headline=headline(found), status=status(found),
        figures=figures(found),
        table=table, tables=tables | {"distribution": distribution(one, groups.every, keys, unit=unit)},
        checks=score_checks(responses, counts, groups, shown, note.last), confidence=confidence, parameters=given,
        semantics=definitions(one, confidence=confidence, unit=responses.unit, compared=bool(tables)), data=note,
        scope=_scope(one, found), instrument=one,
        wave_names={} if keys is None else {keys[wave]: groups.names[wave] for wave in groups.waves},
        wave_told=None if keys is None else keys[groups.told],
    )  # fmt: skip


def _found(
    instrument: Instrument, groups: Groups, table: pd.DataFrame, shown: pd.DataFrame, compared: dict[str, pd.DataFrame]
) -> Found:
    last = groups.told
    place = next(i for i, group in enumerate(groups.every) if group.key == (last, ALL))
    enough = bool(shown["n"].notna().iloc[place]) and groups.every[place].n > 0
    return Found(instrument, table.iloc[place], compared["comparison"], compared["change"], groups.names[last], enough)


def _scope(one: Instrument, found: Found) -> str:
    when = f", {found.wave}" if found.wave else ""
    return f"{one.name}{when}, {count(found.level['n'])} answers" if found.enough else one.name
