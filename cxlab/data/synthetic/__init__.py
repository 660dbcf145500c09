"""A company with known truth: every analysis can be tried where the right answer is known.

Make it:   sample_company (in memory), write_company (to Parquet, any size)
Spoil it:  with_defects, DEFECTS
Read it:   data_dictionary, COLUMNS, company_truth
"""

from cxlab.data.synthetic.company import Company, sample_company
from cxlab.data.synthetic.defects import DEFECTS, with_defects
from cxlab.data.synthetic.dictionary import COLUMNS, data_dictionary
from cxlab.data.synthetic.truth import company_truth
from cxlab.data.synthetic.writing import write_company

__all__ = [
    "COLUMNS", "DEFECTS", "Company", "company_truth", "data_dictionary", "sample_company", "with_defects",
    "write_company",
]  # fmt: skip
