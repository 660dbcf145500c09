"""At which moment are people put into groups: before they could do anything, or after?"""

from cxlab.errors import ParameterError
from cxlab.results import Check

__all__ = ["attribution_check"]


def attribution_check(segment_at: object, segment: str, *, steps: int) -> Check:
    """Could how far somebody got have decided the group?

    Args:
        segment_at: "first", "last", or the number of a step, from 1.
        segment: the column.
        steps: how many steps there are.

    Returns:
        The check "segment_at", which fails where the value is taken after the start.

    Raises:
        ParameterError: it is none of these.

    Examples:
        >>> attribution_check("first", "channel", steps=3).passed, attribution_check(2, "channel", steps=3).passed
        (True, False)
    """
    step = isinstance(segment_at, int) and not isinstance(segment_at, bool)
    if segment_at not in ("first", "last") and not (step and 1 <= int(str(segment_at)) <= steps):
        raise ParameterError(
            f"`segment_at` is {segment_at!r}; expected 'first', 'last', or the number of a step from 1 to {steps}."
        )
    if segment_at in ("first", 1):
        return Check("segment_at", True, "info", f"Groups are those of “{segment}” at the first step.")
    where = "the last step each person reached" if segment_at == "last" else f"step {segment_at}"
    fewer = "" if segment_at == "last" else f" Who did not get to step {segment_at} is in no group."
    return Check(
        "segment_at", False, "warning",
        f"Groups are those of “{segment}” at {where}. How far somebody got decides the group, so groups may differ "
        f"without any reason in them.{fewer} For a comparison use segment_at='first'.",
    )  # fmt: skip
