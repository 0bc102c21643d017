"""Figures of the supply page; colours are names of tokens, filled in by the browser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go


def stock_figure(
    months: Sequence[date], total: Sequence[float], short: Sequence[float] | None, *, unit: str
) -> dict[str, Any]:
    """Stock at the end of each month as bars and shortages as a line, both in ``unit``.

    Args:
        months: The months of the plan. total: stock per month. short: shortage per month, None where it has no
            value in this unit or nothing is short: no line is then drawn, least of all one at 0.
        unit: What the axis counts, for the hover text.
    """
    days = [month.isoformat() for month in months]
    hover = f"%{{y:,.0f}} {unit}<extra>%{{fullData.name}}</extra>"
    figure = go.Figure(go.Bar(x=days, y=list(total), name="Stock", marker={"color": "var(--accent)"}))
    if short is not None:
        figure.add_trace(
            go.Scatter(
                x=days, y=list(short), name="Short", mode="lines+markers", line={"color": "var(--down)", "width": 2}
            )
        )
    figure.update_traces(hovertemplate=hover)
    figure.update_layout(
        template=None,
        showlegend=short is not None,
        legend={"orientation": "h", "y": 1.12, "x": 1, "xanchor": "right"},
        xaxis={"type": "date", "tickformat": "%b %y", "nticks": 9, "showgrid": False},
        yaxis={"rangemode": "tozero", "nticks": 5},
        bargap=0.35,
        margin={"t": 24, "r": 8, "b": 30, "l": 48},
    )
    return figure.to_plotly_json()  # type: ignore[no-any-return]
