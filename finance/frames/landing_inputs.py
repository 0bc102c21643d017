"""Everything a landing is computed from, read once: the plan's units and rates, closed months, supply, budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_date, month_index
from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import Hierarchy, load_hierarchy
from catalog.frames.rates import load_fx, load_standard_costs
from catalog.models import Company, Item
from cycles.models import Plan
from demand.calc.discounts import DiscountRule
from demand.frames import load_actuals, load_consensus, load_rates
from finance.calc.company_money import StockRows, SupplierTerms
from finance.calc.fixed_costs import FixedCostRow, fixed_cost_months
from finance.calc.inventory import standing_cost4
from finance.calc.landing import MarketTerms, Premiums, SupplySide, at_budget_rates, revenue_by_market
from finance.calc.leaves import SeriesAmounts
from finance.calc.series_money import SeriesRates, SeriesUnits
from finance.calc.variances import VariancePlan, VariancePolicy
from finance.calc.window import FiscalWindow, fiscal_window
from finance.frames.budget import Budget, load_budget
from finance.frames.stock import SupplyBlock, load_conversion, load_supplier_days, load_supply
from finance.frames.terms import (
    load_balances,
    load_channel_costs,
    load_customer_terms,
    load_fixed_costs,
    load_variances,
)
from finance.models import CustomerTerm
from supply.frames import load_constrained

Ints = NDArray[np.int64]

FX6_ONE = 1_000_000


@dataclass(frozen=True)
class ClosedMonths:
    """Actuals of the closed months of the fiscal year, and what the terms need of the months before the plan.

    `revenue`, `cogs` (closed month of the year,) cents; `past_markets` (market,) and `past_revenue` (market, past month),
    `past_cogs` (past month,) cents, the last one just before the plan.
    """

    series: SeriesAmounts
    revenue: Ints
    cogs: Ints
    past_markets: Ints
    past_revenue: Ints
    past_cogs: Ints


@dataclass(frozen=True)
class LandingInputs:
    """A plan as arrays. `supply` is None while no supply plan matches the consensus; `notes` say what stands in.
    `price_rule` (series,) is the weakest `DiscountRule` of a series' prices.

    `prior` are the actuals of the twelve months before the fiscal year: the mix by which a budget comes to its items.
    """

    company: Company
    hierarchy: Hierarchy
    window: FiscalWindow
    units: SeriesUnits
    rates: SeriesRates
    price_rule: Ints
    closed: ClosedMonths
    prior: SeriesAmounts
    budget: Budget | None
    supply: SupplySide | None
    fixed_costs: tuple[FixedCostRow, ...]
    notes: tuple[str, ...]

    @property
    def has_stock(self) -> bool:
        """Whether anything of the supply plan can be stocked; a company that only sells services has no inventory."""
        return self.supply is not None and not self.supply.stock.is_service.all()

    @property
    def family_of(self) -> dict[int, int]:
        """Item → family, for the items that have one."""
        return family_map(self.hierarchy)


def family_map(hierarchy: Hierarchy) -> dict[int, int]:
    """Item → family, for the items that have one."""
    items = hierarchy.items
    return {int(i): int(f) for i, f in zip(items["item_id"], items["family_id"], strict=True) if f > 0}


def load_landing(plan: Plan) -> LandingInputs:
    """Read a plan at its present revision; no actual after the month before its first is read."""
    company, hierarchy = Company.objects.current(), load_hierarchy()
    window = fiscal_window(plan.first_month_index, plan.horizon, company.fiscal_year_start_month)
    units, is_constrained = load_units(plan)
    closed, fixed = load_closed(plan, window, company), load_fixed_costs(plan)
    supply, notes = None, ["No supply plan matches this demand: revenue is at consensus, stock and cash are missing."]
    if is_constrained:
        supply, notes = load_supply_side(plan, company, closed, fixed, units)
    budget = load_budget(window, family_map(hierarchy))
    if budget is None:
        notes.append(f"Fiscal year {window.fiscal_year} has no budget: there is no gap to bridge.")
    rates, rule = _rates_and_rules(plan, units, family_map(hierarchy))
    if averaged := int((rule >= DiscountRule.AVERAGE_ITEM_MARKET).sum()):
        notes.append(f"{averaged} series without a price take their average selling price.")
    if window.uncovered:
        notes.append(f"The plan ends {window.uncovered} months before fiscal year {window.fiscal_year} does.")
    return LandingInputs(
        company=company,
        hierarchy=hierarchy,
        window=window,
        units=units,
        rates=rates,
        price_rule=rule,
        closed=closed,
        prior=load_prior_year(window),
        budget=budget,
        supply=supply,
        fixed_costs=fixed,
        notes=tuple(notes),
    )


def load_units(plan: Plan) -> tuple[SeriesUnits, bool]:
    """Consensus and shipments on the consensus's series; False when no supply plan matches this very consensus.

    It matches when ship + short is the consensus of every series. Otherwise shipments equal the consensus.
    """
    wanted, constrained = load_consensus(plan), load_constrained(plan)
    items, markets = wanted.item_ids.astype(np.int64), wanted.market_ids.astype(np.int64)
    keys = items * 2**31 + markets
    supplied = constrained.item_ids.astype(np.int64) * 2**31 + constrained.market_ids.astype(np.int64)
    ship, answered = np.zeros_like(wanted.units), np.zeros_like(wanted.units)
    _, here, there = np.intersect1d(keys, supplied, return_indices=True)
    ship[here] = constrained.ship[there]
    answered[here] = constrained.ship[there] + constrained.short[there]
    matches = len(here) == len(supplied) > 0 and bool((answered == wanted.units).all())
    return SeriesUnits(items, markets, wanted.units, ship if matches else wanted.units), matches


def load_series_rates(plan: Plan, units: SeriesUnits, family_of: dict[int, int]) -> SeriesRates:
    """Price, cost, channel cost and exchange rate of every series and month; −1 = missing."""
    return _rates_and_rules(plan, units, family_of)[0]


def _rates_and_rules(plan: Plan, units: SeriesUnits, family_of: dict[int, int]) -> tuple[SeriesRates, Ints]:
    """The rates, and the weakest rule (series,) by which one of a series' prices came about."""
    months = range(plan.first_month_index, plan.first_month_index + plan.horizon)
    block = load_rates(plan, units.items, units.markets)
    families = np.array([family_of.get(int(item), 0) for item in units.items], dtype=np.int64)
    rates = SeriesRates(
        net_price4=block.net_price4,
        cost4=load_standard_costs(units.items, months),
        channel_cost4=load_channel_costs(plan, families, units.markets),
        fx6=block.fx6,
    )
    return rates, np.where(block.missing, 0, block.rule).max(axis=1, initial=0)


