"""One line of the register: what an analysis is called, which question it answers and where it lives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from cxlab.folders import folder
from cxlab.publish.parameters import Parameter, parameters_of

__all__ = ["Analysis"]

# What no visitor sets: a file on this machine, and work that takes minutes. The notebook and the command line name it.
_OURS = frozenset({"plan", "simulations", "answers"})


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What is this analysis called, which question does it answer, where does it live?"""

    name: str
    location: str
    room: str
    question: str
    scope: str
    sample: str
    asked: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    unplanned: Mapping[str, Any] = field(default_factory=dict)  # for a table of which no plan is known
    controls: tuple[str, ...] = ()
    contract: str = ""
    handled: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Its name in the register; a study has a name of its own."""
        return self.name

    @property
    def fixed(self) -> dict[str, Any]:
        """What a run must be told beside the notebook's own defaults."""
        return {}

    @property
    def function_name(self) -> str:
        """What the analysis is called in Python; its notebook may have a name of its own."""
        return self.location.partition(":")[2]

    @property
    def leads(self) -> bool:
        """Is it the function's own line? Of several lines of one function the first is; others go by their names."""
        from cxlab.publish.register import ANALYSES

        first = next((one for one in ANALYSES if one.location == self.location), self)
        return first.kind == self.kind

    @property
    def called(self) -> str:
        """What its results say that they are results of."""
        return self.function_name if self.leads else self.kind

    @property
    def function(self) -> Callable[..., Any]:
        """The analysis itself."""
        return getattr(import_module(self.location.partition(":")[0]), self.function_name)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What its notebook takes: `data`, `tz`, `quality` and the analysis's own."""
        return parameters_of(self.function, self.sample, dict(self.values), checked=bool(self.contract))

    @property
    def own(self) -> tuple[Parameter, ...]:
        """The settings with the function's own defaults, not the sample's."""
        own = parameters_of(self.function, "", dict(self.unplanned), checked=bool(self.contract))[2:]
        return tuple(parameter for parameter in own if parameter.name not in _OURS)

    @property
    def settings(self) -> tuple[Parameter, ...]:
        """What an address or a control may set: everything but files and how they are read."""
        return tuple(parameter for parameter in self.passed if parameter.name not in _OURS)

    @property
    def passed(self) -> tuple[Parameter, ...]:
        """What a notebook passes on: everything but the data; what is told of it comes last."""
        own = [parameter for parameter in self.parameters if parameter.name not in ("data", "tz")]
        return tuple(sorted(own, key=lambda parameter: parameter.name == "quality"))

    @property
    def description(self) -> str:
        """The question it answers, in full: as it is asked here, or as the function's docstring says it."""
        return self.asked or (self.function.__doc__ or "").strip().partition("\n")[0]

    @property
    def notebook(self) -> Path:
        """The notebook file."""
        return folder("notebooks") / f"{self.name}.ipynb"
