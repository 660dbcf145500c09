"""cxlab: customer-experience research, one notebook on three surfaces.

Data in:   table (preset lists what an export maps), check_data, sample_company
Analyses:  ab_test (metrics Proportion, Mean, Ratio, Rate, Quantile, Nps, TopBox, Ordinal,
           TimeToEvent), plan_ab_test, experiment_portfolio, cohort_retention, customer_lifecycle,
           churn_drivers, effect_of_event, effect_of_release, revenue_retention, customer_value,
           contract_value, journey_friction, journey_funnel, journey_map, journey_paths,
           service_blueprint, survey_scores
Surfaces:  explore (JupyterLab and app), run_report, run_batch
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PLACES = {
    "CxlabError": "cxlab.errors",
    "DataError": "cxlab.errors",
    "Mean": "cxlab.experiments",
    "Nps": "cxlab.experiments",
    "Ordinal": "cxlab.experiments",
    "ParameterError": "cxlab.errors",
    "Proportion": "cxlab.experiments",
    "Quantile": "cxlab.experiments",
    "Rate": "cxlab.experiments",
    "Ratio": "cxlab.experiments",
    "ReportError": "cxlab.errors",
    "SourceError": "cxlab.errors",
    "TimeToEvent": "cxlab.experiments",
    "TopBox": "cxlab.experiments",
    "ab_test": "cxlab.experiments",
    "check_data": "cxlab.quality",
    "churn_drivers": "cxlab.retention",
    "cohort_retention": "cxlab.retention",
    "contract_value": "cxlab.retention",
    "customer_lifecycle": "cxlab.retention",
    "customer_value": "cxlab.retention",
    "effect_of_event": "cxlab.retention",
    "effect_of_release": "cxlab.retention",
    "experiment_portfolio": "cxlab.experiments",
    "explore": "cxlab.publish",
    "journey_friction": "cxlab.journeys",
    "journey_funnel": "cxlab.journeys",
    "journey_map": "cxlab.journeys",
    "journey_paths": "cxlab.journeys",
    "plan_ab_test": "cxlab.experiments",
    "preset": "cxlab.data.presets",
    "revenue_retention": "cxlab.retention",
    "run_batch": "cxlab.publish",
    "run_report": "cxlab.publish",
    "sample_company": "cxlab.data.synthetic",
    "service_blueprint": "cxlab.journeys",
    "survey_scores": "cxlab.feedback",
    "table": "cxlab.data",
}

__all__ = [
    "CxlabError", "DataError", "Mean", "Nps", "Ordinal", "ParameterError", "Proportion", "Quantile", "Rate", "Ratio",
    "ReportError", "SourceError", "TimeToEvent", "TopBox",
    "ab_test", "check_data", "churn_drivers", "cohort_retention", "contract_value", "customer_lifecycle",
    "customer_value", "effect_of_event", "effect_of_release", "experiment_portfolio", "explore",
    "journey_friction", "journey_funnel", "journey_map", "journey_paths", "plan_ab_test", "preset",
    "revenue_retention", "run_batch", "run_report", "sample_company", "service_blueprint", "survey_scores", "table",
]  # fmt: skip

if TYPE_CHECKING:
    from cxlab.data import table
    from cxlab.data.presets import preset
    from cxlab.data.synthetic import sample_company
    from cxlab.errors import CxlabError, DataError, ParameterError, ReportError, SourceError
    from cxlab.experiments import (
        Mean,
        Nps,
        Ordinal,
        Proportion,
        Quantile,
        Rate,
        Ratio,
        TimeToEvent,
        TopBox,
        ab_test,
        experiment_portfolio,
        plan_ab_test,
    )  # fmt: skip
    from cxlab.feedback import survey_scores
    from cxlab.journeys import journey_friction, journey_funnel, journey_map, journey_paths, service_blueprint
    from cxlab.publish import explore, run_batch, run_report
    from cxlab.quality import check_data
    from cxlab.retention import (
        churn_drivers,
        cohort_retention,
        contract_value,
        customer_lifecycle,
        customer_value,
        effect_of_event,
        effect_of_release,
        revenue_retention,
    )


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used, so that `import cxlab` is quick."""
    if name not in _PLACES:
        raise AttributeError(f"module 'cxlab' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
