"""Time before and after an exposure: by hand, and nothing of a person's time or event is lost or counted twice."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cxlab.stats.exposure_rows import exposure_rows


def told(rows):
    return list(zip(rows.of.tolist(), rows.start.tolist(), rows.stop.tolist(), rows.band.tolist(),
                    rows.happened.tolist(), strict=True))  # fmt: skip


def test_by_hand():
    held, happened = [10, 8, 6, 5, 7], [1, 0, 1, 1, 0]
    waited = [4, np.nan, 6, -2, 9]  # before the end; never; at the end; before the start; after the end
    assert told(exposure_rows(held, happened, waited)) == [
        (0, 0, 4, 0, False), (0, 4, 10, 1, True), (1, 0, 8, 0, False), (2, 0, 6, 0, True), (3, 0, 5, 1, True),
        (4, 0, 7, 0, False),
    ]  # fmt: skip


def test_days_since_the_exposure_by_hand():
    rows = exposure_rows([100, 40, 34, 50], [1, 1, 1, 1], [10, 10, 4, -35], edges=[30, 60])
    assert told(rows) == [
        (0, 0, 10, 0, False), (0, 10, 40, 1, False), (0, 40, 70, 2, False), (0, 70, 100, 3, True),
        (1, 0, 10, 0, False), (1, 10, 40, 1, True),  # the event on the last day of a band belongs to it
        (2, 0, 4, 0, False), (2, 4, 34, 1, True),
        (3, 0, 25, 2, False), (3, 25, 50, 3, True),  # exposed 35 days before the start
    ]  # fmt: skip


people = st.lists(
    st.tuples(st.integers(1, 400), st.booleans(), st.one_of(st.none(), st.integers(-100, 500))), min_size=1, max_size=30
)


@given(people, st.lists(st.integers(1, 300), max_size=3, unique=True).map(sorted))
def test_nothing_is_lost_and_nothing_counted_twice(drawn, edges):
    held, happened = (np.array([one[k] for one in drawn]) for k in (0, 1))
    waited = np.array([np.nan if one[2] is None else one[2] for one in drawn])
    rows = exposure_rows(held, happened, waited, edges=edges)
    length = rows.stop - rows.start
    assert (length > 0).all()
    assert np.array_equal(np.bincount(rows.of, length, minlength=len(held)), held)
    assert np.array_equal(np.bincount(rows.of, rows.happened, minlength=len(held)), happened.astype(float))
    after = np.bincount(rows.of, length * rows.exposed, minlength=len(held))
    expected = np.where(np.isnan(waited), 0, np.clip(held - np.maximum(waited, 0), 0, None))
    assert np.allclose(after, expected)
