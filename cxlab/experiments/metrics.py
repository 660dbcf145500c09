"""What an experiment measures: shares, means and ratios, as values or as text."""

from __future__ import annotations

import ast
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Literal, TypeAlias

from cxlab.errors import ParameterError, choose, nearest
from cxlab.experiments.sizes import cap_share, size

__all__ = ["Mean", "Metric", "Proportion", "Ratio", "parse_metric", "parse_metrics", "size"]

_KINDS: dict[str, type[Metric]] = {}

Direction: TypeAlias = Literal["higher", "lower"]
Role: TypeAlias = Literal["primary", "secondary", "guardrail", "watched"]
Missing: TypeAlias = Literal["drop", "zero"]
Test: TypeAlias = Literal["superiority", "non-inferiority", "equivalence"]
Form: TypeAlias = Literal["share", "mean", "ratio", "distribution"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Metric:
    """One thing that is measured per unit, and how it enters the decision.

    Args:
        covariate: column with the same kind of value from before the experiment, or a list of columns known then; they
            sharpen the estimate.
        direction: "higher" or "lower": which way is better.
        role: "primary" decides; "secondary" is asked once every primary one passed; "guardrail" must not get worse by
            more than its margin; "watched" is shown.
        margin: largest harm that was agreed, in the metric's own size (0.01 is one point) or relative ("5%").
        minimum_effect: smallest gain the test was built for, in the same two forms.
        test: "superiority" asks for a gain, "non-inferiority" that nothing got worse by the margin or more,
            "equivalence" that it stayed within the margin both ways.
        missing: "drop" leaves units without a value out, "zero" counts them as 0.
        label: plain words for readers.
        measured_in: "€", "min" and the like; "%" for a ratio that is a share.
    """

    covariate: str | list[str] | None = None
    direction: Direction = "higher"
    role: Role = "primary"
    margin: float | str | None = None
    minimum_effect: float | str | None = None
    test: Test = "superiority"
    missing: Missing = "drop"
    label: str | None = None
    measured_in: str = ""
    columns: ClassVar[tuple[str, ...]] = ()
    kind: ClassVar[str] = ""
    reckoned: ClassVar[Form] = "distribution"

    def __init_subclass__(cls) -> None:
        """A kind is known by its word as soon as it is defined."""
        _KINDS[cls.kind] = cls

    def __post_init__(self) -> None:
        """Refuse what is not a choice, and a guardrail without its margin."""
        choose("direction", self.direction, ("higher", "lower"))
        choose("role", self.role, ("primary", "secondary", "guardrail", "watched"))
        choose("missing", self.missing, ("drop", "zero"))
        choose("test", self.test, ("superiority", "non-inferiority", "equivalence"))
        size("margin", self.margin)
        size("minimum_effect", self.minimum_effect)
        if self.role == "guardrail" and self.margin is None:
            raise ParameterError(
                f"The guardrail {self.name!r} has no margin; give the largest harm that was agreed, "
                "such as margin=0.01 (one point) or margin='5%' (relative)."
            )
        if self.test != "superiority" and self.margin is None:
            raise ParameterError(
                f"The {self.test} test of {self.name!r} has no margin; give the largest change that would not matter, "
                "such as margin=0.01 (one point) or margin='5%' (relative)."
            )

    @property
    def name(self) -> str:
        """The word in the column `metric`."""
        return " / ".join(str(getattr(self, column)) for column in self.columns)

    @property
    def form(self) -> Form:
        """How it is reckoned: as a share, a mean, a ratio of sums, or from the whole distribution."""
        return self.reckoned

    @property
    def parts(self) -> tuple[str, ...]:
        """The columns that are read per unit."""
        return tuple(str(getattr(self, column)) for column in self.columns)

    @property
    def words(self) -> str:
        """What readers see."""
        return self.label or self.name.replace("_", " ")

    @property
    def covariates(self) -> tuple[str, ...]:
        """The columns from before the experiment."""
        given = self.covariate
        return () if not given else (given,) if isinstance(given, str) else tuple(given)

    @property
    def sign(self) -> int:
        """1 where higher is better, else -1."""
        return 1 if self.direction == "higher" else -1

    def __str__(self) -> str:
        given = [repr(getattr(self, column)) for column in self.columns]
        options = [f for f in fields(self) if f.name not in self.columns and getattr(self, f.name) != f.default]
        named = [f"{option.name}={getattr(self, option.name)!r}" for option in options]
        return f"{self.kind}({', '.join(given + named)})"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, Metric | str) else NotImplemented

    def __hash__(self) -> int:
        return hash(str(self))


@dataclass(frozen=True, eq=False)
class Proportion(Metric):
    """Which share of units did it? The column holds 0 or 1 (or true/false, yes/no).

    Args:
        column: the column.

    Examples:
        >>> Proportion("converted") == "proportion('converted')"
        True
    """

    column: str
    columns: ClassVar[tuple[str, ...]] = ("column",)
    kind: ClassVar[str] = "proportion"
    reckoned: ClassVar[Form] = "share"


