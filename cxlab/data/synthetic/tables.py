"""The company's tables by name: each is a function of one group of customers."""

from collections.abc import Callable

import pandas as pd

from cxlab.data.synthetic.assignments import assignments_table
from cxlab.data.synthetic.chunks import Chunk, Columns
from cxlab.data.synthetic.events import events_table
from cxlab.data.synthetic.experiments import experiments_table
from cxlab.data.synthetic.history import ticket_events_table
from cxlab.data.synthetic.identities import identity_map_table
from cxlab.data.synthetic.people import customers_table
from cxlab.data.synthetic.subscriptions import subscriptions_table
from cxlab.data.synthetic.surveys import surveys_table
from cxlab.data.synthetic.tickets import tickets_table
from cxlab.data.synthetic.transactions import transactions_table

__all__ = ["TABLES", "frame", "plain"]

TABLES: dict[str, Callable[[Chunk], Columns]] = {
    "customers": customers_table,
    "identity_map": identity_map_table,
    "events": events_table,
    "experiments": experiments_table,
    "assignments": assignments_table,
    "tickets": tickets_table,
    "ticket_events": ticket_events_table,
    "surveys": surveys_table,
    "transactions": transactions_table,
    "subscriptions": subscriptions_table,
}


def frame(name: str, chunk: Chunk) -> pd.DataFrame:
    """One table of one group, its text still as numbers in a list."""
    return pd.DataFrame(TABLES[name](chunk))


def plain(made: pd.DataFrame) -> pd.DataFrame:
    """The same table with its text written out."""
    coded = [name for name, kind in made.dtypes.items() if isinstance(kind, pd.CategoricalDtype)]
    return made.assign(**{name: made[name].astype("str") for name in coded})
