"""Journeys: funnels that say what they mean, and the ways that customers take."""

from cxlab.journeys.funnel import FunnelResult, journey_funnel
from cxlab.journeys.paths import PathsResult, journey_paths

__all__ = ["FunnelResult", "PathsResult", "journey_funnel", "journey_paths"]
