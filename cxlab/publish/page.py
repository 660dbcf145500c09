"""A report's page: the executed notebook without its code, in our own frame."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cxlab.folders import folder
from cxlab.publish.assets import drawing_code, page_style
from cxlab.wording import count, date

if TYPE_CHECKING:
    from cxlab.publish.report import Job

__all__ = ["report_page"]


def report_page(job: "Job", notebook: Any, result: Mapping[str, Any]) -> str:
    """How does a report look as one file?

    Args:
        job: what was wanted.
        notebook: as it was executed.
        result: the report's JSON.

    Returns:
        HTML that asks for nothing outside itself.
    """
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="cxlab", extra_template_basedirs=[str(folder("templates") / "nbconvert" / "templates")],
        exclude_anchor_links=True,
    )  # fmt: skip
    return exporter.from_notebook_node(notebook, resources={"cxlab": frame_of(job, result)})[0]


def frame_of(job: "Job", result: Mapping[str, Any]) -> dict[str, Any]:
    """What stands around a result: the line on top, the title and the line at the foot of each page.

    Args:
        job: what was wanted.
        result: the report's JSON.

    Returns:
        What the template reads.
    """
    data = result["data"]
    until = f"Data until {date(data['to'])}" if data["to"] else ""
    words = [until, f"{count(data['rows'])} rows", f"data fingerprint {data['fingerprint']}"]
    return {
        "title": result["title"],
        "line": [word.rstrip(".") for word in (job.analysis.room, result.get("scope")) if word],
        "until": until,
        "foot": " · ".join(word for word in words if word),
        "style": page_style(),
        "code": drawing_code(),
    }
