"""Random numbers belong to a name: what is drawn for one table leaves every other as it is."""

import numpy as np

from cxlab.data.synthetic.seeds import stream


def test_one_name_gives_one_stream() -> None:
    assert np.array_equal(stream(1, "tickets").random(5), stream(1, "tickets").random(5))


def test_seed_name_and_part_each_give_another_stream() -> None:
    given = [(1, "tickets", 0), (2, "tickets", 0), (1, "surveys", 0), (1, "tickets", 1)]
    assert len({stream(*each).random() for each in given}) == 4


def test_the_numbers_stay_what_they_are() -> None:
    assert stream(1, "tickets").integers(10**9, size=3).tolist() == [595370276, 583639599, 323444676]
