"""A place is held by a page that is being made or is open; who went away makes room."""

import gc
from types import SimpleNamespace

import pytest

from cxlab.publish.places import Places


class Handler:
    """A request: finished or not, its visitor still on the line or not."""

    def __init__(self, *, finished=False, gone=False):
        self._finished = finished
        self.request = SimpleNamespace(connection=SimpleNamespace(stream=SimpleNamespace(closed=lambda: self.gone)))
        self.gone = gone


@pytest.fixture
def clock():
    return SimpleNamespace(now=0.0)


@pytest.fixture
def places(clock):
    return Places(lambda: clock.now)


def test_a_page_that_is_being_made_is_not_deserted_however_long_it_takes(places, clock):
    handler = Handler()
    places.take("one", handler)
    clock.now = 500
    assert (places.left(), places.deserted(15)) == ([], [])
    handler._finished, clock.now = True, 510
    assert places.deserted(15) == [], "its scripts have only begun to load"
    clock.now = 516
    assert places.deserted(15) == ["one"]


def test_a_visitor_who_hangs_up_early_leaves(places):
    handler = Handler()
    places.take("one", handler)
    handler.gone = True
    assert places.left() == ["one"]


def test_an_open_page_is_never_deserted_and_a_closed_one_after_a_while(places, clock):
    handler = Handler(finished=True)
    places.take("one", handler)
    places.count("one", 1)
    clock.now = 9000
    assert places.deserted(15) == []
    places.count("one", 0)
    assert places.deserted(15) == []
    clock.now = 9015
    assert places.deserted(15) == ["one"]


def test_the_longest_deserted_comes_first_and_who_has_ended_holds_nothing(places, clock):
    kept = [Handler(finished=True) for _ in range(3)]
    for second, name in enumerate(("a", "b", "c")):
        clock.now = second
        places.take(name, kept[second])
    places.count("a", 0)
    clock.now = 60
    assert places.deserted(1) == ["b", "a", "c"]
    places.free("b")
    assert places.deserted(1) == ["a", "c"]


def test_a_request_that_is_over_and_forgotten_counts_as_made(places, clock):
    places.take("one", Handler(finished=True))
    gc.collect()
    clock.now = 20
    assert (places.left(), places.deserted(15)) == ([], ["one"])