@dataclass(frozen=True, eq=False)
class Mean(Metric):
    """How much is it per unit, on average?

    Args:
        column: the column with a number per unit.
        squares: with counts given instead of rows, the column with the sum of the squared values.
        cap: larger values count as this: a number, or "p99" for the 99th percentile over all variants; None: no cap.

    Examples:
        >>> str(Mean("revenue", covariate="revenue_before", measured_in="€"))
        "mean('revenue', covariate='revenue_before', measured_in='€')"
    """

    column: str
    cap: float | str | None = None
    squares: str | None = field(default=None, kw_only=True)
    columns: ClassVar[tuple[str, ...]] = ("column",)
    kind: ClassVar[str] = "mean"
    reckoned: ClassVar[Form] = "mean"

    def __post_init__(self) -> None:
        """Refuse a cap that is neither a number nor a percentile."""
        super().__post_init__()
        cap_share(self.cap)


@dataclass(frozen=True, eq=False)
class Ratio(Metric):
    """What is the ratio of two sums, such as value per order, where units differ in how many orders they have?

    Args:
        numerator: the column summed above the line.
        denominator: the column summed below the line.
        covariate_denominator: the covariate's own denominator, where it is a ratio too.
        squares: with counts given instead of rows, the columns with the sums of the squared numerator, the squared
            denominator and their product.

    Examples:
        >>> str(Ratio("value", "orders"))
        "ratio('value', 'orders')"
    """

    numerator: str
    denominator: str
    covariate_denominator: str | None = None
    squares: list[str] | None = field(default=None, kw_only=True)
    columns: ClassVar[tuple[str, ...]] = ("numerator", "denominator")
    kind: ClassVar[str] = "ratio"
    reckoned: ClassVar[Form] = "ratio"


def parse_metric(text: Metric | str) -> Metric:
    """Which metric does this text mean? It is read, never run.

    Args:
        text: such as "mean('revenue', direction='higher')"; a metric passes through.

    Returns:
        The metric.

    Raises:
        ParameterError: it is not a metric; the message names the part that is wrong.

    Examples:
        >>> parse_metric("ratio('value', 'orders')").denominator
        'orders'
    """
    if isinstance(text, Metric):
        return text
    try:
        call = ast.parse(str(text).strip(), mode="eval").body
    except SyntaxError:
        call = None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
        raise ParameterError(
            f"`metrics` has {text!r}; expected text such as \"proportion('converted')\", "
            "\"mean('revenue')\" or \"ratio('value', 'orders')\"."
        )
    return _build(str(text), call, call.func.id)


def _build(text: str, call: ast.Call, name: str) -> Metric:
    if name not in _KINDS:
        raise ParameterError(
            f"`metrics` has {text!r}: {name!r} is no kind of metric; expected one of {', '.join(_KINDS)}."
            f"{nearest(name, _KINDS)}"
        )
    kind = _KINDS[name]
    options = {word.arg or "**": _literal(text, word.value) for word in call.keywords}
    known = [one.name for one in fields(kind)]
    for option in options:
        if option not in known:
            raise ParameterError(f"`metrics` has {text!r}: {name} has no option {option!r}.{nearest(option, known)}")
    given = [_literal(text, value) for value in call.args]
    if not all(isinstance(value, str) for value in given):
        raise ParameterError(f"`metrics` has {text!r}: columns are named in quotes, as in {name}('column').")
    try:
        return kind(*given, **options)
    except TypeError:
        needed = [f.name for f in fields(kind) if f.default is MISSING and f.name not in kind.columns]
        wanted = ", ".join([repr(column) for column in kind.columns] + [f"{name}={name!r}" for name in needed])
        raise ParameterError(f"`metrics` has {text!r}: expected {name}({wanted}) and options by name.") from None


def _literal(text: str, node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        shown = ast.unparse(node)
        raise ParameterError(
            f"`metrics` has {text!r}: {shown} is not a plain value; write columns and words in quotes, as in '{shown}'."
        ) from None


def parse_metrics(metrics: Any) -> tuple[Metric, ...]:
    """Which metrics are meant? One or several, as values or text, each once.

    Args:
        metrics: a metric, its text, or a list of them.

    Returns:
        The metrics, primary ones first, otherwise in the given order.

    Raises:
        ParameterError: none is given, none is primary, or one stands twice.

    Examples:
        >>> [metric.name for metric in parse_metrics("proportion('converted')")]
        ['converted']
    """
    if metrics is None:
        raise ParameterError("`metrics` is not given; expected what is measured, such as \"proportion('bought')\".")
    listed = [metrics] if isinstance(metrics, Metric | str) else list(metrics)
    parsed = [parse_metric(metric) for metric in listed]
    if not any(metric.role == "primary" for metric in parsed):
        raise ParameterError("`metrics` names no primary metric; the decision needs at least one (role='primary').")
    names = [metric.name for metric in parsed]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ParameterError(f"`metrics` names {twice!r} twice; a metric may stand once.")
    order = {"primary": 0, "secondary": 1, "guardrail": 2, "watched": 3}
    return tuple(sorted(parsed, key=lambda metric: order[metric.role]))
