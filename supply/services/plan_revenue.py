"""Revenue of what a plan ships and of its whole demand, by family and market; of an approved plan as it was frozen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import FX6_ONE, to_cents
from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Family, Market
from cycles.models import Plan
from cycles.registry import SectionRow
from cycles.selectors import Scope
from demand.frames import load_rates
from supply.approved import approved_rows
from supply.frames import ConstrainedBlock, load_constrained
from supply.frames.plan_rates import load_plan_families

Ints = NDArray[np.int64]
WORD = "revenue"


def revenue_of(plan: Plan, sent: ConstrainedBlock, scope: Scope) -> tuple[int, int]:
    """Constrained and unconstrained revenue of the horizon, cents of the reporting currency.

    Args:
        sent: the shipments inside the scope. Cells without a price count 0 and are a finding.
    """
    frozen = approved_rows(plan, WORD)
    if frozen is None:
        amount, upside = _cents(plan, sent)
        return int(amount.sum()), int(upside.sum())
    families = dict(Family.objects.values_list("code", "pk"))
    markets = dict(Market.objects.values_list("code", "pk"))
    own = [
        fields
        for (family, market), fields in frozen.items()
        if scope.is_everything or scope.allows(families.get(family), markets.get(market))
    ]
    return sum(sum(row["amount"]) for row in own), sum(sum(row["upside_amount"]) for row in own)


def revenue_rows(plan: Plan) -> Iterator[SectionRow]:
    """Per family and market and month: shipped and short milli-units, their constrained and whole revenue in cents."""
    sent, families = load_constrained(plan), load_plan_families(plan)
    amount, upside = _cents(plan, sent)
    items = [families[item] for item in sent.item_ids.tolist()]
    names, family = np.unique(np.array(items, dtype=str), return_inverse=True)
    keys, group = np.unique(np.stack([family, sent.market_ids], axis=1), axis=0, return_inverse=True)
    blocks = {"ship": sent.ship, "short": sent.short, "amount": amount, "upside_amount": upside}
    sums = {name: sum_by_group(block, group.reshape(-1), len(keys)) for name, block in blocks.items()}
    markets = load_hierarchy().markets.set_index("market_id")["code"].to_dict()
    for row, (name, market) in enumerate(keys.tolist()):
        fields = {field: block[row].astype(np.int64).tolist() for field, block in sums.items()}
        yield SectionRow((WORD, str(names[name]), markets[market]), fields)


def _cents(plan: Plan, sent: ConstrainedBlock) -> tuple[Ints, Ints]:
    """Revenue of the shipments and of the whole demand (series, month), cents."""
    rates = load_rates(plan, sent.item_ids, sent.market_ids)
    known = (rates.net_price4 >= 0) & (rates.fx6 > 0)
    price, fx = np.where(known, rates.net_price4, 0), np.where(known, rates.fx6, FX6_ONE)
    return to_cents(sent.ship, price, fx), to_cents(sent.ship + sent.short, price, fx)
