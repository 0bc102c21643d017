"""The demand that would have used stranded stock: what the cycle before still expected and this one does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from catalog.models import Item, Market
from cycles.models import Plan
from demand.frames import SeriesBlock, load_actuals, load_consensus
from supply.frames.sources import load_bom_lines

MILLI = 1000
NAMED = 3


@dataclass(frozen=True, slots=True)
class LostDemand:
    """Demand of an item that went since the cycle before: milli-units, and where most of it was (markets; for a
    component the items it would have gone into), largest first."""

    units: int
    places: tuple[tuple[str, int], ...]


def lost_demand(plan: Plan, items: Collection[int]) -> Mapping[int, LostDemand]:
    """Demand of the plan before, less what was sold in the months closed since and what this plan still expects.

    Only falls are counted, per item and place. A component counts the fall of its parents by its bill of materials.

    Args:
        plan: the present plan; without a plan before nothing is known and the answer is empty.
        items: keys of the stranded items.

    Returns:
        item key → what went; items without a fall are left out. Five queries.
    """
    before = plan.previous
    if before is None or not items:
        return {}
    fallen = _fallen(plan, before)
    markets = dict(Market.objects.values_list("id", "code"))
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    by_item: dict[int, int] = defaultdict(int)
    for (item, market), units in fallen.items():
        by_item[item] += units
        if item in items:
            found[item][markets[market]] += units
    lines = load_bom_lines(plan.first_month_index, 1)
    codes = dict(Item.objects.filter(pk__in=set(lines.parent.tolist())).values_list("id", "code"))
    for parent, component, quantity in zip(
        lines.parent.tolist(), lines.component.tolist(), lines.quantity.tolist(), strict=True
    ):
        if component in items and by_item.get(parent):
            found[component][codes[parent]] += round(by_item[parent] * quantity)
    return {item: _lost(places) for item, places in found.items()}


def _lost(places: Mapping[str, int]) -> LostDemand:
    ranked = sorted(places.items(), key=lambda place: (-place[1], place[0]))
    return LostDemand(sum(places.values()), tuple(ranked[:NAMED]))


def _fallen(plan: Plan, before: Plan) -> dict[tuple[int, int], int]:
    """Milli-units by (item, market) that the plan before expected in its months beyond actual sales and this plan."""
    passed = plan.first_month_index - before.first_month_index
    expected, now = (
        _totals(load_consensus(before), before.horizon),
        _totals(load_consensus(plan), before.horizon - passed),
    )
    sold = load_actuals(before.first_month_index, plan.first_month_index - 1)
    for item, market, units in zip(
        sold.item_ids.tolist(), sold.market_ids.tolist(), sold.units.sum(axis=1).tolist(), strict=True
    ):
        now[item, market] += units
    return {place: units - now[place] for place, units in expected.items() if units > now[place]}


def _totals(block: SeriesBlock, months: int) -> dict[tuple[int, int], int]:
    """Milli-units of the first ``months`` months by (item, market)."""
    totals: dict[tuple[int, int], int] = defaultdict(int)
    for item, market, units in zip(
        block.item_ids.tolist(), block.market_ids.tolist(), block.units[:, :months].sum(axis=1).tolist(), strict=True
    ):
        totals[item, market] += units
    return totals
