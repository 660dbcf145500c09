"""The part of a live view that the page draws: what the kernel tells it, and what it may ask."""

import os
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from cxlab.publish.assets import page_style
from cxlab.publish.surface import surface
from cxlab.publish.upload import upload_limit

__all__ = ["View", "first_html", "first_widths", "new_view"]


class View(anywidget.AnyWidget):
    """The result as the page shows it; its script draws the pictures from the page's one Vega bundle."""

    _esm = Path(__file__).with_name("view.js")
    html = traitlets.Unicode().tag(sync=True)
    redrawn = traitlets.Bool().tag(sync=True)
    busy = traitlets.Unicode().tag(sync=True)
    address = traitlets.Unicode().tag(sync=True)
    until = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    settled = traitlets.Bool().tag(sync=True)
    served = traitlets.Bool().tag(sync=True)
    bundle = traitlets.Unicode().tag(sync=True)
    style = traitlets.Unicode().tag(sync=True)
    offers: Any = traitlets.List().tag(sync=True)
    own = traitlets.Unicode().tag(sync=True)
    ready = traitlets.Bool(True).tag(sync=True)
    limit = traitlets.Int().tag(sync=True)
    told = traitlets.Int().tag(sync=True)

    def tell(self, **state: Any) -> None:
        """Say all in one message, so that no number ever stands under a label or an address of another.

        Args:
            state: what is new; nothing is being computed any longer.
        """
        with self.hold_sync():
            for name, value in state.items():
                setattr(self, name, value)
            self.busy = ""
            self.told += 1


def new_view() -> View:
    """Which view fits the page that this kernel serves?

    Returns:
        One that brings its style along, or finds it in an app's page.
    """
    if surface() == "app":
        base = os.environ.get("VOILA_BASE_URL", "/").rstrip("/")
        return View(served=True, bundle=f"{base}/cxlab/drawing.js", limit=upload_limit())
    return View(style=page_style())


def first_html(view: View) -> str:
    """What does an app's page show before its scripts have come?

    Args:
        view: the live view that takes it over.

    Returns:
        HTML: the title and the end of the data for the page's head, then what the view shows.
    """
    told = f'<template class="cx-told" data-title="{escape(view.title)}" data-until="{escape(view.until)}"></template>'
    return told + view.html


def first_widths() -> tuple[str, ...]:
    """Which form of a picture will the page want first? It asks for the other one when this guess is wrong.

    Returns:
        "narrow" for a telephone, else "wide".
    """
    return ("narrow",) if "Mobi" in os.environ.get("HTTP_USER_AGENT", "") else ("wide",)
