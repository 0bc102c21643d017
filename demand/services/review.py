"""What the demand page shows: the grid's rows in units or dollars, and one selection with its past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_date
from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.references import load_reference_rows
from catalog.models import Item
from cycles.models import Plan, User
from cycles.selectors import scope_of
from demand.frames import load_actuals, load_baseline, load_consensus, load_rates, plan_months
from demand.models import Edit, EditLine, SegmentForecast
from demand.services.ledger import Node

Ints = NDArray[np.int64]
SHOWN_PAST = 24
SHOWN_EDITS = 12
BUDGET = "budget"


@dataclass(frozen=True)
class Grid:
    """Series that a person may see, ordered by item and market. `units`, `cents` (n, H); `moved` (n, H) edited cells.

    `cents` of the reporting currency at the plan's rates, −1 where the price is missing; None unless asked for.
    """

    item_ids: Ints
    market_ids: Ints
    units: Ints
    moved: NDArray[np.bool_]
    cents: Ints | None


def grid_of(plan: Plan, *, user: User, with_cents: bool) -> Grid:
    """The grid's rows at the present revision."""
    consensus, baseline = load_consensus(plan), load_baseline(plan)
    family = load_hierarchy().items.set_index("item_id")["family_id"].reindex(consensus.item_ids).to_numpy()
    seen = scope_of(user).mask(family, consensus.market_ids.astype(np.int64))
    items, markets = consensus.item_ids[seen].astype(np.int64), consensus.market_ids[seen].astype(np.int64)
    units = consensus.units[seen]
    cents = dollars_of(plan, items, markets, units) if with_cents else None
    return Grid(items, markets, units, units != baseline.units[seen], cents)


def dollars_of(plan: Plan, items: Ints, markets: Ints, units: Ints) -> Ints:
    """Cents (n, H) of milli-units (n, H) at the plan's net prices and FX; −1 where a price is missing."""
    rates = load_rates(plan, items, markets)
    cents = to_cents(units, np.where(rates.missing, 0, rates.net_price4), np.maximum(rates.fx6, 1))
    return np.where(rates.missing & (units != 0), -1, cents)


@dataclass(frozen=True)
class Selection:
    """One node: its past and its plan per month in units, what the statistics said, and who edited it.

    `past_months` and `months` are month numbers; arrays in milli-units; `budget` one entry per month of past and plan,
    None in months that no budget covers, None as a whole where none was given at this level. `forecasts` the segments
    below, at most a few.
    """

    title: str
    past_months: list[int]
    months: list[int]
    actual: Ints
    consensus: Ints
    baseline: Ints
    budget: list[int | None] | None
    cents: int
    forecasts: list[SegmentForecast]
    edits: list[Edit]

    @property
    def year_ahead(self) -> int:
        """Consensus of the next twelve months, milli-units."""
        return int(self.consensus[:12].sum())

    @property
    def year_before(self) -> int:
        """Sold in the last twelve closed months, milli-units."""
        return int(self.actual[-12:].sum())

    @property
    def change(self) -> float | None:
        """Year ahead against year before, as a fraction; None when nothing was sold."""
        return None if self.year_before <= 0 else (self.year_ahead - self.year_before) / self.year_before

    def table(self) -> list[dict[str, int | None]]:
        """One row per month of the plan: its number, and milli-units of plan, baseline, the year before and budget."""
        ahead = self.budget[len(self.past_months) :] if self.budget is not None else [None] * len(self.months)
        last_year = [*self.actual[-12:].tolist(), *([None] * len(self.months))]
        return [
            {
                "month": month,
                "consensus": int(self.consensus[place]),
                "baseline": int(self.baseline[place]),
                "last_year": last_year[place],
                "budget": ahead[place],
            }
            for place, month in enumerate(self.months)
        ]

    @property
    def moved(self) -> int:
        """Consensus less baseline over the horizon, milli-units."""
        return int((self.consensus - self.baseline).sum())


