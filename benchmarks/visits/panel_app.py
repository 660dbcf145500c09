"""The job in Panel."""

import sys

import altair as alt
import pandas as pd
import panel as pn

sys.path.insert(0, sys.argv[1])
from benchmarks.visits.job import compared, sentence, table_path

pn.extension("vega")
frame = pn.state.as_cached("frame", lambda: pd.read_csv(table_path()))
metric = pn.widgets.Select(name="Metric", options=["revenue", "effort"])


def view(chosen: str) -> pn.Column:
    """Sentence, table and chart."""
    found = compared(frame, chosen)
    chart = alt.Chart(found).mark_bar().encode(x="ci_low", x2="ci_high", y="segment")
    return pn.Column(sentence(found, chosen), pn.pane.DataFrame(found), pn.pane.Vega(chart))


pn.Column(metric, pn.bind(view, metric)).servable()
