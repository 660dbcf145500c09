"""Where data enters: a source becomes a table whose columns are named by role and whose values are checked."""

from cxlab.data.contracts import Relation
from cxlab.data.durations import parse_duration
from cxlab.data.engine import Engine, literal, quote
from cxlab.data.groups import ALL, NOT_GIVEN, refuse_total
from cxlab.data.note import DataNote
from cxlab.data.tables import Table, as_table, table

__all__ = [
    "ALL", "NOT_GIVEN", "DataNote", "Engine", "Relation", "Table", "as_table", "literal", "parse_duration", "quote",
    "refuse_total", "table",
]  # fmt: skip
