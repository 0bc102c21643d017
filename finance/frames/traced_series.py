"""Units and rates of a few series as a trace needs them: those of the stored landing where it holds, else the live ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.series_rows import read_series
from catalog.models import Company
from cycles.models import Plan, Run
from cycles.selectors import is_approved
from cycles.services.runs import is_stale
from finance.calc.edit_effect import EffectTerms
from finance.calc.series_money import SeriesRates, SeriesUnits
from finance.frames.landing_inputs import family_map, load_series_rates
from finance.frames.stock import load_conversion, load_supplier_days
from finance.frames.terms import load_channel_costs, load_customer_terms
from finance.selectors.position import latest_landing
from supply.models import ShipSeries

Ints = NDArray[np.int64]

KEYS = "unnest(%s::int[], %s::int[]) AS k(item_id, market_id)"
STORED = (
    "SELECT item_id::int4, market_id::int4, s.baseline, m.unconstrained_units, m.shipped_units, m.net_price4, m.cost4, "
    f"m.fx6 FROM finance_moneyseries m JOIN {KEYS} USING (item_id, market_id) "
    "JOIN demand_series s USING (plan_id, item_id, market_id) WHERE plan_id = %s ORDER BY item_id, market_id"
)
LIVE = (
    "SELECT item_id::int4, market_id::int4, s.baseline, s.consensus, "
    "coalesce(h.ship, array_fill(0::bigint, ARRAY[%s])), coalesce(h.short, array_fill(0::bigint, ARRAY[%s])) "
    f"FROM demand_series s JOIN {KEYS} USING (item_id, market_id) "
    "LEFT JOIN supply_shipseries h USING (plan_id, item_id, market_id) WHERE plan_id = %s ORDER BY item_id, market_id"
)


@dataclass(frozen=True)
class TracedSeries:
    """Some series of a plan, ordered by item and market; arrays (series, horizon), `baseline` milli-units.

    `landing` is the run whose rates these are, None when they are the plan's live ones. `is_answered`: supply has
    planned this very demand; otherwise shipments stand at consensus.
    """

    units: SeriesUnits
    rates: SeriesRates
    baseline: Ints
    families: Ints
    landing: Run | None
    is_answered: bool

    def terms(self) -> EffectTerms:
        """When the dollars of these series move cash: their markets' terms, the suppliers' of what is bought."""
        company = Company.objects.current()
        return EffectTerms(
            sales=load_customer_terms(self.units.markets, company.dso_days),
            purchase_days=load_supplier_days(self.units.items, company.dpo_days),
            conversion4=load_conversion(self.units.items),
        )


def standing_landing(plan: Plan) -> Run | None:
    """The stored landing when its figures are the plan's: nothing moved since, or the plan is approved."""
    run = latest_landing(plan)
    if run is None or (is_stale(run, plan) and not is_approved(plan)):
        return None
    return run


def load_traced(plan: Plan, items: Ints, markets: Ints) -> TracedSeries:
    """Units and rates of the given series; a series that the plan does not hold is left out.

    Args:
        plan: the plan.
        items, markets: aligned keys (n,), each pair once.
    """
    run = standing_landing(plan)
    family_of = family_map(load_hierarchy())
    if run is not None:
        keys, blocks = read_series(
            STORED, keys=2, columns=6, months=plan.horizon, parameters=(items.tolist(), markets.tolist(), plan.pk)
        )
        if len(keys[0]) == len(items):
            return _stored(plan, run, keys, blocks, family_of)
    keys, (baseline, wanted, ship, short) = read_series(
        LIVE,
        keys=2,
        columns=4,
        months=plan.horizon,
        parameters=(plan.horizon, plan.horizon, items.tolist(), markets.tolist(), plan.pk),
    )
    answered = bool((ship + short == wanted).all()) and ShipSeries.objects.filter(plan=plan).exists()
    units = SeriesUnits(keys[0].astype(np.int64), keys[1].astype(np.int64), wanted, ship if answered else wanted)
    families = _families(units.items, family_of)
    return TracedSeries(units, load_series_rates(plan, units, family_of), baseline, families, None, answered)


def _stored(
    plan: Plan, run: Run, keys: list[NDArray[np.int32]], blocks: list[Ints], family_of: dict[int, int]
) -> TracedSeries:
    baseline, wanted, shipped, price, cost, fx = blocks
    units = SeriesUnits(keys[0].astype(np.int64), keys[1].astype(np.int64), wanted, shipped)
    families = _families(units.items, family_of)
    rates = SeriesRates(price, cost, load_channel_costs(plan, families, units.markets), fx)
    return TracedSeries(units, rates, baseline, families, run, bool(run.result.get("is_constrained")))


def _families(items: Ints, family_of: dict[int, int]) -> Ints:
    return np.array([family_of.get(int(item), 0) for item in items], dtype=np.int64)
