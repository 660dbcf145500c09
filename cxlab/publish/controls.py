"""One control per parameter, generated from its description."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import Any

import ipywidgets

from cxlab.errors import CxlabError
from cxlab.publish.parameters import NAMES_IN, VALUES_OF, Parameter
from cxlab.publish.values import parse_text, write_text

__all__ = ["Controls"]

_NONE, _NOT_SET = "none", "not set"
_LONG = 40  # letters of a list beyond which it gets one line per item


class Controls:
    """The controls of one analysis: they hold text, and what they hold is checked like any other input."""

    def __init__(
        self, parameters: Sequence[Parameter], data: Any, values: Mapping[str, Any], react: Callable[[str], None]
    ) -> None:
        """Remember what a control for each parameter needs; they are made when first asked for.

        Args:
            parameters: what may be set.
            data: the table, for the choices of columns.
            values: the settings to begin with.
            react: is called with the parameter's label whenever a control changes.
        """
        self.parameters = {one.name: one for one in parameters}
        self._begin = data, values, react
        self._first: dict[str, Any] = {}

    @cached_property
    def widgets(self) -> dict[str, Any]:
        """A control for each parameter, by its name."""
        data, values, react = self._begin
        made = {name: _control(one, data, values) for name, one in self.parameters.items()}
        for name, widget in made.items():
            widget.observe(partial(_tell, react, label_of(name)), names="value")
        for name, source in NAMES_IN.items():
            if name in made and source in made:
                made[source].observe(partial(self._rename, name), names="value")
        self._first = {name: widget.value for name, widget in made.items()}
        return made

    def values(self) -> dict[str, Any]:
        """What is set now?

        Returns:
            Name to checked value.

        Raises:
            ParameterError: a control holds something that is no such value.
        """
        return {name: self._value(name) for name in self.widgets}

    def texts(self) -> dict[str, Any]:
        """What do the controls hold, as they hold it?

        Returns:
            Name to text or flag; nothing as long as there are no controls.
        """
        if "widgets" not in vars(self):
            return {}
        return {name: widget.value for name, widget in self.widgets.items()}

    def put_back(self, texts: Mapping[str, Any]) -> None:
        """Let the controls hold what they held before.

        Args:
            texts: what `texts` gave; nothing stands for what they began with.
        """
        for name, widget in self.widgets.items():
            widget.value = (texts or self._first)[name]

    def box(self, first: Sequence[str], *, own: bool) -> ipywidgets.Box:
        """The controls as the page shows them: the main ones open, the others folded.

        Args:
            first: names of the main ones.
            own: whether the visitor's own table is asked, whose columns must be chosen.

        Returns:
            One box.
        """
        named = [name for name, one in self.parameters.items() if one.names_column]
        wanted = [*([*named, *VALUES_OF] if own else []), *first]
        main = [name for name in dict.fromkeys(wanted) if name in self.widgets]
        rest = [name for name in self.widgets if name not in main]
        boxes = [_box([self.widgets[name] for name in main], "cx-controls")]
        if rest:
            more = ipywidgets.Accordion([_box([self.widgets[name] for name in rest], "cx-controls")])
            more.titles = ("More settings",)
            boxes.append(more)
        return _box(boxes, "cx-settings")

    def renew(self, data: Any) -> None:
        """Offer the values of the columns that are chosen now.

        Args:
            data: the table.
        """
        chosen = self.texts()
        for name, widget in self.widgets.items():
            options = _options(self.parameters[name], data, chosen) if name in VALUES_OF else []
            listed = _listed(self.parameters[name], options, "")
            if options and isinstance(widget, ipywidgets.Dropdown) and tuple(listed) != widget.options:
                kept = widget.value if widget.value in options else options[0]
                widget.options, widget.value = listed, kept

    def _rename(self, name: str, _: Any) -> None:
        """Offer the names that stand in the list now."""
        with suppress(CxlabError):  # the list itself is refused, and says why
            options = _named(self._value(NAMES_IN[name]))
            widget = self.widgets[name]
            kept = widget.value if widget.value in options else ""
            widget.options, widget.value = _listed(self.parameters[name], options, ""), kept

    def _value(self, name: str) -> Any:
        held = self.widgets[name].value
        return parse_text(self.parameters[name], held) if isinstance(held, str) else held


def _box(children: list[Any], name: str) -> ipywidgets.Box:
    box = ipywidgets.Box(children)
    box.add_class(name)
    return box


def _tell(react: Callable[[str], None], label: str, _: Any) -> None:
    react(label)


def label_of(name: str) -> str:
    """How is a parameter called beside its control?

    Args:
        name: the parameter.

    Returns:
        Words.

    Examples:
        >>> label_of("week_start")
        'Week start'
    """
    return name.replace("_", " ").capitalize()


def _control(parameter: Parameter, data: Any, values: Mapping[str, Any]) -> Any:
    value = values.get(parameter.name, None if parameter.required else parameter.default)
    widget = _widget(parameter, value, _options(parameter, data, values))
    widget.description, widget.tooltip = label_of(parameter.name), parameter.help
    widget.add_class("cx-control")
    return widget


def _widget(parameter: Parameter, value: Any, options: Sequence[str]) -> Any:
    text = write_text(value)
    if parameter.members == (bool,) and not parameter.optional:
        return ipywidgets.Checkbox(value=bool(value), indent=False)
    if options:
        return ipywidgets.Dropdown(options=_listed(parameter, options, text), value=text)
    if isinstance(value, list) and len(text) > _LONG:
        lines = [write_text([item]) for item in value]
        area = ipywidgets.Textarea("\n".join(lines), rows=len(lines), continuous_update=False)
        return area.add_class("cx-broad")
    return ipywidgets.Text(value=text, continuous_update=False, placeholder=_NOT_SET)


def _listed(parameter: Parameter, options: Sequence[str], present: str) -> list[tuple[str, str]]:
    kept = list(dict.fromkeys([*([""] if parameter.optional else []), *options, present]))
    return [(text or _NONE, text) for text in kept]


def _options(parameter: Parameter, data: Any, values: Mapping[str, Any]) -> list[str]:
    """The few values to choose from: fixed ones, columns of the data, or values of a column."""
    if parameter.choices:
        return [str(choice) for choice in parameter.choices]
    if parameter.names_column and hasattr(data, "columns"):
        return [*getattr(data, "roles", ()), *data.columns]
    if parameter.name in NAMES_IN:
        return _named(values.get(NAMES_IN[parameter.name]) or ())
    column = values.get(VALUES_OF.get(parameter.name, ""))
    if column and hasattr(data, "values") and hasattr(data, "column"):
        return _values_of(data, column)
    return []


def _named(texts: Sequence[str]) -> list[str]:
    """The names before the colons."""
    return [str(one).partition(":")[0].strip() for one in texts]


def _values_of(data: Any, column: str) -> list[str]:
    from cxlab.errors import DataError

    try:
        return list(data.values(column))
    except DataError:  # the analysis itself says what is wrong with the column
        return []
