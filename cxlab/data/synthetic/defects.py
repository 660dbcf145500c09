"""Faults put into a company on request, each counted: what a data check must find."""

from dataclasses import dataclass, replace

from cxlab.data.synthetic.company import Company
from cxlab.data.synthetic.fault_answers import ANSWER_FAULTS
from cxlab.data.synthetic.fault_forms import FORM_FAULTS
from cxlab.data.synthetic.fault_layouts import LAYOUT_FAULTS
from cxlab.data.synthetic.fault_logs import LOG_FAULTS
from cxlab.data.synthetic.fault_rows import ROW_FAULTS
from cxlab.data.synthetic.fault_values import VALUE_FAULTS, Faults, Inject
from cxlab.data.synthetic.seeds import stream
from cxlab.errors import ParameterError, choose

__all__ = ["DEFECTS", "Defect", "with_defects"]


@dataclass(frozen=True)
class Defect:
    """One fault.

    Attributes:
        table: where it is put in.
        column: the column that shows it.
        meaning: what is wrong, in words.
        inject: what puts it in.
    """

    table: str
    column: str
    meaning: str
    inject: Inject


_FAULTS: Faults = {**VALUE_FAULTS, **ANSWER_FAULTS, **ROW_FAULTS, **LOG_FAULTS, **FORM_FAULTS, **LAYOUT_FAULTS}
DEFECTS = {name: Defect(*parts) for name, parts in _FAULTS.items()}


def with_defects(company: Company, *names: str) -> Company:
    """What would a company look like whose data have these faults?

    Args:
        company: the company; it is left as it is.
        names: the faults, as in DEFECTS. Wrong values come first, then rows, then forms, in whatever order
            they are named.

    Returns:
        Another company; its `.defects` tells of each fault its table, column, meaning and number of rows.

    Raises:
        ParameterError: an unknown fault, or one whose table the company does not hold.

    Examples:
        >>> from cxlab.data.synthetic import sample_company
        >>> spoilt = with_defects(sample_company(300, tables=["assignments"]), "outlier")
        >>> spoilt.defects["outlier"]["rows"], spoilt.defects["outlier"]["column"]
        (1, 'revenue')
    """
    wanted = {choose("defects", name, DEFECTS) for name in names}
    tables, found = dict(company.tables), dict(company.defects)
    for name, defect in DEFECTS.items():
        if name in wanted:
            if defect.table not in tables:
                raise ParameterError(f"`defects` has '{name}', which is put into '{defect.table}'; add this table.")
            rng = stream(company.seed, f"defects.{name}")
            tables[defect.table], rows = defect.inject(tables[defect.table], rng)
            found[name] = {
                "table": defect.table, "column": defect.column, "rows": int(rows), "meaning": defect.meaning,
            }  # fmt: skip
    return replace(company, tables=tables, defects=found)
