"""What a notebook shows: an analysis's result, under what is wrong with the data it comes from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

from cxlab.publish.register import Analysis

if TYPE_CHECKING:
    from cxlab.quality import QualityResult

__all__ = ["Answer", "Asked", "Question"]


@dataclass(frozen=True)
class Answer:
    """A result, and what the data-quality report found; "short" is a line, "full" the whole report."""

    result: Any
    quality: "QualityResult | None" = None
    shown: str = "short"
    handled: tuple[str, ...] = ()

    def html(self, *, stills: bool = True, widths: Collection[str] = ("wide", "narrow")) -> str:
        """The page's fragment.

        Args:
            stills: draw still pictures.
            widths: which forms of each picture: "wide", "narrow" or both.

        Returns:
            HTML without page frame and style.
        """
        return f"{self._top(stills, widths)}{self.result.to_html(stills=stills, widths=widths)}"

    def _top(self, stills: bool, widths: Collection[str]) -> str:
        if self.quality is None:
            return ""
        from cxlab.quality.brief import brief_html, brief_sentence

        if self.shown == "short":
            return f'<div class="cx-result">{brief_html(self.quality, handled=self.handled)}</div>'
        line = escape(brief_sentence(self.quality, handled=self.handled))
        whole = f"<h2>The data</h2><p>{line}</p>{self.quality.to_html(stills=stills, widths=widths)}"
        return f'<div class="cx-result"><section class="cx-whole-data">{whole}</section><h2>The answer</h2></div>'

    def record(self) -> dict[str, Any]:
        """The result as a program reads it, with the findings about the data as `quality`.

        Returns:
            A mapping of plain values, ready for JSON.
        """
        return {**self.result.to_dict(), "quality": self._findings()}

    def _findings(self) -> dict[str, Any] | None:
        if self.quality is None:
            return None
        from cxlab.quality.brief import brief_sentence

        whole, names = self.quality.to_dict(), set(self.quality.table["finding"])
        return {
            "as": whole["parameters"]["as_"], "headline": brief_sentence(self.quality, handled=self.handled),
            "handled": [name for name in self.handled if name in names], "findings": whole["tables"]["table"],
        }  # fmt: skip


@dataclass
class Question:
    """An analysis on one table: answered anew for every choice, the table checked once for every reading of it."""

    analysis: Analysis
    data: Any
    _known: dict[tuple[tuple[str, str], ...], Any] = field(default_factory=dict)

    def answer(self, values: Mapping[str, Any]) -> Answer:
        """What does the data answer with these settings?

        Args:
            values: the analysis's parameters, and `quality`.

        Returns:
            The result with the findings about its data.
        """
        own = {name: value for name, value in values.items() if name != "quality" or not self.analysis.contract}
        result = self.analysis.function(self.data, **own)
        if not self.analysis.leads:
            result = replace(result, analysis=self.analysis.called)
        shown = values.get("quality", "short") if self.analysis.contract else "off"
        quality = None if shown == "off" else self._checked(own)
        return Answer(result, quality, shown, self.analysis.handled)

    def _checked(self, values: Mapping[str, Any]) -> Any:
        from cxlab.quality import check_data
        from cxlab.quality.contracts import CONTRACTS

        words = [role.name for role in CONTRACTS[self.analysis.contract].roles]
        roles = {word: values[word] for word in words if isinstance(values.get(word), str)}
        key = tuple(sorted(roles.items()))
        if key not in self._known:
            self._known[key] = check_data(self.data, as_=self.analysis.contract, **roles)  # type: ignore[arg-type]
        return self._known[key]


@dataclass
class Asked:
    """A question with its settings; answered once, and only when somebody needs the numbers themselves."""

    question: Question
    values: Mapping[str, Any]
    _answer: Answer | None = None

    def answer(self) -> Answer:
        """What does the data answer?

        Returns:
            The same each time.
        """
        if self._answer is None:
            self._answer = self.question.answer(self.values)
        return self._answer
