"""The arrays on which exceptions are judged: a plan, its baseline, last cycle and last year on one set of series."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from django.db import connection
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from demand.calc.split import Lives
from demand.frames import ActualBlock, SeriesBlock, load_actuals, load_baseline, load_consensus, load_rates
from demand.models import SegmentForecast
from demand.services.series_store import PAIR

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
YEAR = 12
RECENT = 3


@dataclass(frozen=True)
class Inputs:
    """Series of a plan, of the last cycle and of the last year, aligned (n,), over the first T ≤ 12 months of the plan.

    `plan`, `baseline` and `before` (the last cycle's plan; None without one, or where a month was beyond its horizon) are
    (n, T) milli-units; `sold` (n, 12) the last closed months, `sold_cents` (n, T) the net sales a year before. `price4`,
    `fx6`, `missing` (n, T) the plan's rates. `segment` (n,) the place of the series among `segments` (s, 2): family and
    market ids.
    """

    months: Ints
    item_ids: Ints
    market_ids: Ints
    segment: Ints
    segments: Ints
    plan: Ints
    baseline: Ints
    before: Ints | None
    sold: Ints
    sold_cents: Ints
    alive: Bools
    price4: Ints
    fx6: Ints
    missing: Bools
    items: pd.DataFrame = field(repr=False)
    markets: dict[int, str] = field(repr=False)

    @property
    def last_year(self) -> Ints:
        """(n, T) milli-units sold a year before each month."""
        return self.sold[:, : len(self.months)]

    @property
    def recent(self) -> Ints:
        """(n, 3) milli-units of the last closed months."""
        return self.sold[:, -RECENT:]

    def cents(self, milli: Ints) -> Ints:
        """(n, T) dollars of milli-units at the plan's net prices; months without a price add nothing: see `unpriced`."""
        return to_cents(milli, np.where(self.missing, 0, self.price4), np.maximum(self.fx6, 1))

    def unpriced(self, milli: Ints) -> Ints:
        """(n,) milli-units, without sign, that have no price and are not in `cents`."""
        return np.asarray(np.where(self.missing, np.abs(milli), 0).sum(axis=1))

    def by_segment(self, values: Ints) -> Ints:
        """(s, …) sums of (n, …) over the series of each family in each market."""
        return sum_by_group(values, self.segment, len(self.segments))


def load_inputs(plan: Plan) -> Inputs:
    """Read what exceptions are judged by; sales of the plan's own months are never read. Ten queries at any size."""
    first, count = plan.first_month_index, min(YEAR, plan.horizon)
    hierarchy = load_hierarchy()
    sold, consensus = load_actuals(first - YEAR, first - 1), load_consensus(plan)
    baseline = load_baseline(plan)
    last = load_consensus(plan.previous) if plan.previous else None
    blocks: list[ActualBlock | SeriesBlock] = [sold, consensus, *([last] if last else [])]
    keys = np.unique(np.concatenate([_keys(block) for block in blocks]))
    families = hierarchy.items.set_index("item_id")["family_id"]
    keys = keys[families.reindex(keys // PAIR).to_numpy() >= 0]
    items, markets = keys // PAIR, keys % PAIR
    segments, segment = np.unique(families.loc[items].to_numpy(np.int64) * PAIR + markets, return_inverse=True)
    months = first + np.arange(count, dtype=np.int64)
    rates = load_rates(plan, items, markets, months.tolist())
    known = hierarchy.items.set_index("item_id")
    lives = Lives(known["launch_month"].loc[items].to_numpy(np.int64), known["end_month"].loc[items].to_numpy(np.int64))
    return Inputs(
        months=months,
        item_ids=items,
        market_ids=markets,
        segment=segment.astype(np.int64),
        segments=np.stack([segments // PAIR, segments % PAIR], axis=1),
        plan=_aligned(keys, consensus, consensus.units[:, :count]),
        baseline=_aligned(keys, baseline, baseline.units[:, :count]),
        before=_before(plan, keys, last, count),
        sold=_aligned(keys, sold, sold.units),
        sold_cents=_aligned(keys, sold, sold.net_cents[:, :count]),
        alive=lives.alive(months),
        price4=rates.net_price4,
        fx6=rates.fx6,
        missing=rates.missing,
        items=known,
        markets=dict(zip(hierarchy.markets["market_id"].tolist(), hierarchy.markets["code"].tolist(), strict=True)),
    )


def judged_months(plan: Plan, inputs: Inputs) -> tuple[Ints, Ints]:
    """Sold and planned milli-units (s, M) per segment, of the last closed months that an earlier plan saw a month ahead.

    At most twelve months; an earlier plan is judged in its first month only (lag 1). Sums are taken in the database.
    """
    first = plan.first_month_index
    earlier = Plan.objects.filter(first_month__lt=plan.first_month).order_by("-first_month")[:YEAR]
    months = {old.pk: old.first_month_index for old in earlier if old.first_month_index >= first - YEAR}
    query = """
        SELECT s.plan_id, i.family_id, s.market_id, SUM(s.consensus[1])::bigint
        FROM demand_series s JOIN catalog_item i ON i.id = s.item_id
        WHERE s.plan_id = ANY(%s) AND i.family_id IS NOT NULL GROUP BY 1, 2, 3
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [list(months)])
        rows = cursor.fetchall()
    actual = inputs.by_segment(inputs.sold)
    place = {(int(family), int(market)): row for row, (family, market) in enumerate(inputs.segments.tolist())}
    seen = sorted(months.values())
    planned = np.zeros((len(inputs.segments), len(seen)), np.int64)
    for plan_id, family, market, units in rows:
        if (family, market) in place:
            planned[place[family, market], seen.index(months[plan_id])] = units
    return actual[:, [month - (first - YEAR) for month in seen]], planned


@dataclass(frozen=True)
class Bands:
    """What the statistics said per segment, aligned with `Inputs.segments`: the interval (s, T) milli-units, and bias and
    tracking signal of the backtest (s,), NaN where there are none."""

    low: Ints
    high: Ints
    bias: Floats
    signal: Floats


def load_bands(plan: Plan, inputs: Inputs) -> Bands:
    """The plan's segment forecasts; zeros (no interval) for a segment that has none."""
    count, width = len(inputs.segments), len(inputs.months)
    low, high = np.zeros((2, count, width), np.int64)
    bias, signal = np.full((2, count), np.nan)
    place = {(family, market): row for row, (family, market) in enumerate(inputs.segments.tolist())}
    wanted = ("family_id", "market_id", "low", "high", "bias", "tracking_signal")
    for family, market, least, most, error, tracking in SegmentForecast.objects.filter(plan=plan).values_list(*wanted):
        if (row := place.get((family, market))) is not None:
            low[row], high[row] = least[:width], most[:width]
            bias[row], signal[row] = _number(error), _number(tracking)
    return Bands(low, high, bias, signal)


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _before(plan: Plan, keys: Ints, last: SeriesBlock | None, count: int) -> Ints | None:
    """The last cycle's plan in this plan's months; None without one or where it does not reach that far."""
    if last is None or plan.previous is None:
        return None
    shift = plan.first_month_index - plan.previous.first_month_index
    if shift + count > last.units.shape[1]:
        return None
    return _aligned(keys, last, last.units[:, shift : shift + count])


def _keys(block: ActualBlock | SeriesBlock) -> Ints:
    return block.item_ids.astype(np.int64) * PAIR + block.market_ids


def _aligned(keys: Ints, block: ActualBlock | SeriesBlock, values: Ints) -> Ints:
    """`values` of the block's series on the rows of `keys` (ascending); 0 where it has no such series."""
    aligned = np.zeros((len(keys), values.shape[1]), np.int64)
    own = _keys(block)
    known = np.isin(own, keys)
    aligned[np.searchsorted(keys, own[known])] = values[known]
    return aligned