def selection_of(plan: Plan, node: Node, *, user: User) -> Selection:
    """Everything the side panel says about a node, inside what the person may see."""
    first = plan.first_month_index
    past = load_actuals(first - SHOWN_PAST, first - 1)
    consensus, baseline = load_consensus(plan), load_baseline(plan)
    below_past = _below(node, past.item_ids.astype(np.int64), past.market_ids.astype(np.int64), user)
    below = _below(node, consensus.item_ids.astype(np.int64), consensus.market_ids.astype(np.int64), user)
    items, markets = consensus.item_ids[below].astype(np.int64), consensus.market_ids[below].astype(np.int64)
    cents = dollars_of(plan, items, markets, consensus.units[below])
    return Selection(
        title=_title(node),
        past_months=list(range(first - SHOWN_PAST, first)),
        months=plan_months(plan),
        actual=past.units[below_past].sum(axis=0),
        consensus=consensus.units[below].sum(axis=0),
        baseline=baseline.units[below].sum(axis=0),
        budget=_budget(plan, node),
        cents=int(np.maximum(cents[:, :12], 0).sum()),
        forecasts=_forecasts(plan, node),
        edits=_edits(plan, node),
    )


def _below(node: Node, item_ids: Ints, market_ids: Ints, user: User) -> NDArray[np.bool_]:
    """(n,) which series lie below the node and inside the person's scope."""
    family = load_hierarchy().items.set_index("item_id")["family_id"].reindex(item_ids).to_numpy()
    below = scope_of(user).mask(family, market_ids)
    for wanted, held in ((node.family_id, family), (node.item_id, item_ids), (node.market_id, market_ids)):
        if wanted is not None:
            below = below & (held == wanted)
    return below


def _title(node: Node) -> str:
    hierarchy = load_hierarchy()
    parts = []
    if node.item_id is not None:
        item = hierarchy.items.set_index("item_id").loc[node.item_id]
        parts.append(f"{item['code']} {item['name']}")
    elif node.family_id is not None:
        parts.append(str(hierarchy.items.set_index("family_id").loc[[node.family_id]]["family"].iloc[0]))
    if node.market_id is not None:
        parts.append(str(hierarchy.markets.set_index("market_id").loc[node.market_id, "code"]))
    return " · ".join(parts) or "All families"


def _budget(plan: Plan, node: Node) -> list[int | None] | None:
    """Budget units per month of past and plan, None in a month of which none is given (n/a is never 0); None as a
    whole below the level at which the budget was given."""
    if node.item_id is not None:
        return None
    months = range(plan.first_month_index - SHOWN_PAST, plan.first_month_index + plan.horizon)
    totals: dict[int, int] = {}
    own = set(Item.objects.filter(family=node.family_id).values_list("id", flat=True)) if node.family_id else set()
    for year in range(month_date(months[0]).year, month_date(months[-1]).year + 2):
        rows = load_reference_rows(BUDGET, year)
        if node.family_id is not None:
            rows = rows[(rows["family_id"] == node.family_id) | rows["item_id"].isin(own)]
        if node.market_id is not None:
            rows = rows[rows["market_id"] == node.market_id]
        known = rows[rows["month"].between(months[0], months[-1]) & rows["units_milli"].notna()]
        sums = known.groupby("month")["units_milli"].sum()
        totals |= dict(zip(sums.index.tolist(), sums.astype(np.int64).tolist(), strict=True))
    return [totals.get(month) for month in months] if totals else None


def _forecasts(plan: Plan, node: Node) -> list[SegmentForecast]:
    found = SegmentForecast.objects.filter(plan=plan).select_related("family", "market")
    if node.item_id is not None:
        found = found.filter(family__items=node.item_id)
    elif node.family_id is not None:
        found = found.filter(family=node.family_id)
    if node.market_id is not None:
        found = found.filter(market=node.market_id)
    return sorted(found, key=lambda forecast: -sum(forecast.points))[:6]


def _edits(plan: Plan, node: Node) -> list[Edit]:
    """The latest gestures on the node's cells, newest first."""
    lines = EditLine.objects.filter(plan=plan)
    if node.item_id is not None:
        lines = lines.filter(item=node.item_id)
    elif node.family_id is not None:
        lines = lines.filter(item__family=node.family_id)
    if node.market_id is not None:
        lines = lines.filter(market=node.market_id)
    edits = Edit.objects.filter(plan=plan, pk__in=lines.values("edit_id")).select_related("author")
    return list(edits.order_by("-id")[:SHOWN_EDITS])
