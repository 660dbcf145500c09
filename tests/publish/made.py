"""The project's own reports, made once for all tests that read them."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from cxlab.publish.batch import run_batch
from cxlab.publish.register import ANALYSES

WRONG = """- analysis: journey_funnel
  name: wrong
  title: What happens to a report that fails?
  parameters: {unit: user}
"""


@cache
def made_reports() -> Path:
    """Folder of a report per analysis on its sample, and one that fails."""
    out = Path(tempfile.mkdtemp(prefix="cxlab-reports-"))
    atexit.register(shutil.rmtree, out, ignore_errors=True)
    plan = out / "reports.yml"
    sound = "".join(f"- analysis: {one.name}\n" for one in ANALYSES)
    plan.write_text(f"reports:\n{sound}{WRONG}", encoding="utf-8")
    run_batch(plan, out=out, jobs=2)
    return out
