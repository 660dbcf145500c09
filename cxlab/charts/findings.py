"""Findings about a table, worst first: icon and word, what, in how many rows, what it does to the answer."""

import textwrap
from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.theme import BAD, GOOD, GRID, INK, MUTED, PANEL, UNDECIDED, VARIANTS, figure, is_narrow
from cxlab.wording import share

__all__ = ["findings_chart"]

_AMBER = "#7A5200"
_ICONS = {
    "Act on": (BAD, "square", "M-.5,-.5L.5,.5M.5,-.5L-.5,.5"),
    "Look at": (_AMBER, "triangle-up", "M0,-.7L0,.45M0,.95L0,1.1"),
    "Know": (UNDECIDED, "diamond", "M0,-.3L0,.9M0,-.95L0,-.8"),
    "Fine": (GOOD, "circle", "M-.45,0L-.1,.4L.5,-.4"),
}
_LINE = 15.0


def findings_chart(
    rows: pd.DataFrame, *, title: str, subtitle: str, note: str, description: str, width: int = 680
) -> Any:
    """What is wrong with the table?

    Args:
        rows: one row per finding or passed check: word, title, detail, share, rows, effect; worst first.
        title: the finding.
        subtitle: what was looked at.
        note: the caution.
        description: the text alternative.
        width: width of the page in pixels; the narrow layout puts the effect below.

    Returns:
        The picture.
    """
    narrow = is_narrow(width)
    placed = _placed(rows, 34 if narrow else 22, 38 if narrow else 34)
    height = float(placed["bottom"].max())
    layers = _narrow(placed, width) if narrow else _wide(placed)
    scale = alt.Scale(domain=[0, height], range=[0, height], nice=False)
    body = [layer.encode(y=alt.Y(f"{place}:Q", scale=scale, axis=None)) for place, layer in layers]
    chart = alt.layer(*body).resolve_scale(color="independent", shape="independent")
    return figure(
        chart.properties(width=width - 20, height=height),
        title=title, subtitle=subtitle, note=note, description=description, width=width,
    )  # fmt: skip


def _placed(rows: pd.DataFrame, title_letters: int, effect_letters: int) -> pd.DataFrame:
    """Wrapped lines and the height that each row needs."""
    narrow = title_letters > 30
    named = rows["word"] + ": " + rows["title"] if narrow else rows["title"]
    titles = [textwrap.wrap(text, title_letters + (-5 if narrow else 8)) for text in named]
    details = [textwrap.wrap(text, title_letters + (6 if narrow else 12))[:4] or [""] for text in rows["detail"]]
    effects = [textwrap.wrap(text, effect_letters + 6)[:5] or [""] for text in rows["effect"]]
    left = [len(t) + len(d) for t, d in zip(titles, details, strict=True)]
    lines = [max(a, len(e)) for a, e in zip(left, effects, strict=True)]
    used = [a + len(e) + (0 if e == [""] else 0.2) for a, e in zip(left, effects, strict=True)] if narrow else lines
    heights = [n * _LINE + 16 for n in used]
    bottom = pd.Series(heights).cumsum()
    top = bottom - heights + (0 if narrow else 26)
    return rows.assign(
        title_text=["\n".join(t) for t in titles], detail_text=["\n".join(d) for d in details],
        effect_text=["\n".join(e) for e in effects], share_text=[_share(s, n) for s,
                                                                 n in zip(rows["share"], rows["rows"], strict=True)],
        top=top.to_numpy(), detail_top=(top + [len(t) * _LINE for t in titles]).to_numpy(),
        effect_top=(top + [(n + 0.2) * _LINE for n in left]).to_numpy(), middle=(top + _LINE * 0.9).to_numpy(),
        bottom=(bottom + (0 if narrow else 26)).to_numpy(),
    )  # fmt: skip


def _share(part: float, rows: int) -> str:
    if not rows:
        return "0"
    return "<0.1%" if part < 0.0005 else share(part, 0 if part > 0.9995 else 1)


