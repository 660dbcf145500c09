"""The live view: a result drawn in the page, and the controls that change it."""

from asyncio import TimerHandle
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from time import monotonic
from typing import Any

import ipywidgets

from cxlab.errors import CxlabError
from cxlab.publish.address import address_of, values_in
from cxlab.publish.answer import Answer, Asked, Question
from cxlab.publish.assets import drawing_code, page_style
from cxlab.publish.controls import Controls
from cxlab.publish.downloads import take
from cxlab.publish.explorer import RESULT_TYPE
from cxlab.publish.kept import kept_answers
from cxlab.publish.messages import message_html, message_of
from cxlab.publish.own import Own, look_at
from cxlab.publish.parameters import Parameter
from cxlab.publish.register import Analysis
from cxlab.publish.shown import Answers, Shown
from cxlab.publish.upload import Coming, Upload
from cxlab.publish.view import View, first_html, first_widths, new_view
from cxlab.publish.working import Worker, running_loop
from cxlab.wording import date

__all__ = ["Explorer", "View"]

_PAUSE = 0.12  # seconds without a further choice before computing
_READ = 0.2  # seconds in which an app's page leaves with its first answer, before its controls are made


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
        self._analysis, self._sample, self._usual = analysis, (data, usual | values), usual | values
        self._waiting: TimerHandle | None = None
        self._last_change, self._bare = -_PAUSE, False
        self._quiet = False  # controls that are put back ask for nothing
        self._widths, self._worker, self._packer = first_widths(), Worker(self._interrupt), Worker(lambda: None)
        self._asked: Asked | None = None
        self.view = new_view()
        self.view.on_msg(self._hear)
        self._coming = Coming(self.view.send, self.view.limit)
        super().__init__([self.view])
        self.add_class("cx-explorer")
        start, refused = self._start(query)
        self._read(data, self._usual, start, analysis.settings)
        self._show(start, self._settled(partial(self._compute, start))) if refused is None else self._refuse(refused)

    @property
    def answer(self) -> Answer | None:
        """The answer that is shown, or None where a message stands in its place."""
        return None if self._asked is None else self._asked.answer()

    @property
    def result(self) -> Any:
        """The result that is shown, or None where a message stands in its place."""
        return None if self._asked is None else self._asked.answer().result

    def _start(self, query: str) -> tuple[dict[str, Any], CxlabError | None]:
        try:
            return {**self._usual, **values_in(query, self._analysis)}, None
        except CxlabError as error:
            return self._usual, error

    def _read(
        self, data: Any, usual: Mapping[str, Any], start: Mapping[str, Any], settings: Sequence[Parameter]
    ) -> None:
        """From here on these data are asked, under controls that fit them."""
        self._data, self._usual = data, dict(usual)
        kept = kept_answers(self._analysis, data) if data is self._sample[0] else None
        self._answers = Answers(Question(self._analysis, data), kept, both=not self.view.served)
        self.controls = Controls(settings, data, start, self._changed)
        self._held = self.controls.texts()
        soon = self.view.served and len(self.children) == 1  # else somebody looks at them
        loop = running_loop() if soon else None
        self._furnish() if loop is None else loop.call_later(_READ, self._furnish)

    def _furnish(self) -> None:
        own = self._data is not self._sample[0]
        self.children = [self.view, self.controls.box(self._analysis.controls, own=own)]

    def _changed(self, label: str) -> None:
        if self._quiet:
            return
        if self.view.own and not self._worker.busy:
            self.controls.renew(self._data)
        if not self.view.ready:
            return
        self.view.busy = f"Calculating {label.casefold()} …"
        if self._waiting is not None:
            self._waiting.cancel()
        loop = running_loop()
        self._waiting = None if loop is None else loop.call_later(self._pause(), self.recompute)
        if loop is None:
            self.recompute()

    def _pause(self) -> float:
        """The first change is answered at once; of several in a row the last one."""
        before, self._last_change = self._last_change, monotonic()
        return _PAUSE if self._worker.busy or self._last_change - before < _PAUSE else 0.0

    def recompute(self) -> None:
        """Answer again with what the controls hold now."""
        self._waiting = None
        try:
            values = {**self._usual, **self.controls.values()}
        except CxlabError as error:
            self._give_up()
            self._refuse(error)
        else:
            self._work(partial(self._compute_aloud, values), partial(self._show, values))

    def _work(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """In a thread, so that the page can ask and cancel meanwhile."""
        if running_loop() is None:
            then(self._settled(work))
        else:
            self._worker.start(work, then)

    def _settled(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Exception as error:  # noqa: BLE001  told to the reader by whoever gets it
            return error

    def _compute(self, values: Mapping[str, Any]) -> Shown:
        return self._answers.shown(values, self._widths)

    def _compute_aloud(self, values: Mapping[str, Any]) -> Shown:
        """In the worker's thread: the answer is told as soon as it is known, its pictures follow."""
        return self._answers.shown(values, self._widths, self._early)

    def _early(self, found: Shown) -> None:
        self._worker.meanwhile(partial(self._show, found.asked.values, found))

    def _show(self, values: Mapping[str, Any], found: Shown | BaseException) -> None:
        if isinstance(found, BaseException):
            if self.view.html == "" and not self.view.served:
                raise found
            self._refuse(found)  # whatever it is, the reader gets a sentence and the controls stay
            return
        redrawn = self._asked is found.asked  # only its pictures are new
        self._asked, seen, self._bare = found.asked, found.seen, found.bare
        until = f"Data until {date(seen.last)}" if seen.last else ""
        address = "" if self.view.own else address_of(values, self._usual)
        self._held = self.controls.texts()
        self.view.tell(
            html=seen.html, redrawn=redrawn, address=address, until=until, title=seen.title, settled=True,
            offers=list(seen.offers),
        )  # fmt: skip
        if found.widths != self._widths:
            self._redraw()

    def _refuse(self, error: BaseException) -> None:
        self._asked, self._held = None, self.controls.texts()
        self.view.tell(html=message_html(message_of(error)), redrawn=False, until="", offers=[])

    def _redraw(self) -> None:
        """The same answer in the form that the page now wants."""
        asked = self._asked
        if asked is not None and not self._worker.busy and self._waiting is None:
            self._work(partial(self._compute, asked.values), self._redrawn)

    def _redrawn(self, found: Any) -> None:
        if isinstance(found, Shown):
            self._bare = False
            self.view.tell(html=found.seen.html, redrawn=True)

    def _wake(self) -> None:
        """Somebody reaches for a control: the table is opened before the question comes."""
        with suppress(Exception):  # whoever asks hears of it
            self._data.engine.wake()

    def _interrupt(self) -> None:
        engine = getattr(self._data, "engine", None)
        if engine is not None:
            engine.interrupt()

    def _give_up(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if self._worker.busy:
            self._worker.stop()

    def cancel(self) -> None:
        """Leave the answer that is shown, and let the controls say what it answers."""
        self._give_up()
        self.view.busy = ""
        self._quiet = True
        self.controls.put_back(self._held)
        self._quiet = False
        self.view.tell()
        if self._bare:  # its pictures were given up for the answer that is cancelled now
            self._redraw()

    def _hear(self, _: Any, content: Mapping[str, Any], pieces: Sequence[Any]) -> None:
        """What the page asks for; anything else is no business of ours."""
        ask = content.get("ask")
        if ask == "bundle":  # JupyterLab's page asks once; an app's page loads it by its address
            self.view.send({"bundle": drawing_code()})
        elif ask == "alive":
            self.view.send({"alive": True, "busy": bool(self.view.busy)})
        elif ask == "soon":
            Thread(target=self._wake, daemon=True, name="cxlab-wake").start()
        elif ask == "cancel":
            self.cancel()
        elif ask == "width":
            self._widths = ("narrow",) if content.get("narrow") else ("wide",)
            self._redraw()
        elif ask == "file" and self._asked is not None:
            self._pack(self._asked, str(content.get("kind")), str(content.get("name", "")))
        elif ask in ("begin", "piece", "calculate", "sample") and self.view.limit:
            self._own(ask, content, pieces)

    def _pack(self, asked: Asked, kind: str, name: str) -> None:
        own = bool(self.view.own)

        def work() -> Any:
            return take(asked.answer(), self._analysis, kind, name, own=own)

        try:
            self._packer.start(work, self._packed)
        except RuntimeError:
            self._packed(self._settled(work))

    def _packed(self, taken: Any) -> None:
        if isinstance(taken, BaseException):
            self.view.send({"file": "", "failed": message_of(taken)})
        else:
            self.view.send({"file": taken.name, "type": taken.kind}, [taken.text.encode()])

    def _own(self, ask: str, content: Mapping[str, Any], pieces: Sequence[Any]) -> None:
        try:
            if ask == "begin":
                self._coming.begin(str(content.get("name")), int(content.get("size", 0)))
            elif ask == "piece":
                self._look(self._coming.add(b"".join(bytes(piece) for piece in pieces)))
            elif ask == "calculate" and self.view.own:
                self.view.ready, self.view.busy = True, "Calculating with your data …"
                self.recompute()
            elif ask == "sample":
                self._back()
        except CxlabError as error:
            self._reject(error)

    def _look(self, upload: Upload | None) -> None:
        if upload is not None:
            self.view.busy = "Reading your data …"
            self._work(partial(look_at, upload, self._analysis), partial(self._looked, upload.name))

    def _looked(self, name: str, found: Own | BaseException) -> None:
        if isinstance(found, BaseException):
            self._reject(found)
            return
        self._asked = None
        self._read(found.data, found.values, found.values, self._analysis.own)
        self.view.tell(
            own=name, ready=False, html=found.html(), redrawn=False, until="", address="", settled=True, offers=[]
        )

    def _reject(self, error: BaseException) -> None:
        """The file is refused; what was shown before stays as it was."""
        self._coming.drop()
        self.view.send({"refused": message_html(message_of(error), title="This file was not taken.")})
        self.view.tell()

    def _back(self) -> None:
        data, values = self._sample
        self._give_up()
        self._read(data, values, values, self._analysis.settings)
        self.view.own, self.view.ready, self.view.busy = "", True, "Calculating with the sample …"
        self.recompute()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle = dict(super()._repr_mimebundle_(**kwargs))
        answer = None if self.view.served else self.answer
        if self.view.served:
            bundle["text/html"] = first_html(self.view)
        elif answer is not None:
            bundle["text/html"] = f"<style>{page_style()}</style>{answer.html()}"
            bundle[RESULT_TYPE] = answer.record()
        return bundle
