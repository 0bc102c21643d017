"""The company's months at this very revision, computed from units and rates in memory and kept until one of them moves.

Nothing is stored: the run `finance.landing` does that, with the bridge and the dollars of every series.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace

import numpy as np
from django.core.cache import caches
from numpy.typing import NDArray

from catalog.frames.hierarchy import Hierarchy, load_hierarchy
from catalog.models import Company
from cycles.models import Plan
from finance.calc.cash import CashDoesNotTie
from finance.calc.fixed_costs import FixedCostRow
from finance.calc.inventory import InventoryDoesNotTie
from finance.calc.landing import PlanDollars, plan_dollars
from finance.calc.leaves import SeriesAmounts
from finance.calc.series_money import SeriesRates, SeriesUnits
from finance.calc.window import FiscalWindow
from finance.frames.budget import Budget, load_budget
from finance.frames.landing_inputs import (
    ClosedMonths,
    LandingInputs,
    family_map,
    load_closed,
    load_revenue_at_budget,
    load_series_rates,
    load_supply_side,
    load_units,
)
from finance.frames.month_rows import cash_months, company_months, fixed_cost_rows
from finance.frames.terms import load_fixed_costs
from finance.models import CashMonth, CompanyMonth, FixedCostMonth
from finance.selectors.live import FiguresRevision, figures_revision
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]

log = logging.getLogger(__name__)
ATTEMPTS = 3


@dataclass(frozen=True)
class LiveMonths:
    """The company's months at `revision`, not saved. `fault` says why there are none: an identity did not hold."""

    revision: FiguresRevision
    months: tuple[CompanyMonth, ...]
    cash: tuple[CashMonth, ...]
    fixed: tuple[FixedCostMonth, ...]
    is_constrained: bool
    fault: str = ""


@dataclass(frozen=True)
class Ground:
    """What a file or a setting moves and an edit does not. `closed` is without its series."""

    company: Company
    hierarchy: Hierarchy
    window: FiscalWindow
    closed: ClosedMonths
    budget: Budget | None
    fixed_costs: tuple[FixedCostRow, ...]


@dataclass(frozen=True)
class MemoryLanding:
    """Inputs and dollars of a landing that is stored nowhere."""

    inputs: LandingInputs
    dollars: PlanDollars
    revenue_at_budget: list[int | None]


def live_months(plan: Plan) -> LiveMonths:
    """The plan's months as of now, from the cache when nothing has moved.

    The revision is read before and after: figures that an edit overtook while they were computed are computed again,
    and after three overtakings given out as of the revision that they at least hold, but not kept.
    """
    cache = caches["figures"]
    before = figures_revision(plan)
    for _ in range(ATTEMPTS):
        kept = cache.get(before.key)
        if isinstance(kept, LiveMonths):
            return kept
        found = _compute(Plan.objects.get(pk=plan.pk), before)
        after = figures_revision(plan)
        if after == before:
            cache.set(before.key, found)
            return found
        before = after
    return found


def compute_live(plan: Plan, revision: FiguresRevision) -> MemoryLanding:
    """Read units, rates and supply, and compute every measure but the bridge.

    Raises:
        InventoryDoesNotTie, CashDoesNotTie: an identity of the supply plan does not hold.
    """
    ground = _ground(plan, revision)
    units, is_constrained = load_units(plan)
    supply = None
    if is_constrained:
        supply, _ = load_supply_side(plan, ground.company, ground.closed, ground.fixed_costs, units)
    rates = _rates(plan, revision, units, ground.hierarchy)
    inputs = LandingInputs(
        company=ground.company,
        hierarchy=ground.hierarchy,
        window=ground.window,
        units=units,
        rates=rates,
        price_rule=np.zeros(len(units.items), np.int64),
        closed=ground.closed,
        prior=_no_series(),
        budget=ground.budget,
        supply=supply,
        fixed_costs=ground.fixed_costs,
        notes=(),
    )
    dollars = plan_dollars(units, rates, supply)
    return MemoryLanding(inputs, dollars, load_revenue_at_budget(inputs, dollars.money.revenue))


def _compute(plan: Plan, revision: FiguresRevision) -> LiveMonths:
    try:
        landing = compute_live(plan, revision)
    except (InventoryDoesNotTie, CashDoesNotTie) as fault:
        log.warning("Live figures of plan %s are not shown: %s", plan.pk, type(fault).__name__)
        return LiveMonths(revision, (), (), (), True, str(fault))
    months, cash = tuple(company_months(plan, landing)), tuple(cash_months(plan, landing))
    fixed = tuple(fixed_cost_rows(plan, landing))
    return LiveMonths(revision, months, cash, fixed, landing.inputs.supply is not None)


def _ground(plan: Plan, revision: FiguresRevision) -> Ground:
    cache, key = caches["figures"], f"ground:{plan.pk}:{revision.rates}"
    kept = cache.get(key)
    if isinstance(kept, Ground):
        return kept
    company, hierarchy, window = Company.objects.current(), load_hierarchy(), window_of(plan)
    closed = replace(load_closed(plan, window, company), series=_no_series())
    budget = load_budget(window, family_map(hierarchy))
    ground = Ground(company, hierarchy, window, closed, budget, load_fixed_costs(plan))
    cache.set(key, ground)
    return ground


def _rates(plan: Plan, revision: FiguresRevision, units: SeriesUnits, hierarchy: Hierarchy) -> SeriesRates:
    """Rates of exactly these series: the key holds them, so that a series that appears with an edit finds its own."""
    series = hashlib.sha256(units.items.tobytes() + b"|" + units.markets.tobytes()).hexdigest()[:24]
    cache, key = caches["rates"], f"{plan.pk}:{revision.rates}:{series}"
    kept = cache.get(key)
    if isinstance(kept, SeriesRates):
        return kept
    rates = load_series_rates(plan, units, family_map(hierarchy))
    cache.set(key, rates)
    return rates


def _no_series() -> SeriesAmounts:
    keys, block = np.zeros(0, np.int64), np.zeros((0, 12), np.int64)
    return SeriesAmounts(keys, keys, block, block, block, block)
