"""Opening an app: cxlab beside Voila as it comes, Streamlit and Panel, on one job and in one run."""

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["visits"]


def visits(names: Sequence[str] = (), tell: Callable[[str, Any], None] = lambda *_: None) -> dict[str, dict[str, Any]]:
    """Visit each tool's server in turn.

    Args:
        names: which tools; () for all.
        tell: hears each tool's name and what was measured.

    Returns:
        Tool to what `visited` measures.
    """
    from benchmarks.visits.job import table_path
    from benchmarks.visits.measured import visited
    from benchmarks.visits.tools import TOOLS

    table_path()
    found = {}
    for tool in TOOLS:
        if not names or tool.name in names:
            found[tool.name] = visited(tool)
            tell(tool.name, found[tool.name])
    return found
