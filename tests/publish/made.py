"""The project's own reports, made once for all tests that read them."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from cxlab.publish.batch import run_batch

PLAN = """
reports:
- analysis: ab_test
- analysis: cohort_retention
- analysis: journey_funnel
- analysis: journey_funnel
  name: wrong
  title: What happens to a report that fails?
  parameters: {unit: user}
"""


@cache
def made_reports() -> Path:
    """Folder of three reports on the samples and one that fails."""
    out = Path(tempfile.mkdtemp(prefix="cxlab-reports-"))
    atexit.register(shutil.rmtree, out, ignore_errors=True)
    plan = out / "reports.yml"
    plan.write_text(PLAN, encoding="utf-8")
    run_batch(plan, out=out, jobs=2)
    return out
