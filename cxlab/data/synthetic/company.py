"""A company whose truth is known: ten tables that join, and the effects that were put into them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cxlab.data.synthetic.chunks import chunks
from cxlab.data.synthetic.tables import TABLES, frame, plain
from cxlab.data.synthetic.truth import company_truth
from cxlab.errors import ParameterError, choose
from cxlab.wording import count

__all__ = ["LARGEST", "Company", "sample_company"]

SMALLEST, LARGEST, LARGEST_HELD = 300, 10_000_000, 300_000


@dataclass(frozen=True, eq=False, repr=False)
class Company(Mapping[str, pd.DataFrame]):
    """Tables by name, and what is true of them.

    Attributes:
        customers: how many customers there are.
        seed: the seed that it was made with.
        defects: what was broken on request: name -> table, column, rows and meaning; empty unless asked.
    """

    tables: dict[str, pd.DataFrame]
    customers: int
    seed: int
    defects: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[choose("table", name, self.tables)]

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    def __repr__(self) -> str:
        listed = [f"  {name:<14} {len(table):>10,} rows" for name, table in self.tables.items()]
        broken = f", defects: {', '.join(self.defects)}" if self.defects else ""
        return "\n".join([f"Company of {count(self.customers)} customers, seed {self.seed}{broken}", *listed])

    @property
    def truth(self) -> dict[str, Any]:
        """The effects that were put in, as a nested mapping of plain numbers and words."""
        return company_truth()


def sample_company(
    customers: int = 5000, *, seed: int = 1, tables: Sequence[str] = (), defects: Sequence[str] = ()
) -> Company:
    """What would my analysis find where the right answer is known?

    Args:
        customers: how many customers the company has, 300 to 300,000; `cxlab sample` writes more to files.
        seed: the same seed gives the same tables.
        tables: the tables wanted; all ten unless named.
        defects: faults to put in, by name as in `cxlab.data.synthetic.DEFECTS`; none unless named.

    Returns:
        A mapping of tables: customers, identity_map, events, experiments, assignments, tickets,
        ticket_events, surveys, transactions, subscriptions, with `.truth` and `.defects`. Times are in UTC.

    Raises:
        ParameterError: a size outside the bounds, an unknown table or an unknown defect.

    Assumes:
        Everything from 1 July 2024 to 30 June 2026 was recorded.

    Examples:
        >>> company = sample_company(300, tables=["customers", "tickets"])
        >>> list(company), len(company["customers"])
        (['customers', 'tickets'], 300)
        >>> company.truth["experiments"]["aa_check"]["effect"], company.defects
        (0.0, {})
    """
    checked_size(customers, LARGEST_HELD)
    names = [choose("tables", name, TABLES) for name in tables] or list(TABLES)
    held: dict[str, list[pd.DataFrame]] = {name: [] for name in names}
    for chunk in chunks(customers, seed):
        for name in names:
            held[name].append(plain(frame(name, chunk)))
    made = {name: pd.concat(parts, ignore_index=True) for name, parts in held.items()}
    company = Company(made, customers, seed)
    if not defects:
        return company
    from cxlab.data.synthetic.defects import with_defects

    return with_defects(company, *defects)


def checked_size(customers: int, largest: int) -> None:
    """Refuse a number of customers that cannot be made."""
    if not isinstance(customers, int) or isinstance(customers, bool) or not SMALLEST <= customers <= largest:
        more = "; `cxlab sample DIR` writes larger companies to files" if largest == LARGEST_HELD else ""
        raise ParameterError(
            f"`customers` is {customers!r}; expected a whole number from {count(SMALLEST)} to {count(largest)}{more}."
        )
