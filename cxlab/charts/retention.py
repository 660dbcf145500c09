"""The retention triangle: one row per cohort, one column per age, four states of a cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts import theme

__all__ = ["retention_triangle"]

ROW, GAP, LEGEND = 34, 2, 44


@dataclass(frozen=True)
class _Grid:
    """Where everything stands, in pixels."""

    rows: int
    first: int
    ages: int
    width: int
    narrow: bool

    @property
    def left(self) -> int:
        """The first column of cells begins here."""
        return 128 if self.narrow else 176

    @property
    def cell(self) -> float:
        """The width of a cell."""
        return min((self.width - self.left) / self.ages, 78)

    @property
    def top(self) -> int:
        """The first row of cells begins here."""
        return LEGEND + (64 if self.narrow else 42)

    @property
    def height(self) -> int:
        """The whole picture's height."""
        return self.top + self.rows * ROW

    def x(self, age: Any) -> Any:
        """The left edge of an age's column; of several at once."""
        return self.left + (age - self.first) * self.cell

    def y(self, row: int) -> float:
        """The upper edge of a cohort's row."""
        return self.top + row * ROW


def retention_triangle(
    cells: pd.DataFrame, *, title: str, subtitle: str | Sequence[str], note: str, description: str,
    row_title: str, age_title: str,
    running: str = "still running, can only rise", smallest: int = 50, width: int = 680,
    age_names: Mapping[int, str] | None = None,
) -> Any:  # fmt: skip
    """How many of each cohort came back, period after period?

    Args:
        cells: one row per cohort and age: cohort (text), age, size, n, rate, state ("start", "complete",
            "partial", "unobservable", "few"), ci_low, ci_high; without a rate where none may be shown.
        title: the finding.
        subtitle: what, who, until when.
        note: the caution that changes the reading.
        description: the text alternative.
        row_title: heading over the cohorts.
        age_title: heading over the ages.
        running: what a dashed cell means.
        smallest: cohorts below this size are not shown.
        width: width of the page in pixels.
        age_names: what stands over an age, where it is not the number itself.

    Returns:
        The chart; narrow for small screens below 500 pixels.
    """
    cohorts = list(dict.fromkeys(cells["cohort"]))
    narrow = theme.is_narrow(width)
    inner = width - 14
    first = int(cells["age"].min())
    grid = _Grid(len(cohorts), first, int(cells["age"].max()) + 1 - first, inner, narrow)
    placed = _placed(cells, cohorts, grid)
    layers = [*_cell_layers(placed, grid), *_row_labels(cells, cohorts, grid, smallest)]
    layers += [*_headings(grid, row_title, age_title, age_names or {}), *_legend(grid, smallest, running)]
    chart = alt.layer(*layers).properties(width=inner, height=grid.height)
    return theme.figure(chart, title=title, subtitle=subtitle, note=note, description=description, width=width)


def _placed(cells: pd.DataFrame, cohorts: list[str], grid: _Grid) -> pd.DataFrame:
    """The cells with their corners, words and colours."""
    row = cells["cohort"].map({cohort: place for place, cohort in enumerate(cohorts)})
    shown = cells.loc[cells["state"] == "complete", "rate"]
    fill = [
        _fill(rate, float(shown.min()), float(shown.max())) if state == "complete" else theme.PANEL
        for rate, state in zip(cells["rate"], cells["state"], strict=True)
    ]
    return cells.assign(
        x=grid.x(cells["age"]) + GAP / 2, x2=grid.x(cells["age"] + 1) - GAP / 2,
        y=grid.top + row * ROW + GAP / 2, y2=grid.top + (row + 1) * ROW - GAP / 2,
        xm=grid.x(cells["age"]) + grid.cell / 2, ym=grid.top + (row + 0.5) * ROW,
        fill=fill, ink=[_ink(colour) for colour in fill],
        text=[_word(rate, state, grid) for rate, state in zip(cells["rate"], cells["state"], strict=True)],
    )  # fmt: skip


def _word(rate: float, state: str, grid: _Grid) -> str:
    if state == "few":
        return "too few" if grid.cell > 48 else "–"
    return "–" if state == "unobservable" or pd.isna(rate) else f"{100 * rate:.0f}%"