def _wide(rows: pd.DataFrame) -> list[tuple[str, alt.Chart]]:
    bar, effect = 326, 460
    heads = pd.DataFrame({"text": ["Rows affected", "What it does to the result"], "x": [bar, effect], "y": [4, 4]})
    return [
        *_icons(rows, 12),
        ("middle", _text(rows, "word", 30, bold=True, colored=True, baseline="middle")),
        ("top", _text(rows, "title_text", 96, bold=True, size=13)),
        ("detail_top", _text(rows, "detail_text", 96, color=MUTED)),
        *_bars(rows, bar, 80),
        ("top", _text(rows, "effect_text", effect, size=11.5)),
        ("y", _heads(heads)),
    ]  # fmt: skip


def _narrow(rows: pd.DataFrame, width: int) -> list[tuple[str, alt.Chart]]:
    return [
        *_icons(rows, 10),
        ("top", _text(rows, "title_text", 28, bold=True, size=13, colored=True)),
        ("detail_top", _text(rows, "detail_text", 28, color=MUTED, size=11)),
        *_bars(rows, width - 90, 26),
        ("effect_top", _text(rows, "effect_text", 28, size=11)),
    ]


def _heads(heads: pd.DataFrame) -> alt.Chart:
    scale = alt.Scale(domain=[0, 1], range=[0, 1])
    return (
        alt.Chart(heads)
        .mark_text(align="left", baseline="top", fontSize=12, color=MUTED)
        .encode(text=alt.Text("text:N"), x=alt.X("x:Q", scale=scale, axis=None))
    )


def _color() -> alt.Color:
    words = list(_ICONS)
    return alt.Color("word:N", scale=alt.Scale(domain=words, range=[_ICONS[w][0] for w in words]), legend=None)


def _icons(rows: pd.DataFrame, x: int) -> list[tuple[str, alt.Chart]]:
    layers: list[tuple[str, alt.Chart]] = []
    for word, (color, shape, sign) in _ICONS.items():
        some = alt.Chart(rows[rows["word"] == word])
        if (rows["word"] == word).any():
            layers.append(("middle", some.mark_point(shape=shape, size=260, color=color, fill=color, opacity=1, x=x)))
            layers.append(("middle", some.mark_point(
                shape=sign, size=110, stroke="white", strokeWidth=1.8, filled=False, opacity=1, x=x)))  # fmt: skip
    return layers


def _text(
    rows: pd.DataFrame, field: str, x: int, *, bold: bool = False, size: float = 12, color: str = INK,
    colored: bool = False, baseline: str = "top",
) -> alt.Chart:  # fmt: skip
    weight = "bold" if bold else "normal"
    mark = {
        "align": "left",
        "baseline": baseline,
        "fontSize": size,
        "fontWeight": weight,
        "lineBreak": "\n",
        "lineHeight": _LINE,
    }
    chart = alt.Chart(rows).mark_text(x=x, **({} if colored else {"color": color}), **mark)
    encoded = chart.encode(text=alt.Text(f"{field}:N"))
    return encoded.encode(color=_color()) if colored else encoded


def _bars(rows: pd.DataFrame, x: int, long: int) -> list[tuple[str, alt.Chart]]:
    """A pale full bar, the share of rows on it, and the share in figures."""
    some = rows.assign(start=float(x), end=x + long * rows["share"].clip(0, 1).astype(float), full=float(x + long))
    scale = alt.Scale(domain=[0, 1], range=[0, 1])
    begin = alt.X("start:Q", scale=scale, axis=None)
    base = alt.Chart(some)
    return [
        ("middle", base.mark_bar(height=12, color=PANEL, stroke=GRID, strokeWidth=0.6).encode(
            x=begin, x2=alt.X2("full:Q"))),
        ("middle", base.transform_filter("datum.rows > 0").mark_bar(height=12, color=VARIANTS[0], minBandSize=2).encode(
            x=begin, x2=alt.X2("end:Q"))),
        ("middle", _text(some, "share_text", x + long + 6, baseline="middle")),
    ]  # fmt: skip
