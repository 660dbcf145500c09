"""The steps of a funnel: each is one event, or any of several."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cxlab.errors import DataError, ParameterError, nearest
from cxlab.wording import sentence_list

__all__ = ["Step", "parse_steps", "refuse_unseen"]

_MOST = 30


@dataclass(frozen=True)
class Step:
    """One step: the events that serve it, and how it is called."""

    events: tuple[str, ...]

    @property
    def name(self) -> str:
        """The step in words."""
        return sentence_list(self.events, "or")


def parse_steps(steps: object, seen: Collection[str] = ()) -> tuple[Step, ...]:
    """Which events make each step?

    Args:
        steps: names of events in their order; "a|b" or a list of names is either event.
        seen: names of events in the data; a name that itself holds a bar is taken as it is.

    Returns:
        The steps.

    Raises:
        ParameterError: not a list of at least two names.

    Examples:
        >>> [step.name for step in parse_steps(["cart", "card|paypal", "thanks"])]
        ['cart', 'card or paypal', 'thanks']
    """
    if isinstance(steps, str) or not isinstance(steps, Sequence) or not 2 <= len(steps) <= _MOST:
        raise ParameterError(
            f"`steps` is {steps!r}; expected a list of two to {_MOST} names of events in their order, "
            "such as ['cart', 'purchase']."
        )
    return tuple(_step(step, seen) for step in steps)


def _step(step: object, seen: Collection[str]) -> Step:
    if isinstance(step, str):
        names = [step] if step in seen else [name.strip() for name in step.split("|")]
    else:
        names = list(step) if isinstance(step, (list, tuple)) else []
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ParameterError(f"`steps` holds {step!r}; expected the name of an event, or 'a|b' for either of two.")
    return Step(tuple(dict.fromkeys(names)))


def refuse_unseen(steps: Sequence[Step], seen: Collection[str]) -> None:
    """Is there anything to count? Refused where no event of any step is in the data.

    Args:
        steps: the steps.
        seen: names of events in the data.

    Raises:
        DataError: none of the events occurs.
    """
    names = [name for step in steps for name in step.events]
    if any(name in seen for name in names):
        return
    some = ", ".join(f"'{name}'" for name in list(seen)[:8])
    raise DataError(
        f"None of the events in `steps` occurs in the data: {sentence_list([repr(n) for n in names])}."
        f"{nearest(names[0], seen)} Its most frequent events are {some}."
    )
