"""Charts drawn without asking the network: still pictures, and one shared Vega bundle for a whole page."""

import base64
import json
import os
import tempfile
import threading
from html import escape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

__all__ = [
    "RENDERER", "figure_html", "page_script", "specification", "to_svg", "use_offline_renderer", "vega_bundle",
]  # fmt: skip

RENDERER = "cxlab"
_ONE_AT_A_TIME = threading.Lock()


def to_svg(chart: alt.Chart) -> str:
    """The chart as SVG text, drawn here."""
    return _svg(specification(chart))


def specification(chart: Any) -> dict[str, Any]:
    """The chart as Vega-Lite.

    Args:
        chart: any chart.

    Returns:
        The specification with its data; tables are turned into rows by pandas, which is much quicker than Altair's way.
    """
    with _ONE_AT_A_TIME:  # which transformer is enabled is one setting for all threads
        alt.data_transformers.register(RENDERER, _rows)
        with alt.data_transformers.enable(RENDERER):
            return chart.to_dict(validate=False)


def _rows(data: Any) -> Any:
    if isinstance(data, pd.DataFrame):
        return {"values": json.loads(data.to_json(orient="records", date_format="iso", double_precision=15))}
    return alt.default_data_transformer(data)


def _svg(spec: dict[str, Any]) -> str:
    import vl_convert

    return vl_convert.vegalite_to_svg(spec, vl_version=_vega_lite())


def _vega_lite() -> str:
    return "v" + ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])


def figure_html(
    wide: alt.Chart | None, narrow: alt.Chart | None, *, name: str, alt_text: str, stills: bool = True
) -> str:  # fmt: skip
    """One picture in one or two widths, as still picture and specification; the page's script brings it to life.

    Args:
        wide: the chart at 680 pixels; None leaves it out.
        narrow: the same for small screens; None leaves it out.
        name: the picture's name.
        alt_text: the text alternative.
        stills: draw still pictures, which stay where no script runs.

    Returns:
        HTML of one figure.
    """
    # One still is enough: where no script runs, small screens show the wide one, made to fit.
    given = [(chart, kind) for chart, kind in ((wide, "wide"), (narrow, "narrow")) if chart is not None]
    boxes = "".join(_box(chart, kind, alt_text, stills=stills and kind == "wide") for chart, kind in given)
    return f'<figure class="cx-figure" data-picture="{escape(name)}">{boxes}</figure>'


def _box(chart: Any, kind: str, alt_text: str, stills: bool) -> str:
    drawn = specification(chart)
    spec = json.dumps(drawn, ensure_ascii=False).replace("<", "\\u003c")
    still = _image(_svg(drawn), alt_text) if stills else ""
    chooses = drawn.get("usermeta", {}).get("chooses")  # in an app a click on a mark chooses what it stands for
    told = f' data-chooses="{escape(chooses)}"' if chooses else ""
    return (
        f'<div class="cx-chart cx-{kind}" role="img" aria-label="{escape(alt_text)}"{told}>{still}'
        f'<script type="application/json" class="cx-spec">{spec}</script></div>'
    )


def _image(svg: str, alt_text: str) -> str:
    picture = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{escape(alt_text)}" src="data:image/svg+xml;base64,{picture}">'


def page_script() -> str:
    """JavaScript that draws every chart of a page (or of a part of it) from the shared bundle."""
    return files("cxlab.charts").joinpath("draw.js").read_text(encoding="utf-8")


def vega_bundle() -> str:
    """JavaScript that holds Vega once for a page; made once for each version, then kept in the cache folder."""
    kept = _cache() / f"vega-{version('vl-convert-python')}-{_vega_lite()}.js"
    if kept.is_file():
        return kept.read_text(encoding="utf-8")
    bundle = _build_bundle()
    _keep(kept, bundle)
    return bundle


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "cxlab"


def _build_bundle() -> str:
    import vl_convert

    code = vl_convert.javascript_bundle("window.cxlabVega = vegaEmbed;", vl_version=_vega_lite())
    hidden = "(function(define, module, exports){" + code.replace("</script", "<\\/script") + "\n})();"
    return hidden + "\nwindow.dispatchEvent(new Event('cxlab-vega'));\n"


def _keep(path: Path, text: str) -> None:
    """Write whole or not at all; a folder that cannot be written costs speed only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as out:
            out.write(text)
        Path(out.name).replace(path)
    except OSError:
        return


def use_offline_renderer() -> None:
    """Charts shown on their own in a notebook become still pictures instead of asking the network."""
    alt.renderers.register(RENDERER, _render)
    if alt.renderers.active == "default":
        alt.renderers.enable(RENDERER)


def _render(spec: dict[str, Any], **_: Any) -> dict[str, str]:
    return {"text/html": _image(_svg(spec), str(spec.get("description", "Chart"))), "text/plain": "<cxlab chart>"}
