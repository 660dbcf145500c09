"""Groups of customers: the word for everybody, the word for a missing value, and what neither may be mixed with."""

from collections.abc import Iterable

from cxlab.errors import DataError

__all__ = ["ALL", "NOT_GIVEN", "refuse_total"]

ALL = "all"
NOT_GIVEN = "(not given)"


def refuse_total(groups: Iterable[object], column: str) -> None:
    """Is a group called like the row over everybody? Both would be added up as one.

    Args:
        groups: names of the groups in the data.
        column: the column that holds them, for the message.

    Raises:
        DataError: a group is called "all".

    Examples:
        >>> refuse_total(["app", "web"], "channel")
        >>> refuse_total(["app", "all"], "channel")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        cxlab.errors.DataError: Column 'channel' has a group called 'all', which is the name of the row ...
    """
    if ALL in groups:
        raise DataError(
            f"Column {column!r} has a group called {ALL!r}, which is the name of the row over everybody. "
            "Give the group another name, such as 'all channels', or choose another column."
        )
