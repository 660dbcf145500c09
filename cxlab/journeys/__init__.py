"""How far people get, where they stop, what they do instead, which ways they take, and how they fare on them."""

from cxlab.journeys.funnel import FunnelResult, journey_funnel
from cxlab.journeys.maps import MapResult, journey_map
from cxlab.journeys.paths import PathsResult, journey_paths

__all__ = ["FunnelResult", "MapResult", "PathsResult", "journey_funnel", "journey_map", "journey_paths"]
