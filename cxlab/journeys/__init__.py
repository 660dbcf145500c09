"""Journeys: how far people get, which ways they take, where they struggle, how they fare, and what lies behind."""

from cxlab.journeys.blueprint import BlueprintResult, service_blueprint
from cxlab.journeys.friction import FrictionResult, journey_friction
from cxlab.journeys.funnel import FunnelResult, journey_funnel
from cxlab.journeys.maps import MapResult, journey_map
from cxlab.journeys.paths import PathsResult, journey_paths

__all__ = [
    "BlueprintResult", "FrictionResult", "FunnelResult", "MapResult", "PathsResult", "journey_friction",
    "journey_funnel", "journey_map", "journey_paths", "service_blueprint",
]  # fmt: skip
