"""A report's page: the executed notebook without its code, in our own frame."""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cxlab.folders import folder
from cxlab.publish.assets import drawing_code, page_style
from cxlab.wording import count, date

if TYPE_CHECKING:
    from cxlab.publish.jobs import Job

__all__ = ["report_page", "result_page"]

_made = threading.local()


def report_page(job: "Job", notebook: Any, result: Mapping[str, Any]) -> str:
    """How does a report look as one file?

    Args:
        job: what was wanted.
        notebook: as it was executed.
        result: the report's JSON.

    Returns:
        HTML that asks for nothing outside itself.
    """
    return _exported(notebook, frame_of(job.analysis.room, result))


def result_page(room: str, result: Mapping[str, Any], fragment: str) -> str:
    """How does a result that no notebook shows look as one file?

    Args:
        room: what stands first in the line on top.
        result: its JSON.
        fragment: its HTML.

    Returns:
        HTML that asks for nothing outside itself.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    shown = new_output("display_data", data={"text/html": fragment})
    notebook = new_notebook(cells=[new_markdown_cell(f"# {result['title']}"), new_code_cell(outputs=[shown])])
    return _exported(notebook, frame_of(room, result))


def _exported(notebook: Any, frame: Mapping[str, Any]) -> str:
    return _exporter().from_notebook_node(notebook, resources={"cxlab": frame})[0]


def _exporter() -> Any:
    """One for each thread: its templates are compiled once."""
    if not hasattr(_made, "exporter"):
        from nbconvert import HTMLExporter

        _made.exporter = HTMLExporter(
            template_name="cxlab", extra_template_basedirs=[str(folder("templates") / "nbconvert" / "templates")],
            exclude_anchor_links=True,
        )  # fmt: skip
    return _made.exporter


def frame_of(room: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """What stands around a result: the line on top, the title and the line at the foot of each page.

    Args:
        room: what stands first in the line on top.
        result: the report's JSON.

    Returns:
        What the template reads.
    """
    data = result["data"]
    until = f"Data until {date(data['to'])}" if data["to"] else ""
    words = [until, f"{count(data['rows'])} rows", f"data fingerprint {data['fingerprint']}"]
    return {
        "title": result["title"],
        "line": [word.rstrip(".") for word in (room, result.get("scope")) if word],
        "until": until,
        "foot": " · ".join(word for word in words if word),
        "style": page_style(),
        "code": drawing_code(),
    }
