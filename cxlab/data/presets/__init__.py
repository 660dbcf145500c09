"""Exports that people really have: which of their columns plays which role."""

from cxlab.data.presets.listed import PRESETS, preset
from cxlab.data.presets.mapping import arrange
from cxlab.data.presets.reading import readable
from cxlab.data.presets.record import Field, Preset

__all__ = ["PRESETS", "Field", "Preset", "arrange", "preset", "readable"]
