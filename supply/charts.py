"""Figures of the supply page; colours are names of tokens, filled in by the browser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go


def stock_figure(
    months: Sequence[date], total: Sequence[float], short: Sequence[float], *, unit: str
) -> dict[str, Any]:
    """Stock at the end of each month as bars and shortages as a line, both in ``unit``.

    Args:
        months: The months of the plan. total: stock per month. short: shortage per month.
        unit: What the axis counts, for the hover text.
    """
    labels = [f"{month:%b %y}" for month in months]
    figure = go.Figure(
        data=[
            go.Bar(x=labels, y=list(total), name="Stock", marker={"color": "var(--accent)"}),
            go.Scatter(
                x=labels, y=list(short), name="Short", mode="lines+markers", line={"color": "var(--down)", "width": 2}
            ),
        ],
        layout={
            "template": None,
            "showlegend": True,
            "legend": {"orientation": "h"},
            "yaxis": {"title": {"text": unit}},
        },
    )
    return figure.to_plotly_json()
