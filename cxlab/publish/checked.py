"""A data-quality report as files: one page and one JSON, written whole or not at all."""

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cxlab.publish.page import result_page

if TYPE_CHECKING:
    from cxlab.quality import QualityResult

__all__ = ["write_check"]


def write_check(found: "QualityResult", out: Path, stem: str) -> Path:
    """Write what was found about a table.

    Args:
        found: what `check_data` found.
        out: the folder; made where missing.
        stem: the files' name without ending.

    Returns:
        The page; the JSON stands beside it.
    """
    record = found.to_dict()
    texts = {
        "html": result_page("Data", record, found.to_html()),
        "json": json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1) + "\n",
    }
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".cxlab-") as folder:
        for ending, text in texts.items():
            (Path(folder) / f"{stem}.{ending}").write_text(text, encoding="utf-8")
        for ending in texts:
            os.replace(Path(folder) / f"{stem}.{ending}", out / f"{stem}.{ending}")
    return out / f"{stem}.html"
