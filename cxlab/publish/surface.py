"""Where does this code run: in a report, in an app or in JupyterLab?"""

import os
from typing import Literal

__all__ = ["VARIABLE", "Surface", "surface"]

Surface = Literal["report", "app", "lab"]
VARIABLE = "CXLAB_SURFACE"


def surface() -> Surface:
    """Which surface shows what this kernel computes?

    Returns:
        "report" under `run_report`, "app" under Voila, else "lab".

    Examples:
        >>> surface()
        'lab'
    """
    if os.environ.get(VARIABLE) == "report":
        return "report"
    return "app" if os.environ.get("SERVER_SOFTWARE", "").startswith("voila/") else "lab"
