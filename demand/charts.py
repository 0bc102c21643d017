"""Figures of the demand page; colours are names of tokens, filled in by the browser."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from catalog.calc.months import month_date
from demand.services.review import Selection


def history_figure(selection: Selection) -> dict[str, Any]:
    """Sales of the past and the plan ahead, in units per month, with baseline, last year and budget."""
    past = [f"{month_date(month):%b %y}" for month in selection.past_months]
    ahead = [f"{month_date(month):%b %y}" for month in selection.months]
    actual = (selection.actual / 1000).tolist()
    consensus = (selection.consensus / 1000).tolist()
    lines = [
        _line(past, actual, "Sold", "var(--total)", width=2),
        _line(ahead[:12], actual[-12:], "Last year", "var(--previous)", dash="dot"),
        _line(ahead, (selection.baseline / 1000).tolist(), "Baseline", "var(--ink-3)", dash="dash"),
        _line(past[-1:] + ahead, actual[-1:] + consensus, "Plan", "var(--accent)", width=2.5),
    ]
    if selection.budget is not None:
        lines.append(_line(past + ahead, (selection.budget / 1000).tolist(), "Budget", "var(--warn)", dash="dot"))
    layout = {
        "template": None,
        "showlegend": True,
        "legend": {"orientation": "h", "y": -0.25},
        "margin": {"l": 44, "r": 8, "t": 8, "b": 30},
        "xaxis": {"nticks": 6, "tickangle": 0},
        "yaxis": {"rangemode": "tozero"},
        "hovermode": "x unified",
    }
    return go.Figure(data=lines, layout=layout).to_plotly_json()


def _line(
    labels: list[str], values: list[float], name: str, colour: str, *, dash: str = "solid", width: float = 1.5
) -> go.Scatter:
    return go.Scatter(x=labels, y=values, name=name, mode="lines", line={"color": colour, "width": width, "dash": dash})
