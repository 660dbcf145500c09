"""What the warm process does before it serves: imports, and a first use of what is slow when first used."""

import gc
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from cxlab.publish.deferred import defer_slow_imports

__all__ = ["LATER", "warm_up"]

# What a kernel must do itself: these start threads, or read the environment of the kernel.
LATER = ("cxlab.cli", "cxlab.publish.app", "cxlab.publish.server", "cxlab.publish.lab", "cxlab.publish.warm")
_FIRST = ("altair", "anywidget", "duckdb", "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell",
          "ipywidgets", "numpy.random", "pandas", "scipy.special")  # fmt: skip
_OTHERS = ("IPython.core.completer", "jedi", "pyarrow", "scipy.stats", "statsmodels.api")
_ONE = ("cxlab.publish.explorer", "cxlab.results.html", "cxlab.charts.offline", "cxlab.quality")


def warm_up(analysis: str | None = None) -> None:
    """Import what notebooks import, use it once, and put it where the garbage collector leaves it alone.

    Args:
        analysis: module of the one analysis that a single kernel will be asked for; what is not sure to be used is
            then left to that kernel. None: many kernels, of any kind.
    """
    defer_slow_imports()
    for name in (*_FIRST, *((*_ONE, analysis) if analysis else (*_OTHERS, *_ours()))):
        _import(name)
    _use()
    gc.collect()
    gc.freeze()


def _import(name: str) -> None:
    """What is not installed here is not needed here."""
    try:
        import_module(name)
    except ImportError:
        return


def _ours() -> list[str]:
    import cxlab

    names = [found.name for found in walk_packages(cxlab.__path__, "cxlab.") if found.name != "cxlab.__main__"]
    return [name for name in names if not name.startswith(LATER)]


def _use() -> None:
    """One chart and one table: Altair's schema and pandas' formatting are made at their first use."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame({"group": ["a", "b"], "value": [0.1, 0.2]})
    base = alt.Chart(frame).encode(x="value:Q", y=alt.Y("group:N", title=None), tooltip="value:Q")
    alt.layer(base.mark_bar(), base.mark_text(text="x")).properties(width=100).to_dict()
    frame.to_html()
    str(frame)


def threads() -> int:
    """How many threads does this process have? A fork takes only one of them along."""
    return len(list(Path("/proc/self/task").iterdir()))
