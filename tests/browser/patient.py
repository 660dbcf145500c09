"""An analysis that takes its time: in Python, in the engine, or until its kernel is gone."""

import os
import signal
import time
from typing import Any, Literal

from tests.publish.toy import shares

ENDLESS = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3"


def patient(
    data: Any,
    *,
    pause: Literal["none", "python", "query", "killed"] = "none",
    order: Literal["name", "share"] = "share",
) -> Any:
    """How long does it take?

    Args:
        data: a table with variants.
        pause: where the time goes.
        order: sorted by name or by share.
    """
    if pause == "python":
        for _ in range(1200):
            time.sleep(0.05)
    elif pause == "query":
        data.engine.rows(ENDLESS)
    elif pause == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    return shares(data, segment="variant", order=order)
