"""One selection of the grid beside it: its past, its plan and baseline, last cycle, budget, in units or in dollars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from django.db.models import Sum
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_date, month_index
from catalog.frames.hierarchy import Hierarchy, load_hierarchy
from catalog.models import ReferencePlan, ReferenceRow
from cycles.models import Plan, User
from cycles.selectors import Scope, scope_of
from demand.calc.interval import shared_interval
from demand.frames import load_actuals, load_rates, plan_months
from demand.models import SegmentForecast
from demand.services.ledger import Node
from demand.services.series_store import PAIR, load_values

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
SHOWN_PAST = 24
YEAR = 12


@dataclass(frozen=True)
class SeriesBelow:
    """The series below a node inside a person's scope, ordered by key (n,); `plan`, `baseline` (n, H) milli-units.

    `price4`, `fx6`, `missing` (n, H): the plan's rates. `before` (n, H): the last cycle's plan in the same months, None
    without one; months that it did not reach are marked in `beyond` (H,).
    """

    keys: Ints
    plan: Ints
    baseline: Ints
    before: Ints | None
    beyond: Bools
    price4: Ints
    fx6: Ints
    missing: Bools

    def cents(self, milli: Ints) -> Ints:
        """(n, H) dollars at the plan's net prices; months without a price add nothing: see `unpriced_milli`."""
        return to_cents(milli, np.where(self.missing, 0, self.price4), np.maximum(self.fx6, 1))

    @property
    def unpriced_milli(self) -> int:
        """Planned milli-units of the next twelve months that have no price and are in no dollar figure."""
        return int(np.where(self.missing, np.abs(self.plan), 0)[:, :YEAR].sum())


@dataclass(frozen=True)
class Curves:
    """What the chart and its table show, per month, all in milli-units or all in cents.

    `sold` (24,) closed months; the others of `months` (H,): None where there is nothing (n/a is never 0). `low`, `high`:
    the 80 % interval of the baseline. `budget` also covers the closed months (24 + H).
    """

    past_months: list[int]
    months: list[int]
    sold: list[int]
    plan: list[int]
    baseline: list[int]
    low: list[int | None]
    high: list[int | None]
    last_year: list[int | None]
    last_cycle: list[int | None]
    budget: list[int | None]

    def rows(self) -> list[dict[str, int | None]]:
        """One row per month of the plan, for the table."""
        ahead = self.budget[len(self.past_months) :]
        named = (self.months, self.plan, self.baseline, self.low, self.high, self.last_year, self.last_cycle, ahead)
        names = ("month", "plan", "baseline", "low", "high", "last_year", "last_cycle", "budget")
        return [dict(zip(names, row, strict=True)) for row in zip(*named, strict=True)]

    @property
    def closed(self) -> list[tuple[int, int]]:
        """Month and what was sold in it, the latest first."""
        return list(zip(self.past_months, self.sold, strict=True))[::-1]

    def has(self, name: str) -> bool:
        """Whether a line has a value in any month."""
        return any(value is not None for value in getattr(self, name))


@dataclass(frozen=True)
class Selection:
    """One node as a person sees it. `year_ahead`, `year_before` milli-units; `cents` of the year ahead, of which
    `unpriced_milli` are not part. `is_shared`: the interval is a part of that of the item's family.
    """

    title: str
    series: SeriesBelow
    curves: Curves
    forecasts: list[SegmentForecast]
    year_ahead: int
    year_before: int
    cents: int
    unpriced_milli: int
    is_shared: bool

    @property
    def change(self) -> float | None:
        """Year ahead against year before, as a fraction; None when nothing was sold."""
        return None if self.year_before <= 0 else (self.year_ahead - self.year_before) / self.year_before


def selection_of(plan: Plan, node: Node, *, user: User, in_units: bool) -> Selection:
    """Everything that the chart of the side panel says about a node, inside what the person may see."""
    hierarchy, first, scope = load_hierarchy(), plan.first_month_index, scope_of(user)
    items = _items_below(hierarchy, node)
    seen = partial(_seen, hierarchy, node, scope)
    series = _series(plan, node, items, seen)
    past = load_actuals(first - SHOWN_PAST, first - 1, items=items.tolist())
    kept = seen(past.item_ids.astype(np.int64), past.market_ids.astype(np.int64))
    forecasts = _forecasts(plan, node, scope)
    units = past.units[kept].sum(axis=0)
    sold = units if in_units else past.net_cents[kept].sum(axis=0)
    return Selection(
        title=_title(hierarchy, node),
        series=series,
        curves=_curves(plan, node, series, sold, forecasts, in_units=in_units),
        forecasts=forecasts,
        year_ahead=int(series.plan[:, :YEAR].sum()),
        year_before=int(units[-YEAR:].sum()),
        cents=int(series.cents(series.plan)[:, :YEAR].sum()),
        unpriced_milli=series.unpriced_milli,
        is_shared=node.item_id is not None,
    )


def _items_below(hierarchy: Hierarchy, node: Node) -> Ints:
    items = hierarchy.items
    kept = items["family_id"] >= 0
    for name in ("category_id", "family_id", "item_id"):
        wanted = getattr(node, name)
        if wanted is not None:
            kept = kept & (items[name] == wanted)
    return items.loc[kept, "item_id"].to_numpy(np.int64)


def _seen(hierarchy: Hierarchy, node: Node, scope: Scope, items: Ints, markets: Ints) -> Bools:
    """(n,) which of the node's series lie in its market and inside the person's scope."""
    family = hierarchy.items.set_index("item_id")["family_id"].reindex(items).to_numpy()
    inside = scope.mask(family, markets)
    return inside if node.market_id is None else inside & (markets == node.market_id)


