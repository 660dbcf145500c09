"""The live view: a result drawn in the page, and the controls that change it."""

import os
from asyncio import TimerHandle, get_running_loop
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from cxlab.errors import CxlabError
from cxlab.publish.address import address_of, values_in
from cxlab.publish.answer import Answer, Question
from cxlab.publish.assets import drawing_code, page_style
from cxlab.publish.controls import Controls
from cxlab.publish.explorer import RESULT_TYPE
from cxlab.publish.messages import message_html, message_of
from cxlab.publish.register import Analysis
from cxlab.publish.surface import surface
from cxlab.wording import date

__all__ = ["Explorer", "View"]

_PAUSE = 0.12  # seconds without a further choice before computing


class View(anywidget.AnyWidget):
    """The result as the page shows it; its script draws the pictures from the page's one Vega bundle."""

    _esm = Path(__file__).with_name("view.js")
    html = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Unicode().tag(sync=True)
    address = traitlets.Unicode().tag(sync=True)
    until = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    settled = traitlets.Bool().tag(sync=True)
    served = traitlets.Bool().tag(sync=True)
    bundle = traitlets.Unicode().tag(sync=True)
    style = traitlets.Unicode().tag(sync=True)


class Explorer(ipywidgets.VBox):
    """A result under live controls: the last choice wins, and no old number stands beside a new label."""

    def __init__(self, analysis: Analysis, data: Any, values: dict[str, Any], *, query: str = "") -> None:
        """Compute the first answer and build the controls.

        Args:
            analysis: its line in the register.
            data: what the analysis reads.
            values: the notebook's settings.
            query: the address's settings, checked like any others.
        """
        usual = {one.name: one.default for one in analysis.own if not one.required}
        self._analysis, self._question, self._defaults = analysis, Question(analysis, data), usual | values
        self._waiting: TimerHandle | None = None
        self.answer: Answer | None = None
        self.view = _view()
        self.view.on_msg(self._answer)
        start, refused = self._start(query)
        self.controls = Controls(analysis.settings, data, start)
        super().__init__([self.view, self._settings()])
        self.add_class("cx-explorer")
        self.controls.observe(self._changed)
        self._show(start) if refused is None else self._refuse(refused)

    @property
    def result(self) -> Any:
        """The result that is shown, or None where a message stands in its place."""
        return None if self.answer is None else self.answer.result

    def _start(self, query: str) -> tuple[dict[str, Any], CxlabError | None]:
        try:
            return {**self._defaults, **values_in(query, self._analysis)}, None
        except CxlabError as error:
            return self._defaults, error

    def _settings(self) -> ipywidgets.Widget:
        main = [name for name in self._analysis.controls if name in self.controls.widgets]
        rest = [name for name in self.controls.widgets if name not in main]
        boxes = [_box([self.controls.widgets[name] for name in main], "cx-controls")]
        if rest:
            more = ipywidgets.Accordion([_box([self.controls.widgets[name] for name in rest], "cx-controls")])
            more.titles = ("More settings",)
            boxes.append(more)
        return _box(boxes, "cx-settings")

    def _changed(self, label: str) -> None:
        self.view.busy = f"Calculating {label.casefold()} …"
        if self._waiting is not None:
            self._waiting.cancel()
        try:
            self._waiting = get_running_loop().call_later(_PAUSE, self.recompute)
        except RuntimeError:  # no kernel, as in a test
            self.recompute()

    def recompute(self) -> None:
        """Answer again with what the controls hold now."""
        try:
            values = {**self._defaults, **self.controls.values()}
        except CxlabError as error:
            self._refuse(error)
        else:
            self._show(values)

    def _show(self, values: Mapping[str, Any]) -> None:
        try:
            answer = self._question.answer(values)
            html = answer.html(stills=False)
        except Exception as error:  # whatever it is, the reader gets a sentence and the controls stay
            if self.view.html == "" and not self.view.served:
                raise
            self._refuse(error)
            return
        self.answer, result = answer, answer.result
        until = f"Data until {date(result.data.last)}" if result.data.last else ""
        address = address_of(values, self._defaults)
        self._tell(html=html, address=address, until=until, title=result.title, settled=True)

    def _refuse(self, error: BaseException) -> None:
        self.answer = None
        self._tell(html=message_html(message_of(error)), until="")

    def _tell(self, **state: Any) -> None:
        """All in one message, so that no number ever stands under a label or an address of another."""
        with self.view.hold_sync():
            for name, value in state.items():
                setattr(self.view, name, value)
            self.view.busy = ""

    def _answer(self, _: Any, content: Mapping[str, Any], __: Any) -> None:
        """JupyterLab's page asks for the drawing code once; an app's page loads it by its address."""
        if content.get("ask") == "bundle":
            self.view.send({"bundle": drawing_code()})

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle = dict(super()._repr_mimebundle_(**kwargs))
        if self.answer is not None and not self.view.served:
            bundle["text/html"] = f"<style>{page_style()}</style>{self.answer.html()}"
            bundle[RESULT_TYPE] = self.answer.record()
        return bundle


def _view() -> View:
    if surface() == "app":
        return View(served=True, bundle=os.environ.get("VOILA_BASE_URL", "/").rstrip("/") + "/cxlab/drawing.js")
    return View(style=page_style())


def _box(children: list[Any], name: str) -> ipywidgets.Box:
    box = ipywidgets.Box(children)
    box.add_class(name)
    return box
