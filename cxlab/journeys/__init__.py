"""Journeys: funnels that say what they mean."""

from cxlab.journeys.funnel import FunnelResult, journey_funnel

__all__ = ["FunnelResult", "journey_funnel"]
