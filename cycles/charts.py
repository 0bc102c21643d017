"""The bridge as a waterfall, a plotly figure for the pages of every stage. Colours are tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

CENTS_PER_MILLION = 100_000_000
MILLI_PER_THOUSAND = 1_000_000
SMALL = 0.05
HEADROOM = 0.12
BREAK_SHARE = 0.035
CROWDED = 11  # more bars than this have no room for straight labels


@dataclass(frozen=True)
class Scale:
    """What an axis counts: stored integers per shown unit, the letter behind it, and the smaller unit for slivers."""

    per_unit: int
    letter: str
    finer: str = ""


@dataclass(frozen=True)
class Tones:
    """Colour tokens of what rises and what falls: of a cost the rise is the bad one."""

    up: str = "var(--up)"
    down: str = "var(--down)"


MONEY = Scale(CENTS_PER_MILLION, "M", "k")
UNITS = Scale(MILLI_PER_THOUSAND, "k")


@dataclass(frozen=True)
class Step:
    """One bar of a waterfall: a total stands on the axis, a change on the bar before it.

    `amount` in cents or milli-units, as the chart's scale says; `key` goes on a click.
    """

    label: str
    amount: int
    is_total: bool = False
    key: str = ""


def waterfall(
    steps: Sequence[Step], open_actions: int = 0, *, scale: Scale = MONEY, tones: Tones = Tones()
) -> dict[str, Any]:
    """A bridge whose axis starts near the lowest bar top, with open actions as a hatched outlook behind the last total.

    Totals on an axis that does not start at zero wear a break mark, so that nobody compares their heights.
    """
    levels = [step.amount / scale.per_unit for step in steps]
    figure = go.Figure(
        go.Waterfall(
            x=[_broken(step.label) for step in steps],
            y=levels,
            measure=["absolute" if step.is_total else "relative" for step in steps],
            text=[_label(step, scale) for step in steps],
            textposition="outside",
            textfont={"color": "var(--ink)", "size": 12},
            customdata=[step.key for step in steps],
            increasing={"marker": {"color": tones.up}},
            decreasing={"marker": {"color": tones.down}},
            totals={"marker": {"color": "var(--total)"}},
            connector={"line": {"color": "var(--ink-3)", "width": 1, "dash": "dot"}},
            hovertemplate="%{x}: %{text}<extra></extra>",
            cliponaxis=False,
        )
    )
    outlook = open_actions / scale.per_unit
    if outlook and steps:
        _add_outlook(figure, levels[-1], outlook)
    low, high = _range(steps, levels, outlook)
    marked = [place for place, step in enumerate(steps) if step.is_total and low > 0]
    figure.update_layout(
        template=None,
        yaxis={"range": [low, high], "ticksuffix": f" {scale.letter}", "nticks": 6},
        xaxis={"type": "category", "tickangle": 0 if len(steps) <= CROWDED else -35, "showgrid": False},
        bargap=0.35,
        shapes=[_break_mark(place, low, high) for place in marked],
        margin={"t": 18, "r": 8, "b": 40, "l": 48},
    )
    return figure.to_plotly_json()  # type: ignore[no-any-return]


def _break_mark(place: int, low: float, high: float) -> dict[str, Any]:
    """A zigzag in the ground's colour across the foot of a bar whose axis does not start at zero."""
    height = (high - low) * BREAK_SHARE
    edge = [place - 0.36 + 0.18 * step for step in range(5)]
    points = [f"{x:.3f},{low + height * (2.2 if k % 2 else 1.5):.4f}" for k, x in enumerate(edge)]
    return {
        "type": "path",
        "path": "M" + " L".join(points),
        "line": {"color": "var(--card)", "width": 3},
    }


def _add_outlook(figure: go.Figure, landing: float, height: float) -> None:
    """Open actions stand on the landing, hatched: they are not in the plan."""
    figure.add_trace(
        go.Bar(
            x=["Open<br>actions", "With<br>actions"],
            y=[height, landing + height],
            base=[landing, 0],
            text=[f"{height:+.1f}".replace("-", "−"), f"{landing + height:.1f}"],
            textposition="outside",
            textfont={"color": "var(--ink)", "size": 12},
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


def _label(step: Step, scale: Scale) -> str:
    shown = step.amount / scale.per_unit
    if step.is_total:
        return f"{shown:,.1f}"
    sign = "+" if step.amount > 0 else "−" if step.amount < 0 else ""
    if scale.finer and abs(shown) < SMALL:
        return f"{sign}{abs(shown) * 1000:,.1f} {scale.finer}"
    return f"{sign}{abs(shown):,.1f}"


def _range(steps: Sequence[Step], levels: Sequence[float], outlook: float) -> tuple[float, float]:
    """Axis from somewhat below the lowest bar top (never below zero for positive totals) to somewhat above the highest."""
    tops, running = [], 0.0
    for step, level in zip(steps, levels, strict=True):
        running = level if step.is_total else running + level
        tops.append(running)
    if steps:
        tops.append(running + outlook)
    low, high = min(tops, default=0.0), max(tops, default=1.0)
    room = max((high - low) * HEADROOM, abs(high) * 0.01, 0.01)
    start = low - 2 * room
    return (max(start, 0.0) if low >= 0 else start, high + room if high > 0 else room)
