"""Journeys: funnels that say what they mean, the ways that customers take, and where they struggle."""

from cxlab.journeys.friction import FrictionResult, journey_friction
from cxlab.journeys.funnel import FunnelResult, journey_funnel
from cxlab.journeys.paths import PathsResult, journey_paths

__all__ = [
    "FrictionResult", "FunnelResult", "PathsResult", "journey_friction", "journey_funnel", "journey_paths",
]  # fmt: skip
