"""Figures of the demand page; colours are names of tokens, filled in by the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from catalog.calc.months import month_date
from demand.services.selection import Curves

Values = Sequence[int | None]
MILLI, CENTS = 1000, 100


def history_figure(curves: Curves, *, in_units: bool, cleansed: Mapping[int, int] | None = None) -> dict[str, Any]:
    """Sales of the past and the plan ahead per month, in units or in dollars, around them what to compare with.

    The interval of the baseline is an area; a month without a value leaves a hole in its line, it is not 0. `cleansed`:
    milli-units by month that the forecast adds to what was sold; each such month has a mark where the forecast reads it.
    """
    past = [month_date(month).isoformat() for month in curves.past_months]
    ahead = [month_date(month).isoformat() for month in curves.months]
    step = MILLI if in_units else CENTS
    sold, plan = _shown(curves.sold, step), _shown(curves.plan, step)
    lines = [
        *(_band(ahead, curves, step) if curves.has("low") else []),
        _line(past, sold, "Sold", "var(--total)", width=2),
        _line(ahead, _shown(curves.last_year, step), "Last year", "var(--previous)", dash="dot"),
        _line(ahead, _shown(curves.baseline, step), "Baseline", "var(--ink-3)", dash="dash"),
    ]
    if cleansed:
        moves = [cleansed.get(month) for month in curves.past_months]
        read = [None if move is None else units + move for units, move in zip(curves.sold, moves, strict=True)]
        lines.append(_marks(past, _shown(read, step), "Cleansed", "var(--down)"))
    if curves.has("last_cycle"):
        lines.append(_line(ahead, _shown(curves.last_cycle, step), "Last cycle", "var(--up)", dash="dashdot"))
    if curves.has("budget"):
        lines.append(_line(past + ahead, _shown(curves.budget, step), "Budget", "var(--warn)", dash="dot"))
    lines.append(_line(past[-1:] + ahead, sold[-1:] + plan, "Plan", "var(--accent)", width=2.5))
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


def _shown(values: Values, step: int) -> list[float | None]:
    return [None if value is None else value / step for value in values]


def _band(days: list[str], curves: Curves, step: int) -> list[go.Scatter]:
    """The area between the bounds of the interval: an unseen lower edge and a filled upper one."""
    edge = {"x": days, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    low = go.Scatter(**edge, y=_shown(curves.low, step), showlegend=False)
    high = go.Scatter(
        **edge, y=_shown(curves.high, step), name="80 % interval", fill="tonexty", fillcolor="var(--accent-soft)"
    )
    return [low, high]


def _marks(days: list[str], values: list[float | None], name: str, colour: str) -> go.Scatter:
    hover = "%{y:,.0f}<extra>" + name + "</extra>"
    style = {"color": colour, "size": 8, "symbol": "diamond-open"}
    return go.Scatter(x=days, y=values, name=name, mode="markers", marker=style, hovertemplate=hover)


def _line(
    days: list[str], values: list[float | None], name: str, colour: str, *, dash: str = "solid", width: float = 1.5
) -> go.Scatter:
    hover = "%{y:,.0f}<extra>" + name + "</extra>"
    style = {"color": colour, "width": width, "dash": dash}
    return go.Scatter(x=days, y=values, name=name, mode="lines", line=style, hovertemplate=hover, connectgaps=False)
