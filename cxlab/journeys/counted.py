"""What a funnel counts, in words: people, or what people did more than once."""

from typing import NamedTuple

from cxlab.wording import count

__all__ = ["PEOPLE", "Counted"]


class Counted(NamedTuple):
    """One of them, and many."""

    one: str
    many: str

    def number(self, n: float) -> str:
        """So many of them.

        Examples:
            >>> PEOPLE.number(1), PEOPLE.number(1200)
            ('1 person', '1,200 people')
        """
        return f"1 {self.one}" if n == 1 else f"{count(n)} {self.many}"


PEOPLE = Counted("person", "people")
