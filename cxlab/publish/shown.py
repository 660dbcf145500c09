"""What a live view has answered: the last few answers at once again, and those that other visitors have asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cxlab.publish.answer import Answer, Asked, Question
from cxlab.publish.downloads import offers
from cxlab.publish.kept import Kept, Seen

__all__ = ["Answers", "Shown"]

_LAST = 8  # answers that are shown again at once


@dataclass(frozen=True)
class Shown:
    """What stands in the page, which question it answers, and the form its pictures have."""

    asked: Asked
    seen: Seen
    widths: tuple[str, ...]
    bare: bool = False  # its pictures are still to come


class Answers:
    """The answers to one question in the settings that were chosen so far."""

    def __init__(self, question: Question, kept: Kept | None, *, both: bool) -> None:
        """Begin without any.

        Args:
            question: the analysis on its table.
            kept: where visitors share answers, or None.
            both: draw pictures wide and narrow, whichever the page asks for.
        """
        self._question, self._kept, self._both = question, kept, both
        self._known: dict[tuple[str, tuple[str, ...]], Shown] = {}

    def shown(
        self, values: Mapping[str, Any], widths: tuple[str, ...], early: Callable[[Shown], None] | None = None
    ) -> Shown:
        """What does the page show with these settings?

        Args:
            values: the settings.
            widths: the form of the pictures that the page wants.
            early: hears the answer before its pictures are drawn, which takes several times as long.

        Returns:
            It; the numbers themselves are computed only when the page could not be had without them.
        """
        key = repr(sorted(values.items())), widths
        if key not in self._known:
            same = (one.asked for one in self._known.values() if one.asked.values == values)
            asked = next(same, None) or Asked(self._question, values)
            fresh = partial(self._fresh, asked, widths, early)
            seen = fresh() if self._kept is None else self._kept.seen(repr(key), fresh)
            self._known[key] = Shown(asked, seen, widths)
            for oldest in list(self._known)[:-_LAST]:
                del self._known[oldest]
        return self._known[key]

    def _fresh(self, asked: Asked, widths: tuple[str, ...], early: Callable[[Shown], None] | None) -> Seen:
        answer = asked.answer()
        if early is not None:
            early(Shown(asked, _seen(answer, ()), widths, bare=True))
        return _seen(answer, ("wide", "narrow") if self._both else widths)


def _seen(answer: Answer, widths: tuple[str, ...]) -> Seen:
    html = answer.html(stills=False, widths=widths)
    return Seen(html, answer.result.title, answer.result.data.last, offers(answer))