def _series(plan: Plan, node: Node, items: Ints, seen: Callable[[Ints, Ints], Bools]) -> SeriesBelow:
    markets = None if node.market_id is None else [node.market_id]
    values = load_values(plan, items.tolist(), markets)
    kept = seen(values.item_ids, values.market_ids)
    keys = values.keys[kept]
    rates = load_rates(plan, keys // PAIR, keys % PAIR)
    before, beyond = _before(plan, keys, items, markets)
    prices = (rates.net_price4, rates.fx6, rates.missing)
    return SeriesBelow(keys, values.consensus[kept], values.baseline[kept], before, beyond, *prices)


def _before(plan: Plan, keys: Ints, items: Ints, markets: list[int] | None) -> tuple[Ints | None, Bools]:
    """The last cycle's plan of the series in this plan's months, and the months that it did not reach."""
    beyond = np.ones(plan.horizon, bool)
    if plan.previous is None:
        return None, beyond
    last = load_values(plan.previous, items.tolist(), markets)
    shift = plan.first_month_index - plan.previous.first_month_index
    shared = max(min(last.consensus.shape[1] - shift, plan.horizon), 0)
    wide = np.zeros((len(keys), plan.horizon), np.int64)
    known = np.isin(last.keys, keys)
    wide[np.searchsorted(keys, last.keys[known]), :shared] = last.consensus[known, shift : shift + shared]
    beyond[:shared] = False
    return wide, beyond


def _curves(
    plan: Plan, node: Node, series: SeriesBelow, sold: Ints, forecasts: list[SegmentForecast], *, in_units: bool
) -> Curves:
    def line(milli: Ints) -> Ints:
        return np.asarray((milli if in_units else series.cents(milli)).sum(axis=0))

    low, high = _interval(forecasts, line(series.baseline))
    months = plan_months(plan)
    nothing: list[int | None] = [None] * len(months)
    before = nothing
    if series.before is not None:
        known = zip(line(series.before).tolist(), series.beyond.tolist(), strict=True)
        before = [None if beyond else value for value, beyond in known]
    return Curves(
        past_months=list(range(plan.first_month_index - SHOWN_PAST, plan.first_month_index)),
        months=months,
        sold=sold.tolist(),
        plan=line(series.plan).tolist(),
        baseline=line(series.baseline).tolist(),
        low=low,
        high=high,
        last_year=[*sold[-YEAR:].tolist(), *nothing][: len(months)],
        last_cycle=before,
        budget=_budget(plan, node, in_units=in_units),
    )


def _interval(forecasts: list[SegmentForecast], shown: Ints) -> tuple[list[int | None], list[int | None]]:
    """The interval of the baseline in the measure shown, from the segments below; None where there is none."""
    nothing: list[int | None] = [None] * len(shown)
    if not forecasts:
        return nothing, nothing
    points, low, high = (
        np.array([getattr(forecast, name) for forecast in forecasts], np.float64) for name in ("points", "low", "high")
    )
    bounds = shared_interval(points, low, high, shown=shown.astype(np.float64))
    if bounds is None:
        return nothing, nothing
    return bounds[0].tolist(), bounds[1].tolist()


def _budget(plan: Plan, node: Node, *, in_units: bool) -> list[int | None]:
    """Budget per month of past and plan; None in months that none covers, and below the level at which it was given."""
    first = plan.first_month_index - SHOWN_PAST
    months = range(first, plan.first_month_index + plan.horizon)
    budgets = ReferencePlan.objects.filter(code=ReferencePlan.BUDGET).order_by("fiscal_year", "-id")
    rows = ReferenceRow.objects.filter(plan__in=budgets.distinct("fiscal_year").values("pk"))
    rows = rows.filter(month__gte=month_date(first), month__lte=month_date(months[-1]))
    if node.item_id is not None:
        rows = rows.filter(item=node.item_id)
    elif node.family_id is not None:
        rows = rows.filter(family=node.family_id) | rows.filter(item__family=node.family_id)
    elif node.category_id is not None:
        rows = rows.filter(family__category=node.category_id) | rows.filter(item__family__category=node.category_id)
    if node.market_id is not None:
        rows = rows.filter(market=node.market_id)
    amount = "units_milli" if in_units else "revenue_cents"
    sums = rows.filter(**{f"{amount}__isnull": False}).values_list("month").annotate(total=Sum(amount))
    known = {month_index(day): int(total) for day, total in sums}
    return [known.get(month) for month in months]


def _forecasts(plan: Plan, node: Node, scope: Scope) -> list[SegmentForecast]:
    """The forecasts below a node inside the person's scope, the largest first."""
    found = SegmentForecast.objects.filter(plan=plan).filter(scope.condition(family="family"))
    if node.item_id is not None:
        found = found.filter(family__items=node.item_id)
    if node.family_id is not None:
        found = found.filter(family=node.family_id)
    if node.category_id is not None:
        found = found.filter(family__category=node.category_id)
    if node.market_id is not None:
        found = found.filter(market=node.market_id)
    return sorted(found.select_related("family", "market"), key=lambda forecast: -sum(forecast.points))


def _title(hierarchy: Hierarchy, node: Node) -> str:
    items = hierarchy.items
    parts = []
    if node.item_id is not None:
        item = items.set_index("item_id").loc[node.item_id]
        parts.append(f"{item['code']} {item['name']}")
    elif node.family_id is not None or node.category_id is not None:
        level = "family" if node.family_id is not None else "category"
        parts.append(str(items.loc[items[f"{level}_id"] == getattr(node, f"{level}_id"), level].iloc[0]))
    if node.market_id is not None:
        parts.append(str(hierarchy.markets.set_index("market_id").loc[node.market_id, "code"]))
    return " · ".join(parts) or "All families"
