"""All presets by name."""

from collections.abc import Mapping

from cxlab.data.presets.events import EVENTS
from cxlab.data.presets.record import Preset
from cxlab.data.presets.support import SUPPORT
from cxlab.data.presets.surveys import SURVEYS
from cxlab.errors import choose

__all__ = ["PRESETS", "preset"]

PRESETS: Mapping[str, Preset] = {one.name: one for one in (*SUPPORT, *SURVEYS, *EVENTS)}


def preset(name: str) -> Preset:
    """Which columns does a preset expect, and which roles do they play?

    Args:
        name: the preset, such as "zendesk_tickets".

    Returns:
        The preset; printed, it shows each role, the columns that are looked for, and what to know of the export.

    Raises:
        ParameterError: there is no preset of that name.

    Examples:
        >>> print(preset("amplitude_events"))  # doctest: +ELLIPSIS
        amplitude_events: Amplitude export (JSON lines or CSV), one row per event, read as events
        <BLANKLINE>
        role     column in the export                      needed  what it is
        unit     amplitude_id | user_id | device_id        yes     the person
        ...
    """
    return PRESETS[choose("preset", name, PRESETS)]
