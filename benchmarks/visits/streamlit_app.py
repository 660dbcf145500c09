"""The job in Streamlit."""

import sys

import altair as alt
import pandas as pd
import streamlit as st

sys.path.insert(0, sys.argv[1])
from benchmarks.visits.job import compared, sentence, table_path


@st.cache_data
def read() -> pd.DataFrame:
    """Once per server."""
    return pd.read_csv(table_path())


metric = st.selectbox("Metric", ["revenue", "effort"])
found = compared(read(), metric)
st.write(sentence(found, metric))
st.dataframe(found)
st.altair_chart(alt.Chart(found).mark_bar().encode(x="ci_low", x2="ci_high", y="segment"))