def _fill(rate: float, low: float, high: float) -> str:
    """The colour of a rate: the lowest one shown is pale, the highest is dark."""
    steps = theme.SEQUENTIAL[:5]
    if pd.isna(rate):
        return theme.PANEL
    floor = max(0.0, low - 0.5 * (high - low))
    place = (rate - floor) / (high - floor) * (len(steps) - 1) if high > floor else 2.0
    step = min(int(place), len(steps) - 2)
    parts = zip(_rgb(steps[step]), _rgb(steps[step + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * (place - step)):02X}" for a, b in parts)


def _rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _ink(fill: str) -> str:
    """White on dark cells, ink on pale ones: whichever reads better."""
    linear = [(c / 255 / 12.92) if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in _rgb(fill)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "white" if luminance < 0.2 else theme.INK


def _at(x: str, y: str, x2: str = "", y2: str = "") -> dict[str, Any]:
    """Encodings of columns that hold pixels."""
    found: dict[str, Any] = {"x": alt.X(f"{x}:Q", scale=None, axis=None), "y": alt.Y(f"{y}:Q", scale=None, axis=None)}
    return found | ({"x2": x2} if x2 else {}) | ({"y2": y2} if y2 else {})


def _cell_layers(placed: pd.DataFrame, grid: _Grid) -> list[alt.Chart]:
    box = _at("x", "y", "x2", "y2")
    by_state = {state: alt.Chart(rows) for state, rows in placed.groupby("state")}
    layers = []
    if "complete" in by_state:
        filled = by_state["complete"].mark_rect().encode(color=alt.Color("fill:N", scale=None), **box)
        layers.append(filled.encode(tooltip=_tooltip()))
    if "partial" in by_state:
        layers.append(by_state["partial"].mark_rect(filled=False, **_DASHED).encode(**box))
    if "few" in by_state:
        layers.append(by_state["few"].mark_rect(fill=theme.PANEL).encode(**box))
    return layers + [_words(rows, grid) for rows in _by_look(placed)]


_DASHED = {"stroke": theme.VARIANTS[1], "strokeDash": [4, 3], "strokeWidth": 1.3}


def _by_look(placed: pd.DataFrame) -> list[pd.DataFrame]:
    """Cells whose words look alike: running ones are italic and blue, empty ones grey."""
    quiet = placed["state"].isin(["unobservable", "few"])
    running = placed["state"] == "partial"
    looks = [
        placed[~quiet & ~running],
        placed[running].assign(ink=theme.VARIANTS[1]),
        placed[quiet].assign(ink=theme.AXIS),
    ]
    return [rows for rows in looks if not rows.empty]


def _words(rows: pd.DataFrame, grid: _Grid) -> alt.Chart:
    style = "italic" if (rows["state"] == "partial").all() else "normal"
    size = 11 if grid.cell < 38 else 12.5
    mark = alt.Chart(rows[["xm", "ym", "text", "ink"]]).mark_text(baseline="middle", fontStyle=style, fontSize=size)
    return mark.encode(text=alt.Text("text:N"), color=alt.Color("ink:N", scale=None), **_at("xm", "ym"))


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("cohort:N", title="Cohort"), alt.Tooltip("age:Q", title="Age"),
        alt.Tooltip("n:Q", title="Customers seen", format=","), alt.Tooltip("rate:Q", title="Share", format=".1%"),
        alt.Tooltip("ci_low:Q", title="from", format=".1%"), alt.Tooltip("ci_high:Q", title="to", format=".1%"),
    ]  # fmt: skip


def _row_labels(cells: pd.DataFrame, cohorts: list[str], grid: _Grid, smallest: int) -> list[alt.Chart]:
    sizes = cells.drop_duplicates("cohort")["size"]
    rows = pd.DataFrame({
        "name": cohorts,
        "size": [f"under {smallest}" if 0 < size < smallest else f"{size:,.0f}" for size in sizes],
        "y": [grid.y(row) + ROW / 2 for row in range(len(cohorts))],
    }).assign(left=0, right=grid.left - 12)  # fmt: skip
    font = 11.5 if grid.narrow else 12.5
    base = alt.Chart(rows)
    names = base.mark_text(align="left", baseline="middle", fontSize=font, color=theme.INK)
    counts = base.mark_text(align="right", baseline="middle", fontSize=font, color=theme.MUTED)
    return [
        names.encode(text=alt.Text("name:N"), **_at("left", "y")),
        counts.encode(text=alt.Text("size:N"), **_at("right", "y")),
    ]


def _headings(grid: _Grid, row_title: str, age_title: str, names: Mapping[int, str]) -> list[alt.Chart]:
    columns = range(grid.first, grid.first + grid.ages)
    ages = pd.DataFrame(
        {"x": [grid.x(age) + grid.cell / 2 for age in columns], "text": [names.get(age, str(age)) for age in columns]}
    )
    middle = grid.left + grid.cell * grid.ages / 2
    return [
        _text(ages.assign(y=grid.top - 12), align="center"),
        _text(pd.DataFrame({"x": [middle], "y": [grid.top - 32], "text": [age_title]}), align="center"),
        _text(pd.DataFrame({"x": [0], "y": [grid.top - 12], "text": [row_title]})),
        _text(pd.DataFrame({"x": [grid.left - 12], "y": [grid.top - 12], "text": ["Customers"]}), align="right"),
    ]


def _text(rows: pd.DataFrame, *, align: str = "left") -> alt.Chart:
    mark = alt.Chart(rows).mark_text(align=align, baseline="middle", color=theme.MUTED, fontSize=12)
    return mark.encode(text=alt.Text("text:N"), **_at("x", "y"))


def _legend(grid: _Grid, smallest: int, running: str) -> list[alt.Chart]:
    """What the four states look like."""
    words = ["complete", running, "cannot be seen yet", f"fewer than {smallest}"]
    starts = [0, 180, 0, 180] if grid.narrow else [0, 108, 316, 470]
    keys = pd.DataFrame({"text": words, "x": starts, "y": [14, 14, 40, 40] if grid.narrow else [14] * 4})
    keys = keys.assign(x2=keys["x"] + 18, top=keys["y"] - 8, low=keys["y"] + 8, dash="–", at=keys["x"] + 9)
    box, label = _at("x", "top", "x2", "low"), _at("at", "y")
    return [
        alt.Chart(keys[:1]).mark_rect(fill=theme.SEQUENTIAL[3]).encode(**box),
        alt.Chart(keys[1:2]).mark_rect(filled=False, **_DASHED).encode(**box),
        alt.Chart(keys[2:3])
        .mark_text(color=theme.AXIS, fontSize=13, baseline="middle")
        .encode(text=alt.Text("dash:N"), **label),
        alt.Chart(keys[3:4]).mark_rect(fill=theme.PANEL, stroke=theme.AXIS, strokeWidth=0.6).encode(**box),
        _text(keys.assign(x=keys["x"] + 24)),
    ]
