"""Where data enters: a source becomes a table whose columns are named by role and whose values are checked."""

from cxlab.data.contracts import Relation
from cxlab.data.durations import parse_duration
from cxlab.data.engine import Engine, quote
from cxlab.data.note import DataNote
from cxlab.data.tables import Table, as_table, table

__all__ = ["DataNote", "Engine", "Relation", "Table", "as_table", "parse_duration", "quote", "table"]
