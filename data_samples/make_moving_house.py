"""Make moving_house.csv.gz: customers of an invented energy supplier report a move, online, by chat and by phone.

python data_samples/make_moving_house.py            write the table
python data_samples/make_moving_house.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np

CUSTOMERS, SEED, DAYS = 1_500, 21, 120
SIGN_IN_ERROR = 0.08
UPLOAD_ERROR = {"web": 0.06, "app": 0.20}  # each time that a contract is uploaded
RETRY, HARD_SEARCH, LONG_FORM = 0.6, 0.15, 0.10  # at once after an error; a search in vain; a form that takes long
GO_ON, AFTER_ERROR, AFTER_SEARCH = 0.92, 0.45, 0.60  # chance to stay for the next step
CONTACT = 0.45  # of those who leave before the end: ask for help within two days
PHONE, SOLVED = 0.7, 0.6  # else by chat; settled there
FIRST = np.datetime64("2026-01-05T00:00:00")

PATH = Path(__file__).with_name("moving_house.csv.gz")
Row = tuple[float, str, str]


class _Case:
    """One customer's move, event by event."""

    def __init__(self, draw: np.random.Generator, at: float, channel: str) -> None:
        self.draw, self.at, self.channel, self.rows = draw, at, channel, list[Row]()

    def do(self, event: str, channel: str = "", *, quick: bool = False, slow: bool = False) -> None:
        """One event; the next one comes some time later."""
        self.rows.append((self.at, event, channel or self.channel))
        usual = self.draw.lognormal(np.log(6 if quick else 300 if slow else 40), 0.3 if quick else 0.5)
        self.at += max(round(float(usual)), 1)

    def luck(self, chance: float) -> bool:
        """Does it happen?"""
        return bool(self.draw.random() < chance)

    def sign_in(self) -> bool:
        """Who does not get in leaves now and then."""
        self.do("sign_in", quick=True)
        while self.luck(SIGN_IN_ERROR):
            self.do("sign_in_error", quick=True)
            if not self.luck(0.85):
                return False
            self.do("sign_in")
        return True

    def search(self) -> bool:
        """A search in vain is done again and again."""
        if self.luck(0.4):
            self.do("search")
            return self.luck(GO_ON)
        if not self.luck(HARD_SEARCH / 0.6):
            return self.luck(GO_ON)
        for _ in range(int(self.draw.integers(3, 6))):
            self.do("search", quick=True)
        return self.luck(AFTER_SEARCH)

    def form(self) -> bool:
        """The form, and now and then back to the tariffs and to the form again."""
        self.do("tariffs")
        self.do("form", slow=self.luck(LONG_FORM))
        if self.luck(0.12):
            for event in ("tariffs", "form"):
                self.do(event, quick=True)
            return self.luck(0.75)
        return self.luck(GO_ON)

    def upload(self) -> bool:
        """The contract; an error costs many."""
        self.do("upload", quick=True)
        while self.luck(UPLOAD_ERROR[self.channel]):
            self.do("upload_error", quick=True)
            if not self.luck(AFTER_ERROR if not self.luck(RETRY) else 0.7):
                return False
            self.do("upload", quick=True)
        return self.luck(GO_ON)

    def go(self) -> list[Row]:
        """The whole case."""
        if all(step() for step in (self.sign_in, self.search, self.form, self.upload)):
            self.do("done")
        elif self.luck(CONTACT):
            self.at += float(self.draw.uniform(600, 2 * 86_400))
            own, channel = ("call", "phone") if self.luck(PHONE) else ("chat", "chat")
            self.do(own, channel)
            if self.luck(SOLVED):
                self.do("done", channel)
        return self.rows


def lines(customers: int = CUSTOMERS, seed: int = SEED) -> list[str]:
    """Who did what, when and where?

    Args:
        customers: how many customers.
        seed: of the random numbers.

    Returns:
        The rows as CSV, in order of time: customer_id, case_id, time, event, channel and customer_type.
    """
    draw, found, case = np.random.default_rng(seed), list[tuple[float, str]](), 0
    for number in range(1, customers + 1):
        kind = "business" if draw.random() < 0.25 else "private"
        for _ in range(1 + int(draw.random() < 0.2)):
            case += 1
            begin = float(draw.uniform(0, (DAYS - 4) * 86_400))
            rows = _Case(draw, begin, "app" if draw.random() < 0.4 else "web").go()
            for at, event, channel in rows:
                time = str(FIRST + np.timedelta64(int(at), "s")).replace("T", " ")
                found.append((at, f"H{number:04d},C{case:05d},{time},{event},{channel},{kind}"))
    return [line for _, line in sorted(found)]


def text(customers: int = CUSTOMERS, seed: int = SEED) -> str:
    """The file's content.

    Args:
        customers: how many customers.
        seed: of the random numbers.

    Returns:
        The table as CSV.
    """
    head = "customer_id,case_id,time,event,channel,customer_type"
    return "\n".join([head, *lines(customers, seed)]) + "\n"


def main(arguments: list[str]) -> int:
    """Write the table, or compare it.

    Args:
        arguments: `--check` compares instead of writing.

    Returns:
        0, or 1 where the table differs.
    """
    if "--check" in arguments:
        return int(gzip.decompress(PATH.read_bytes()).decode("utf-8") != text())
    PATH.write_bytes(gzip.compress(text().encode("utf-8"), mtime=0))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
