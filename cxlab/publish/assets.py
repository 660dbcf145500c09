"""What every page needs beside its content: the style sheet and the code that draws."""

from functools import cache

from cxlab.folders import folder

__all__ = ["drawing_code", "page_style"]


@cache
def page_style() -> str:
    """Which style sheet do all pages share?

    Returns:
        CSS of results and of the frame around them.
    """
    from cxlab.results.html import style

    return style() + (folder("templates") / "shell.css").read_text(encoding="utf-8")


@cache
def drawing_code() -> str:
    """Which code draws every picture of a page?

    Returns:
        JavaScript: Vega once, what finds the pictures, and what sorts the tables.
    """
    from cxlab.charts.offline import page_script, vega_bundle
    from cxlab.results.html import table_script

    return vega_bundle() + page_script() + table_script()
