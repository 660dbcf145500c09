"""The steps of a funnel: each is one event, or any of several, and the properties that it must have."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cxlab.data import literal
from cxlab.errors import DataError, ParameterError, nearest
from cxlab.wording import sentence_list

__all__ = ["Condition", "Step", "parse_step", "parse_steps", "refuse_unseen", "step_number"]

_MOST = 30
_CONDITION = re.compile(r"\s*(.+?)\s*(!=|>=|<=|=|>|<)\s*(.+?)\s*")
_EITHER = {"=": "is", "!=": "is not", ">": "above", "<": "below", ">=": "at least", "<=": "at most"}


@dataclass(frozen=True)
class Condition:
    """A property that an event must have.

    Attributes:
        column: its column.
        sign: how it is compared.
        value: with what; a number where it is more than equal or not.
    """

    column: str
    sign: str
    value: str

    def sql(self, expression: str) -> str:
        """SQL: does the property, which is text, fulfil it?"""
        if self.sign in ("=", "!="):
            return f"{expression} IS NOT DISTINCT FROM {literal(self.value)}" if self.sign == "=" else (
                f"{expression} IS DISTINCT FROM {literal(self.value)}"
            )  # fmt: skip
        return f"coalesce(try_cast({expression} AS DOUBLE) {self.sign} {float(self.value)!r}, false)"

    def __str__(self) -> str:
        return f"{self.column} {_EITHER[self.sign]} {self.value}"


@dataclass(frozen=True)
class Step:
    """One step: the events that serve it, none for any event, and the properties they must have."""

    events: tuple[str, ...]
    where: tuple[Condition, ...] = ()

    @property
    def name(self) -> str:
        """The step in words."""
        called = sentence_list(self.events, "or") if self.events else "any event"
        return f"{called} ({sentence_list([str(one) for one in self.where])})" if self.where else called

    def sql(self, properties: Mapping[str, str]) -> str:
        """SQL: does an event serve this step?

        Args:
            properties: column -> how its text is called in the query.
        """
        named = [f"event IN ({', '.join(map(literal, self.events))})"] if self.events else []
        return " AND ".join([*named, *(one.sql(properties[one.column]) for one in self.where)])


def parse_steps(steps: object, seen: Collection[str] = ()) -> tuple[Step, ...]:
    """Which events make each step?

    Args:
        steps: names of events in their order; "a|b" or a list of names is either event; "a where plan=team" is one with
            that property, "* where plan=team" any event with it.
        seen: names of events in the data; a name that itself holds a bar or "where" is taken as it is.

    Returns:
        The steps.

    Raises:
        ParameterError: not a list of at least two names.

    Examples:
        >>> [step.name for step in parse_steps(["cart", "card|paypal", "thanks where amount>=10"])]
        ['cart', 'card or paypal', 'thanks (amount at least 10)']
    """
    if isinstance(steps, str) or not isinstance(steps, Sequence) or not 2 <= len(steps) <= _MOST:
        raise ParameterError(
            f"`steps` is {steps!r}; expected a list of two to {_MOST} names of events in their order, "
            "such as ['cart', 'purchase']."
        )
    return tuple(parse_step(step, seen, argument="steps") for step in steps)


def parse_step(step: object, seen: Collection[str], *, argument: str) -> Step:
    """Which events are meant?

    Args:
        step: one step as a user writes it.
        seen: names of events in the data.
        argument: name of the parameter, for the message.

    Raises:
        ParameterError: it is of another form.
    """
    conditions: tuple[Condition, ...] = ()
    if isinstance(step, str):
        called, where = (step, "") if step in seen else (f"{step} ".partition(" where ")[::2])
        conditions = tuple(_condition(text, argument) for text in where.split(" and ")) if where.strip() else ()
        called = called.strip() if called not in seen else called
        names = [called] if called in seen else [name.strip() for name in called.split("|")]
    else:
        names = list(step) if isinstance(step, (list, tuple)) else []
    if conditions and names == ["*"]:
        return Step((), conditions)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ParameterError(f"`{argument}` holds {step!r}; expected the name of an event, or 'a|b' for either of two.")
    return Step(tuple(dict.fromkeys(names)), conditions)


def _condition(text: str, argument: str) -> Condition:
    found = _CONDITION.fullmatch(text)
    if not found:
        raise ParameterError(
            f"`{argument}` holds the condition {text.strip()!r}; expected a column, a sign (=, !=, <, <=, >, >=) and a "
            "value, such as 'plan=team'; several are joined by 'and'."
        )
    column, sign, value = found.groups()
    if sign not in ("=", "!=") and not re.fullmatch(r"[+-]?\d+(\.\d+)?", value):
        raise ParameterError(f"`{argument}` compares {column!r} with {value!r} by '{sign}'; expected a number there.")
    return Condition(column, sign, value)


def step_number(reference: object, given: Sequence[object], steps: Sequence[Step], *, argument: str) -> int:
    """Which step is meant, from 1?

    Args:
        reference: a step as it stands in `steps`, its name, or its number.
        given: the steps as the user gave them.
        steps: the steps.
        argument: name of the parameter, for the message.

    Raises:
        ParameterError: no step, or several, are called so.
    """
    text = str(reference)
    pairs = enumerate(zip(given, steps, strict=True), 1)
    found = [number for number, (own, step) in pairs if text in (own, step.name)]
    if not found and text.isdigit() and 1 <= int(text) <= len(steps):
        return int(text)
    if len(found) == 1:
        return found[0]
    listed = sentence_list([repr(str(own)) for own in given])
    if found:
        numbers = sentence_list([str(number) for number in found])
        raise ParameterError(
            f"`{argument}` names {text!r}, which is step {numbers}; give the number of the one you mean."
        )
    raise ParameterError(
        f"`{argument}` names {text!r}, which is no step.{nearest(text, [str(own) for own in given])} "
        f"The steps are {listed}."
    )


def refuse_unseen(steps: Sequence[Step], seen: Collection[str]) -> None:
    """Is there anything to count? Refused where no event of any step is in the data.

    Args:
        steps: the steps.
        seen: names of events in the data.

    Raises:
        DataError: none of the events occurs.
    """
    names = [name for step in steps for name in step.events]
    if any(name in seen for name in names) or not all(step.events for step in steps):
        return
    some = ", ".join(f"'{name}'" for name in list(seen)[:8])
    raise DataError(
        f"None of the events in `steps` occurs in the data: {sentence_list([repr(n) for n in names])}."
        f"{nearest(names[0], seen)} Its most frequent events are {some}."
    )
