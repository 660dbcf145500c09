"""The result in a terminal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxlab.results.record import Result

__all__ = ["result_text"]


def result_text(result: "Result") -> str:
    """How does the result read without colours and pictures?

    Args:
        result: the result.

    Returns:
        Verdict, headline, failed checks, the tables for readers, and what else can be asked of the result.
    """
    lines = [result.title, ""]
    if result.decision is not None:
        explored = " (exploratory)" if result.decision.exploratory else ""
        lines += [result.decision.verdict.upper() + explored, ""]
    lines += [result.headline]
    lines += [f"! {check.name}: {check.message}" for check in result.failed]
    if result.decision is None or result.decision.verdict != "broken":
        for caption, frame in result._display().items():
            lines += ["", caption, frame.to_string(index=False)]
    return "\n".join([*lines, "", _more(result)])


def _more(result: "Result") -> str:
    """What a newcomer may type next."""
    tables = [f".tables[{name!r}]" for name in result.tables]
    pictures = [f".chart({name!r})" for name in result.pictures]
    return "Go on: " + "  ".join([".table", *tables, *pictures, ".checks", ".to_html()", ".to_dict()"])
