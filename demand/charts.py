"""Figures of the demand page; colours are names of tokens, filled in by the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from catalog.calc.months import month_date
from demand.services.review import Selection


def history_figure(selection: Selection) -> dict[str, Any]:
    """Sales of the past and the plan ahead, in units per month, with baseline, last year and budget.

    A month without a budget leaves a hole in its line: it is not a budget of 0.
    """
    past = [month_date(month).isoformat() for month in selection.past_months]
    ahead = [month_date(month).isoformat() for month in selection.months]
    actual, consensus = _units(selection.actual.tolist()), _units(selection.consensus.tolist())
    lines = [
        _line(past, actual, "Sold", "var(--total)", width=2),
        _line(ahead[:12], actual[-12:], "Last year", "var(--previous)", dash="dot"),
        _line(ahead, _units(selection.baseline.tolist()), "Baseline", "var(--ink-3)", dash="dash"),
        _line(past[-1:] + ahead, actual[-1:] + consensus, "Plan", "var(--accent)", width=2.5),
    ]
    if selection.budget is not None:
        lines.append(_line(past + ahead, _units(selection.budget), "Budget", "var(--warn)", dash="dot"))
    layout = {
        "template": None,
        "showlegend": True,
        "legend": {"orientation": "h", "y": -0.16, "font": {"size": 11}},
        "margin": {"l": 40, "r": 6, "t": 8, "b": 56},
        "xaxis": {"type": "date", "tickformat": "%b %y", "nticks": 5, "tickangle": 0, "showgrid": False},
        "yaxis": {"rangemode": "tozero", "nticks": 4},
        "hovermode": "x unified",
    }
    return go.Figure(data=lines, layout=layout).to_plotly_json()


def _units(milli: Sequence[int | None]) -> list[float | None]:
    return [None if value is None else value / 1000 for value in milli]


def _line(
    days: list[str], values: list[float | None], name: str, colour: str, *, dash: str = "solid", width: float = 1.5
) -> go.Scatter:
    hover = "%{y:,.0f}<extra>" + name + "</extra>"
    style = {"color": colour, "width": width, "dash": dash}
    return go.Scatter(x=days, y=values, name=name, mode="lines", line=style, hovertemplate=hover, connectgaps=False)
