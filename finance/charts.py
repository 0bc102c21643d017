"""Plotly figures of the finance pages: lines by month, bars by period. Colours are tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go

from cycles.charts import MONEY, Scale


@dataclass(frozen=True)
class Line:
    """One line of the months: amounts per month (None leaves a hole), a colour token and a dash style."""

    name: str
    amounts: Sequence[int | None]
    colour: str
    dash: str = "solid"
    width: float = 2


def lines_by_month(
    months: Sequence[date], closed: int, lines: Sequence[Line], *, scale: Scale = MONEY
) -> dict[str, Any]:
    """Lines over the months, each named at its end; the closed ones lie on a shaded ground called actual."""
    figure = go.Figure()
    days = [month.isoformat() for month in months]
    for line in lines:
        figure.add_trace(
            go.Scatter(
                x=days,
                y=[None if amount is None else amount / scale.per_unit for amount in line.amounts],
                name=line.name,
                mode="lines",
                line={"color": line.colour, "dash": line.dash, "width": line.width},
                hovertemplate=f"%{{y:,.2f}} {scale.letter}<extra>{line.name}</extra>",
            )
        )
    figure.update_layout(
        template=None,
        shapes=[_closed_ground(days[0], days[closed - 1])] if closed else [],
        annotations=[_side(days[closed - 1], "Actual", "right"), _side(days[closed - 1], "Plan", "left")]
        if 0 < closed < len(days)
        else [],
        yaxis={"ticksuffix": f" {scale.letter}", "nticks": 6},
        xaxis={"type": "date", "tickformat": "%b %y", "nticks": 8, "showgrid": False},
        showlegend=True,
        legend={"orientation": "h", "y": 1.14, "x": 1, "xanchor": "right"},
        hovermode="x unified",
        margin={"t": 30, "r": 12, "b": 32, "l": 48},
    )
    return figure.to_plotly_json()  # type: ignore[no-any-return]


def bars_by_period(names: Sequence[str], lines: Sequence[Line], *, scale: Scale = MONEY) -> dict[str, Any]:
    """Groups of bars, one group per period, for periods too few for lines; what is not known has no bar."""
    figure = go.Figure()
    for line in lines:
        figure.add_trace(
            go.Bar(
                x=list(names),
                y=[None if amount is None else amount / scale.per_unit for amount in line.amounts],
                name=line.name,
                marker={"color": line.colour},
                hovertemplate=f"%{{y:,.2f}} {scale.letter}<extra>{line.name}</extra>",
            )
        )
    figure.update_layout(
        template=None,
        barmode="group",
        bargap=0.35,
        yaxis={"ticksuffix": f" {scale.letter}", "nticks": 6},
        xaxis={"type": "category", "tickangle": 0, "showgrid": False},
        showlegend=True,
        legend={"orientation": "h", "y": 1.14, "x": 1, "xanchor": "right"},
        hovermode="x unified",
        margin={"t": 30, "r": 12, "b": 32, "l": 48},
    )
    return figure.to_plotly_json()  # type: ignore[no-any-return]


def _closed_ground(first: str, last: str) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": first,
        "x1": last,
        "y0": 0,
        "y1": 1,
        "fillcolor": "var(--mute-soft)",
        "line": {"width": 0},
        "layer": "below",
    }


def _side(day: str, text: str, anchor: str) -> dict[str, Any]:
    """A word on one side of the line between what was and what is planned."""
    shift = -6 if anchor == "right" else 6
    place = {"x": day, "y": 1, "yref": "paper", "xanchor": anchor, "yanchor": "top", "xshift": shift}
    return {**place, "text": text, "showarrow": False, "font": {"size": 11, "color": "var(--ink-3)"}}
