"""What a table holds, in a few numbers that are the same on every machine. `python -m tests.data.synthetic.digests`.

Ids, words, flags and times must agree to the last bit; decimals, whose last bits depend on how a machine computes a
logarithm, in their sum and in their sum weighted by place, to twelve digits.
"""

import json
import math
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd

from cxlab.data.synthetic import sample_company

CUSTOMERS, SEED = 1000, 20_260_701
STORED = Path(__file__).with_name("digests.json")


def of_table(table: pd.DataFrame) -> dict[str, object]:
    return {"rows": len(table), "columns": {name: of_column(table[name]) for name in table}}


def of_column(column: pd.Series) -> list[float] | int:
    if column.dtype.kind == "f":
        known = np.nan_to_num(column.to_numpy(dtype=float))
        return [math.fsum(known), math.fsum(known * (1 + np.arange(len(known))))]
    return crc32(exact(column))


def exact(column: pd.Series) -> bytes:
    if column.dtype.kind == "M":
        return column.astype("datetime64[us]").astype("int64").to_numpy().astype("<i8").tobytes()
    if column.dtype.kind in "iub":
        return column.astype("Int64").fillna(-1).to_numpy(dtype="<i8").tobytes()
    return "\x1f".join(column.fillna("\x00")).encode()


def found() -> dict[str, dict[str, object]]:
    company = sample_company(CUSTOMERS, seed=SEED)
    return {name: of_table(table) for name, table in company.items()}


if __name__ == "__main__":
    STORED.write_text(json.dumps(found(), indent=1) + "\n", encoding="utf-8")
