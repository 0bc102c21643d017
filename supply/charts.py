"""Figures of the supply page; colours are names of tokens, filled in by the browser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

if TYPE_CHECKING:
    from supply.services.inventory import InventoryMonth
    from supply.services.item_supply import ItemMonth

MILLI, CENTS = 1000, 100


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
    return _laid_out(figure, has_legend=short is not None)


def item_figure(months: Sequence[ItemMonth], safety: float, *, unit: str) -> dict[str, Any]:
    """What comes in of an item as stacked bars, what is wanted as a line, its stock as an area's edge, in units.

    Args:
        months: The item's months. safety: its safety stock in units, drawn where there is one. unit: for the hover.
    """
    days = [month.month.isoformat() for month in months]
    figure = go.Figure()
    for name, values, colour in (
        ("Made", [month.made - month.overtime for month in months], "var(--accent)"),
        ("Made in overtime", [month.overtime for month in months], "var(--warn)"),
        ("Bought", [month.bought for month in months], "var(--previous)"),
    ):
        if any(values):
            shown = [value / MILLI for value in values]
            figure.add_trace(go.Bar(x=days, y=shown, name=name, marker={"color": colour}))
    for name, values, colour, dash in (
        ("Wanted", [month.demand + month.consumed for month in months], "var(--total)", "solid"),
        ("Stock", [month.inventory for month in months], "var(--up)", "dot"),
    ):
        line = {"color": colour, "width": 2, "dash": dash}
        figure.add_trace(go.Scatter(x=days, y=[v / MILLI for v in values], name=name, mode="lines", line=line))
    if safety:
        line = {"color": "var(--ink-3)", "width": 1, "dash": "dash"}
        figure.add_trace(go.Scatter(x=days, y=[safety] * len(days), name="Safety stock", mode="lines", line=line))
    figure.update_traces(hovertemplate=f"%{{y:,.0f}} {unit}<extra>%{{fullData.name}}</extra>")
    figure.update_layout(barmode="stack")
    return _laid_out(figure, has_legend=True)


def band_figure(months: Sequence[InventoryMonth], *, unit: str) -> dict[str, Any]:
    """Stock as a line inside its target band, the budget as another where there is one; value at standard cost.

    Args:
        months: The months, without the opening. unit: What the axis counts, for the hover text.
    """
    days = [month.month.isoformat() for month in months if month.month is not None]
    hover = f"%{{y:,.0f}} {unit}<extra>%{{fullData.name}}</extra>"
    edge = {"color": "var(--up)", "width": 1, "dash": "dot"}
    figure = go.Figure()
    for name, values, fill in (
        ("Target, least", [month.least / CENTS for month in months], None),
        ("Target, most", [month.most / CENTS for month in months], "tonexty"),
    ):
        band = {"fill": fill, "fillcolor": "var(--up-soft)"} if fill else {}
        figure.add_trace(go.Scatter(x=days, y=values, name=name, mode="lines", line=edge, opacity=0.5, **band))
    line: dict[str, Any] = {"color": "var(--accent)", "width": 3}
    amounts = [month.plan / CENTS for month in months]
    figure.add_trace(go.Scatter(x=days, y=amounts, name="Plan", mode="lines+markers", line=line))
    budgeted = [(day, month.budget) for day, month in zip(days, months, strict=True) if month.budget is not None]
    if budgeted:
        line = {"color": "var(--total)", "width": 2, "dash": "dash"}
        amounts = [cents / CENTS for _, cents in budgeted]
        figure.add_trace(go.Scatter(x=[day for day, _ in budgeted], y=amounts, name="Budget", mode="lines", line=line))
    figure.update_traces(hovertemplate=hover)
    return _laid_out(figure, has_legend=True)


def _laid_out(figure: go.Figure, *, has_legend: bool) -> dict[str, Any]:
    """The common face of a figure over the months."""
    figure.update_layout(
        template=None,
        showlegend=has_legend,
        legend={"orientation": "h", "y": 1.12, "x": 1, "xanchor": "right"},
        xaxis={"type": "date", "tickformat": "%b %y", "nticks": 9, "showgrid": False},
        yaxis={"rangemode": "tozero", "nticks": 5},
        bargap=0.35,
        margin={"t": 24, "r": 8, "b": 30, "l": 48},
    )
    return figure.to_plotly_json()  # type: ignore[no-any-return]
