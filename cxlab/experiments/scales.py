"""Kinds of metrics for answers on a scale: net promoter score, best answers, order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cxlab.errors import ParameterError
from cxlab.experiments.kinds import refuse_options
from cxlab.experiments.metrics import Form, Metric

__all__ = ["Nps", "Ordinal", "TopBox"]

_ANSWERED = "no answer is no answer of 0; leave missing='drop'."


@dataclass(frozen=True, eq=False)
class Nps(Metric):
    """How high is the net promoter score: promoters (9 or 10) minus detractors (0 to 6), in points?

    Args:
        column: the column with an answer from 0 to 10.

    Examples:
        >>> Nps("score") == "nps('score')"
        True
    """

    column: str
    columns: ClassVar[tuple[str, ...]] = ("column",)
    kind: ClassVar[str] = "nps"
    reckoned: ClassVar[Form] = "mean"

    def __post_init__(self) -> None:
        """Refuse what a score cannot take."""
        super().__post_init__()
        refuse_options(
            self, zero=_ANSWERED, relative="a score that may be negative has no fraction; give points, such as 3."
        )

    @property
    def name(self) -> str:
        """The word in the column `metric`."""
        return f"{self.column} nps"

    @property
    def words(self) -> str:
        """What readers see."""
        return self.label or "net promoter score"


@dataclass(frozen=True, eq=False)
class TopBox(Metric):
    """Which share gave one of the best answers?

    Args:
        column: the column with an answer from 1 to `scale`.
        scale: the highest answer, 5 or 7 for instance.
        boxes: how many of the highest answers count.

    Examples:
        >>> TopBox("csat").words, TopBox("csat", scale=7, boxes=1).words
        ('gave 4 or 5 of 5 (csat)', 'gave 7 of 7 (csat)')
    """

    column: str
    scale: int = 5
    boxes: int = 2
    columns: ClassVar[tuple[str, ...]] = ("column",)
    kind: ClassVar[str] = "top_box"
    reckoned: ClassVar[Form] = "share"

    def __post_init__(self) -> None:
        """Refuse a scale without answers that do not count."""
        super().__post_init__()
        whole = all(isinstance(v, int) and not isinstance(v, bool) for v in (self.scale, self.boxes))
        if not whole or not 1 <= self.boxes < self.scale:
            raise ParameterError(
                f"top_box({self.column!r}) has scale={self.scale!r} and boxes={self.boxes!r}; expected whole numbers "
                "with 1 ≤ boxes < scale, such as scale=5, boxes=2."
            )
        refuse_options(self, zero=_ANSWERED)

    @property
    def least(self) -> int:
        """The lowest answer that counts."""
        return self.scale - self.boxes + 1

    @property
    def name(self) -> str:
        """The word in the column `metric`."""
        return f"{self.column} top {self.boxes} of {self.scale}"

    @property
    def words(self) -> str:
        """What readers see."""
        if self.label:
            return self.label
        between = {1: "", 2: f"{self.least} or "}.get(self.boxes, f"{self.least} to ")
        return f"gave {between}{self.scale} of {self.scale} ({self.column.replace('_', ' ')})"


@dataclass(frozen=True, eq=False)
class Ordinal(Metric):
    """How likely does one of the variant answer higher than one of the control, ties counted half?

    Args:
        column: the column with an answer on a scale: a number, or a word of `levels`.
        levels: the answers in words, lowest first; None where they are numbers.

    Examples:
        >>> str(Ordinal("effort", direction="lower", levels=("low", "high")))
        "ordinal('effort', direction='lower', levels=('low', 'high'))"
    """

    column: str
    levels: tuple[str, ...] | None = None
    columns: ClassVar[tuple[str, ...]] = ("column",)
    kind: ClassVar[str] = "ordinal"

    def __post_init__(self) -> None:
        """Refuse levels that are no list of words, and what an order cannot take."""
        super().__post_init__()
        if self.levels is not None:
            given = tuple(self.levels) if isinstance(self.levels, list | tuple) else ()
            if len(given) < 2 or len(set(given)) < len(given) or not all(isinstance(level, str) for level in given):
                raise ParameterError(
                    f"`levels` is {self.levels!r}; expected the answers in words, lowest first, each once, "
                    "such as ['bad', 'fair', 'good']."
                )
            object.__setattr__(self, "levels", given)
        refuse_options(
            self, zero=_ANSWERED, relative="a chance has no fraction of a control; give points, such as 0.05.",
            covariate="an order is not adjusted; use mean(…) with the covariate beside it.",
        )  # fmt: skip

    @property
    def name(self) -> str:
        """The word in the column `metric`."""
        return f"{self.column} order"

    @property
    def noun(self) -> str:
        """What is answered."""
        return self.label or self.column.replace("_", " ")

    @property
    def words(self) -> str:
        """What readers see."""
        return f"higher answers on {self.noun}"
