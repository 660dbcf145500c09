"""Opening an app: cxlab beside Voila as it comes, Streamlit and Panel, on one job and in one run."""
