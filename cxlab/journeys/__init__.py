"""How far people get, where they stop, which ways they take, how they fare on them, and what lies behind them."""

from cxlab.journeys.blueprint import BlueprintResult, service_blueprint
from cxlab.journeys.funnel import FunnelResult, journey_funnel
from cxlab.journeys.maps import MapResult, journey_map
from cxlab.journeys.paths import PathsResult, journey_paths

__all__ = [
    "BlueprintResult", "FunnelResult", "MapResult", "PathsResult", "journey_funnel", "journey_map", "journey_paths",
    "service_blueprint",
]  # fmt: skip
