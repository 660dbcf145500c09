"""Work waits for its turn, in the order it came, but not behind long work."""

import asyncio

import pytest

from cxlab.publish.turns import Turns


def test_one_place_is_taken_in_the_order_of_arrival():
    told = []

    async def work(turns, name):
        async with turns.turn():
            told.append(name)
            await asyncio.sleep(0.01)
            told.append(name)

    async def all_at_once():
        turns = Turns(1)
        await asyncio.gather(*(work(turns, name) for name in "abc"))

    asyncio.run(all_at_once())
    assert "".join(told) == "aabbcc"


def test_nobody_waits_behind_long_work():
    async def behind():
        turns = Turns(1, patience=0.05)
        async with turns.turn():
            async with turns.turn():
                began = not turns._free._value
            return began, turns._free._value

    assert asyncio.run(behind()) == (True, 0), "the one who went ahead gives back no place that he never had"


@pytest.mark.parametrize("fault", [ValueError, asyncio.CancelledError])
def test_a_fault_gives_the_turn_on(fault):
    async def failing():
        turns = Turns(1, patience=5)
        with pytest.raises(fault):
            async with turns.turn():
                raise fault
        async with turns.turn():
            return True

    assert asyncio.run(failing())