def load_closed(plan: Plan, window: FiscalWindow, company: Company) -> ClosedMonths:
    """Actuals of the fiscal year's closed months, and of as many before the plan as the longest terms reach."""
    longest = max(company.dso_days, company.dpo_days, *CustomerTerm.objects.values_list("days", flat=True))
    reach = max(window.closed, longest // 30 + 2)
    first = window.first_month - reach
    block = load_actuals(first, window.first_month - 1)
    units, net, markets = block.units, block.net_cents, block.market_ids.astype(np.int64)
    year = slice(reach - window.closed, None)
    places, place = np.unique(markets, return_inverse=True)
    return ClosedMonths(
        series=SeriesAmounts(
            block.item_ids.astype(np.int64), markets, units[:, year], units[:, year], net[:, year], net[:, year]
        ),
        revenue=net[:, year].sum(axis=0),
        cogs=block.cogs_cents[:, year].sum(axis=0),
        past_markets=places,
        past_revenue=sum_by_group(net, place, len(places)),
        past_cogs=block.cogs_cents.sum(axis=0),
    )


def load_prior_year(window: FiscalWindow) -> SeriesAmounts:
    """Actuals of the twelve months before the fiscal year, all of them closed."""
    block = load_actuals(window.start - 12, window.start - 1)
    items, markets = block.item_ids.astype(np.int64), block.market_ids.astype(np.int64)
    return SeriesAmounts(items, markets, block.units, block.units, block.net_cents, block.net_cents)


def load_supply_side(
    plan: Plan, company: Company, closed: ClosedMonths, fixed: tuple[FixedCostRow, ...], units: SeriesUnits
) -> tuple[SupplySide, list[str]]:
    """The constrained plan with its costs, variances and terms, and what stands in for missing balances."""
    block, balances = load_supply(plan), load_balances(plan)
    family_of = dict(Item.objects.filter(family__isnull=False).values_list("id", "family_id"))
    policy = VariancePolicy(company.variance_policy)
    customers = _market_terms(units, closed, company, balances.get("receivables"))
    side = SupplySide(
        stock=_stock_rows(plan, company, block),
        families=np.array([family_of.get(int(item), 0) for item in block.items], dtype=np.int64),
        premiums=Premiums(block.overtime_cents, block.expedite_cents, block.subcontract_cents, block.freight_cents),
        variances=VariancePlan(load_variances(plan), policy, balances.get("variances", 0)),
        suppliers=SupplierTerms(
            dpo_days=company.dpo_days,
            supplier_days=load_supplier_days(block.items, company.dpo_days),
            payables=balances.get("payables"),
            past_purchases=closed.past_cogs,
        ),
        customers=customers,
        fixed=fixed_cost_months(fixed, plan.horizon),
    )
    return side, _notes(plan, company, balances, side)


def _market_terms(units: SeriesUnits, closed: ClosedMonths, company: Company, opening: int | None) -> MarketTerms:
    """Every market that sells in the plan or sold before it."""
    markets = np.union1d(units.markets, closed.past_markets)
    past = np.zeros((len(markets), len(closed.past_cogs)), dtype=np.int64)
    past[np.searchsorted(markets, closed.past_markets)] = closed.past_revenue
    return MarketTerms(markets, past, load_customer_terms(markets, company.dso_days), opening)


def _stock_rows(plan: Plan, company: Company, block: SupplyBlock) -> StockRows:
    first = month_index(company.history_start)
    services = list(Item.objects.filter(is_service=True).values_list("id", flat=True))
    months = range(min(first, plan.first_month_index - 1), plan.first_month_index + plan.horizon)
    costs = standing_cost4(load_standard_costs(block.items, months), shipped=block.shipped)
    return StockRows(
        items=block.items,
        sites=block.sites,
        opening=block.opening,
        made=block.make + block.overtime,
        bought=block.buy,
        consumed=block.consumed,
        shipped=block.shipped,
        closing=block.inventory,
        cost4=costs[:, 1:],
        opening_cost4=costs[:, 0],
        conversion4=load_conversion(block.items),
        is_service=np.isin(block.items, services),
    )


def load_leaf_fx(market_ids: Ints, window: FiscalWindow) -> tuple[Ints, Ints]:
    """Budget and plan exchange rates of leaves over the year, millionths, (leaf, 12) each.

    Closed months take the actual rate, else the plan's; a missing budget rate takes the plan's, so that FX is 0 there.
    """
    plan = load_fx(market_ids, window.months, "plan")
    plan = np.where(plan > 0, plan, FX6_ONE)
    actual = load_fx(market_ids, window.months, "actual")
    is_closed = np.arange(12) < window.closed
    used = np.where(is_closed & (actual > 0), actual, plan)
    budget = load_fx(market_ids, window.months, "budget")
    return np.where(budget > 0, budget, used), used


def load_revenue_at_budget(inputs: LandingInputs, plan_revenue: Ints) -> list[int | None]:
    """Revenue at budget exchange rates of the year's closed months, then of the plan's, cents.

    Args:
        inputs: the landing's inputs.
        plan_revenue: cents (series, month) of `inputs.units`.
    """
    window, closed = inputs.window, inputs.closed
    markets = np.union1d(inputs.units.markets, closed.past_markets)
    sold = closed.past_revenue[:, closed.past_revenue.shape[1] - window.closed :]
    revenue = np.concatenate(
        [
            revenue_by_market(markets, closed.past_markets, sold),
            revenue_by_market(markets, inputs.units.markets, plan_revenue),
        ],
        axis=1,
    )
    months = range(window.start, window.first_month + window.horizon)
    plan, actual = load_fx(markets, months, "plan"), load_fx(markets, months, "actual")
    is_closed = np.arange(len(months)) < window.closed
    return at_budget_rates(
        revenue, np.where(is_closed & (actual > 0), actual, plan), load_fx(markets, months, "budget")
    )


def _notes(plan: Plan, company: Company, balances: dict[str, int], side: SupplySide) -> list[str]:
    """What stands in for something missing."""
    month = month_date(plan.first_month_index - 1)
    notes = []
    if "receivables" not in balances:
        how = (
            "each market's terms" if any(not t.is_default for t in side.customers.terms) else f"{company.dso_days} days"
        )
        notes.append(f"No receivables at the end of {month:%Y-%m}: {how} over the closed revenue.")
    if "payables" not in balances:
        notes.append(f"No payables at the end of {month:%Y-%m}: {company.dpo_days} days over closed COGS at standard.")
    is_capitalised = side.variances.policy is VariancePolicy.CAPITALISED
    if side.variances.rows and is_capitalised and "variances" not in balances:
        notes.append(f"No capitalised variances at the end of {month:%Y-%m}: the balance opens at 0.")
    return notes
