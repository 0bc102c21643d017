"""Plotly figures of the finance pages: the bridge as a waterfall, and revenue by month. Colours are tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go

CENTS_PER_MILLION = 100_000_000
CENTS_PER_THOUSAND = 100_000
SMALL = 0.05
HEADROOM = 0.12


@dataclass(frozen=True)
class Step:
    """One bar of a waterfall: a total stands on the axis, a change on the bar before it. Cents; `key` goes on a click."""

    label: str
    cents: int
    is_total: bool = False
    key: str = ""

    @property
    def millions(self) -> float:
        """For the axis only."""
        return self.cents / CENTS_PER_MILLION


@dataclass(frozen=True)
class Line:
    """One line of the months: cents per month (None leaves a hole), a colour token and a dash style."""

    name: str
    cents: Sequence[int | None]
    colour: str
    dash: str = "solid"


def waterfall(steps: Sequence[Step], open_actions: int = 0) -> dict[str, Any]:
    """A bridge whose axis starts near the lowest bar top, with open actions as a hatched outlook behind the last total."""
    figure = go.Figure(
        go.Waterfall(
            x=[_broken(step.label) for step in steps],
            y=[step.millions for step in steps],
            measure=["absolute" if step.is_total else "relative" for step in steps],
            text=[_label(step) for step in steps],
            textposition="outside",
            customdata=[step.key for step in steps],
            increasing={"marker": {"color": "var(--up)"}},
            decreasing={"marker": {"color": "var(--down)"}},
            totals={"marker": {"color": "var(--total)"}},
            connector={"line": {"color": "var(--ink-3)", "width": 1, "dash": "dot"}},
            hovertemplate="%{x}: %{text}<extra></extra>",
            cliponaxis=False,
        )
    )
    if open_actions and steps:
        _add_outlook(figure, steps[-1], open_actions)
    low, high = _range(steps, open_actions)
    figure.update_layout(
        template=None,
        yaxis={"range": [low, high], "ticksuffix": " M"},
        xaxis={"type": "category", "tickangle": 0},
        bargap=0.35,
    )
    return figure.to_plotly_json()  # type: ignore[no-any-return]


def revenue_by_month(months: Sequence[date], closed: int, lines: Sequence[Line]) -> dict[str, Any]:
    """Lines over the months; the closed ones lie on a shaded ground."""
    figure = go.Figure()
    for line in lines:
        figure.add_trace(
            go.Scatter(
                x=[month.isoformat() for month in months],
                y=[None if cents is None else cents / CENTS_PER_MILLION for cents in line.cents],
                name=line.name,
                mode="lines",
                line={"color": line.colour, "dash": line.dash, "width": 2},
                hovertemplate="%{x|%b %Y}: %{y:.2f} M<extra>" + line.name + "</extra>",
            )
        )
    shapes = []
    if closed:
        edge = months[closed - 1].isoformat()
        shapes.append(
            {
                "type": "rect",
                "xref": "x",
                "yref": "paper",
                "x0": months[0].isoformat(),
                "x1": edge,
                "y0": 0,
                "y1": 1,
                "fillcolor": "var(--mute-soft)",
                "line": {"width": 0},
                "layer": "below",
            }
        )
    figure.update_layout(template=None, shapes=shapes, yaxis={"ticksuffix": " M", "rangemode": "tozero"})
    return figure.to_plotly_json()  # type: ignore[no-any-return]


def _add_outlook(figure: go.Figure, landing: Step, open_actions: int) -> None:
    """Open actions stand on the landing, hatched: they are not in the plan."""
    height = open_actions / CENTS_PER_MILLION
    figure.add_trace(
        go.Bar(
            x=["Open<br>actions", "With<br>actions"],
            y=[height, landing.millions + height],
            base=[landing.millions, 0],
            text=[f"{height:+.1f}", f"{landing.millions + height:.1f}"],
            textposition="outside",
            marker={
                "color": ["var(--up-soft)", "var(--card)"],
                "line": {"color": ["var(--up)", "var(--total)"], "width": 1},
                "pattern": {"shape": ["", "/"], "fgcolor": "var(--ink-3)", "solidity": 0.2},
            },
            customdata=["actions", "actions"],
            hovertemplate="%{x}: %{text}<extra></extra>",
            cliponaxis=False,
        )
    )


def _broken(label: str) -> str:
    """One word per line, so that labels stand straight under their bars."""
    return label.replace(" ", "<br>")


def _label(step: Step) -> str:
    if step.is_total:
        return f"{step.millions:,.1f}"
    sign = "+" if step.cents > 0 else "−" if step.cents < 0 else ""
    if abs(step.millions) < SMALL:
        return f"{sign}{abs(step.cents) / CENTS_PER_THOUSAND:,.1f} k"
    return f"{sign}{abs(step.millions):,.1f}"


def _range(steps: Sequence[Step], open_actions: int) -> tuple[float, float]:
    """Axis from somewhat below the lowest bar top (never below zero for positive totals) to somewhat above the highest."""
    tops, running = [], 0.0
    for step in steps:
        running = step.millions if step.is_total else running + step.millions
        tops.append(running)
    if steps:
        tops.append(running + open_actions / CENTS_PER_MILLION)
    low, high = min(tops, default=0.0), max(tops, default=1.0)
    room = max((high - low) * HEADROOM, abs(high) * 0.01, 0.01)
    start = low - 2 * room
    return (max(start, 0.0) if low >= 0 else start, high + room if high > 0 else room)
