"""Journeys: funnels that say what they mean, the ways that customers take, and what lies behind them."""

from cxlab.journeys.blueprint import BlueprintResult, service_blueprint
from cxlab.journeys.funnel import FunnelResult, journey_funnel
from cxlab.journeys.paths import PathsResult, journey_paths

__all__ = [
    "BlueprintResult", "FunnelResult", "PathsResult", "journey_funnel", "journey_paths", "service_blueprint",
]  # fmt: skip
