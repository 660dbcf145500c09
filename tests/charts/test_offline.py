"""Charts ask the network for nothing."""

import re
from pathlib import Path

import altair as alt
import pandas as pd
import pytest

from cxlab.charts import offline, theme

CHART = alt.Chart(pd.DataFrame({"x": [1], "</script>": ["</script><b>"]})).mark_bar().encode(x="x:Q")


def framed(width: int) -> alt.VConcatChart:
    return theme.figure(
        CHART, title="It rose", subtitle="Who", note="Mind this", description="Bars: it rose", width=width
    )


def test_the_fragment_holds_one_still_picture_and_both_specifications() -> None:
    html = offline.figure_html(framed(680), framed(340), name="bars", alt_text='Bars "now"')
    assert html.count("data:image/svg+xml;base64,") == 1, "the wide one serves small screens too, where no script runs"
    assert html.count('class="cx-spec"') == 2
    assert "</script><b>" not in html
    assert 'aria-label="Bars &quot;now&quot;"' in html
    assert not re.search(r"(src|href)=[\"']https?:", html)


def test_the_frame_wraps_and_names_itself() -> None:
    spec = framed(340).to_dict()
    assert spec["title"]["text"] == ["It rose"] and spec["description"] == "Bars: it rose"
    assert spec["config"]["font"].startswith("Arial")


def test_the_bundle_is_kept_and_loads_nothing(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(offline, "_build_bundle", lambda: "window.x = 1;")
    assert offline.vega_bundle() == "window.x = 1;"
    monkeypatch.setattr(offline, "_build_bundle", lambda: "other")
    assert offline.vega_bundle() == "window.x = 1;"
    assert next(p.name for p in (tmp_path / "cxlab").iterdir()).startswith("vega-")


def test_a_folder_that_cannot_be_written_costs_speed_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(offline, "_build_bundle", lambda: "window.x = 1;")
    assert offline.vega_bundle() == "window.x = 1;"


def test_a_chart_on_its_own_is_a_still_picture() -> None:
    with alt.renderers.enable("default"):
        offline.use_offline_renderer()
        assert alt.renderers.active == offline.RENDERER
        assert "data:image/svg+xml" in CHART._repr_mimebundle_()["text/html"]


def relative_luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    "colour", [*theme.VARIANTS, *theme.SEGMENTS, theme.GOOD, theme.BAD, theme.UNDECIDED, theme.AXIS]
)
def test_marks_stand_out_on_white(colour: str) -> None:
    assert 1.05 / (relative_luminance(colour) + 0.05) >= 3.0


@pytest.mark.parametrize("colour", [theme.INK, theme.MUTED, theme.GOOD, theme.BAD])
def test_text_is_readable_on_white(colour: str) -> None:
    assert 1.05 / (relative_luminance(colour) + 0.05) >= 4.5
