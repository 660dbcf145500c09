"""What was found about a table, as lines for a terminal."""

from collections.abc import Iterator

from cxlab.quality.faults import FAULTS
from cxlab.quality.result import WORDS, QualityResult
from cxlab.wording import count, share

__all__ = ["finding_lines"]


def finding_lines(found: QualityResult) -> Iterator[str]:
    """What was found, worst first, for a terminal?

    Args:
        found: what `check_data` found.

    Yields:
        Two lines per finding: what and where, then what it does and what to do.

    Examples:
        >>> import pandas as pd
        >>> from cxlab.quality import check_data
        >>> answers = pd.DataFrame({"response_id": range(60), "score": [9, 10, 8] * 19 + [7, 99, 99]})
        >>> next(finding_lines(check_data(answers, as_="survey_responses")))
        '! Act on: Codes that stand for missing in score, 2 rows (3.3%), such as 99'
    """
    for row in found.table.itertuples():
        mark = "-" if row.severity == "info" else "!"
        rows = "1 row" if row.rows == 1 else f"{count(row.rows)} rows"
        example = f", such as {row.example}" if row.example else ""
        title = FAULTS[str(row.finding)].title
        yield f"{mark} {WORDS[str(row.severity)]}: {title} in {row.column}, {rows} ({share(row.share)}){example}"
        yield f"    {row.effect} {row.advice}"
