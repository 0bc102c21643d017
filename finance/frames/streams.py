"""Who moved the plan: actuals, baseline, each stream of the ledger, constraint, adjustments, the number. In dollars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.frames.series_rows import read_series
from cycles.models import Plan
from demand.frames import load_baseline
from demand.models import EditKind
from finance.calc.streams import stream_steps
from finance.frames.results import load_money
from finance.selectors.bridges import BridgeStep
from finance.selectors.position import Position
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]

PAIR = 2**31
FX6_ONE = 1_000_000


def load_streams(plan: Plan, items: Ints, markets: Ints) -> Ints:
    """Ledger deltas of the given series by stream, milli-units (stream, series, horizon), in the order of `EditKind`."""
    kinds = [kind.value for kind in EditKind]
    keys, (delta,) = read_series(
        "SELECT array_position(%s::text[], e.kind::text)::int4, l.item_id::int4, l.market_id::int4, l.delta "
        "FROM demand_editline l JOIN demand_edit e ON e.id = l.edit_id WHERE l.plan_id = %s",
        keys=3,
        columns=1,
        months=plan.horizon,
        parameters=(kinds, plan.pk),
    )
    streams = np.zeros((len(kinds), len(items), plan.horizon), dtype=np.int64)
    series = items * PAIR + markets
    line = keys[1].astype(np.int64) * PAIR + keys[2]
    known = np.isin(line, series)
    np.add.at(streams, (keys[0][known] - 1, np.searchsorted(series, line[known])), delta[known])
    return streams


def stream_bridge(plan: Plan, position: Position) -> list[BridgeStep]:
    """The steps of the fiscal year from actuals and baseline to the finance landing; they add up to the cent.

    What was edited after the landing was computed shows as a step of its own and is gone with the next landing.
    """
    window = window_of(plan)
    names = ("upside_cents", "revenue_cents", "net_price4", "fx6")
    items, markets, (upside, revenue, price, fx) = load_money(plan, *names)
    months = slice(0, window.open)
    usable, rate = np.where(fx > 0, np.maximum(price, 0), 0)[:, months], np.where(fx > 0, fx, FX6_ONE)[:, months]
    steps = stream_steps(
        _baseline(plan, items, markets)[:, months],
        load_streams(plan, items, markets)[:, :, months],
        lambda units: to_cents(units, usable, rate),
    )
    cents = [int(step.sum()) for step in steps]
    wanted, shipped = int(upside[:, months].sum()), int(revenue[:, months].sum())
    found = [BridgeStep("Actuals to date", position.actuals_to_date, True), BridgeStep("Baseline", cents[0])]
    found += [BridgeStep(kind.label, amount, key=kind.value) for kind, amount in zip(EditKind, cents[1:], strict=True)]
    found += [BridgeStep("Edited since the landing", wanted - sum(cents))]
    found += [BridgeStep("Supply constraint", shipped - wanted), BridgeStep("Adjustments", position.adjustments)]
    kept = [step for step in found if step.is_total or step.cents]
    return [*kept, BridgeStep("Landing", position.finance_landing, True)]


def _baseline(plan: Plan, items: Ints, markets: Ints) -> Ints:
    """Baseline of the given series, milli-units (series, horizon)."""
    block = load_baseline(plan)
    here = np.zeros((len(items), plan.horizon), dtype=np.int64)
    series = items * PAIR + markets
    line = block.item_ids.astype(np.int64) * PAIR + block.market_ids
    known = np.isin(line, series)
    here[np.searchsorted(series, line[known])] = block.units[known]
    return here
