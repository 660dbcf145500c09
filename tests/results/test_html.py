"""Tables of a page: words to the left, numbers to the right."""

import pandas as pd
import pytest

from cxlab.results.html import table_html


@pytest.mark.parametrize(
    ("cells", "right"),
    [(["2026 Q1", "2026 Q2"], False), (["2026-01", "2026-02"], False), (["2,026", "1"], True), (["+1 to +3"], True)],
)
def test_periods_are_words_and_numbers_stand_right(cells, right):
    page = table_html(pd.DataFrame({"a": cells, "b": cells}), "x")
    assert ('<td class="cx-right">' in page) == right
