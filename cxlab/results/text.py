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
        Verdict, headline, failed checks and the tables for readers.
    """
    lines = [result.title, ""]
    if result.decision is not None:
        lines += [result.decision.verdict.upper(), ""]
    lines += [result.headline]
    lines += [f"! {check.name}: {check.message}" for check in result.failed]
    if result.decision is None or result.decision.verdict != "broken":
        for caption, frame in result._display().items():
            lines += ["", caption, frame.to_string(index=False)]
    return "\n".join(lines)
