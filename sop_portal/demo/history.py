"""What the demo company has sold, and what its budget promised: seeded arrays over items, markets and months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.dollars import net_price4, to_cents
from catalog.calc.months import month_index
from catalog.calc.rounding import largest_remainder
from sop_portal.demo import company
from sop_portal.demo.company import CHANNELS, DISCOUNTS, FAMILIES, MODELS, MONTHS, PROMOTIONS, REGIONS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RATE4, FX6 = 10_000, 1_000_000
RETURN_SHARE = 0.012
RAMP = (0.35, 0.6, 0.85)


@dataclass(frozen=True)
class Items:
    """Items that are sold, one row each; arrays (item,). `price` is the USD list of 2026, `start`/`end` month numbers."""

    frame: pd.DataFrame
    family: Ints
    price: Floats
    weight: Floats
    start: Ints
    end: Ints


@dataclass(frozen=True)
class Sales:
    """What was sold. `units` whole units and cents of the reporting currency, (item, market, month)."""

    units: Ints
    list_cents: Ints
    net_cents: Ints
    cogs_cents: Ints
    returned: Ints


@dataclass(frozen=True)
class Budget:
    """What was promised for the fiscal year: whole units and cents, (item, market, 12)."""

    units: Ints
    revenue_cents: Ints
    cogs_cents: Ints


def items_of() -> Items:
    """The items that are sold, family by family: code, name, family, first and last month."""
    rows = [
        {"sku": f"{family.prefix}-{name.split()[1]}", "name": f"{_singular(family.code)} {name}", "number": number}
        for number, family in enumerate(FAMILIES)
        for name, _, _ in MODELS
    ]
    frame = pd.DataFrame(rows)
    number = frame["number"].to_numpy(np.int64)
    model = np.arange(len(frame)) % len(MODELS)
    price = np.array([FAMILIES[n].list_price * MODELS[m][1] for n, m in zip(number, model, strict=True)])
    frame["sell_start"] = [company.LAUNCH_DAY if sku == company.LAUNCHED else date(2020, 1, 1) for sku in frame["sku"]]
    ends = {company.DELISTED: company.DELISTING_DAY, company.RUN_OUT: company.RUN_OUT_DAY}
    frame["sell_end"] = [ends.get(sku) for sku in frame["sku"]]
    return Items(
        frame=frame,
        family=number,
        price=np.maximum(np.round(price) - 1, 9),
        weight=np.array([MODELS[m][2] for m in model]),
        start=np.array([month_index(day) for day in frame["sell_start"]]),
        end=np.array([10**6 if day is None else month_index(day) for day in frame["sell_end"]]),
    )


def local_list4(items: Items, year: int) -> Ints:
    """List price of a year in the market's currency, ten-thousandths, (item, region); whole units of currency."""
    step = max(factor for first, factor in company.LIST_STEPS if first <= year)
    factors = np.array([region.price_factor for region in REGIONS])
    prices: Ints = np.maximum(np.rint(items.price[:, None] * factors * step), 1).astype(np.int64) * RATE4
    return prices


def standard4(items: Items, year: int) -> Ints:
    """Standard cost of a year in USD, ten-thousandths, (item,); a whole number of cents."""
    step = max(factor for first, factor in company.COST_STEPS if first <= year)
    share = np.array([family.standard for family in FAMILIES])[items.family]
    cost: Ints = np.rint(items.price * share * step * 100).astype(np.int64) * 100
    return cost


def actual_fx6(months: tuple[int, ...] = MONTHS) -> Ints:
    """Actual exchange rate, millionths of USD per unit of the region's currency, (region, month): a slow swing."""
    swing = 1.0 + 0.012 * np.sin(np.array(months) / 5.0)
    rates = np.array([region.actual_fx for region in REGIONS])
    fx: Ints = np.where(rates[:, None] == 1.0, FX6, np.rint(rates[:, None] * swing * FX6)).astype(np.int64)
    return fx


def market_region() -> Ints:
    """The region of each market, (market,): markets are regions × channels in their order."""
    regions: Ints = np.repeat(np.arange(len(REGIONS)), len(CHANNELS))
    return regions


def expected_units(items: Items, months: tuple[int, ...], growth: str) -> Floats:
    """Expected units without noise, launches, delistings or promotions, (item, market, month).

    Args:
        items: who is sold.
        months: month numbers.
        growth: the family attribute that 2026 and later follow: 'growth' (what came) or 'promised' (the budget).
    """
    years, position = np.array(months) // 12, np.array(months) % 12
    season = np.array([family.season for family in FAMILIES])[:, position]
    last = np.array([getattr(family, growth) for family in FAMILIES])[:, None]
    level = np.where(years >= 2026, last, np.where(years == 2025, 1.0, 0.975))
    shape = (season * level)[items.family]
    yearly = _yearly_units(items)
    units: Floats = yearly[:, :, None] * shape[:, None, :] / 12.0
    return units


def sales_of(items: Items) -> Sales:
    """The history: expectation × noise × promotions × lives, in whole units; amounts at the rates of their month."""
    rng = np.random.default_rng(company.SEED)
    units = expected_units(items, MONTHS, "growth")
    units = units * _promotion_factors(items) * _life_factors(items)
    family_noise = rng.normal(0.0, 0.025, (len(FAMILIES), units.shape[1], len(MONTHS)))
    units = units * np.exp(family_noise[items.family] + rng.normal(0.0, 0.07, units.shape))
    whole = np.rint(units).astype(np.int64)
    returned = np.rint(whole * RETURN_SHARE * rng.uniform(0.2, 1.8, units.shape)).astype(np.int64)
    returned[:, 1::2] = 0
    _send_back_run_out(items, whole, returned)
    net_units = whole - returned
    given = _given_discount4(items, rng, units.shape)
    lists, costs, fx = _rates_over(items)
    one = np.full(units.shape, FX6, np.int64)
    return Sales(
        units=net_units,
        list_cents=to_cents(net_units * 1000, lists, fx),
        net_cents=to_cents(net_units * 1000, net_price4(lists, given), fx),
        cogs_cents=to_cents(net_units * 1000, costs, one),
        returned=returned,
    )


def budget_of(items: Items) -> Budget:
    """The budget of the fiscal year per item and market, adding to the agreed total to the cent.

    The delisted item is in it and the launched one is not: both were decided after the budget.
    """
    months = tuple(range(company.FISCAL_YEAR * 12, company.FISCAL_YEAR * 12 + 12))
    units = expected_units(items, months, "promised")
    skus = items.frame["sku"].to_numpy()
    units[skus == company.LAUNCHED] = 0.0
    lists = local_list4(items, company.FISCAL_YEAR)[:, market_region()]
    discount = np.array([round(DISCOUNTS[code][0] * RATE4) for _ in REGIONS for code, _, _ in CHANNELS])
    net = net_price4(lists, np.broadcast_to(discount, lists.shape))
    fx = np.array([region.budget_fx for region in REGIONS])[market_region()]
    value = units * (net / RATE4 * fx)[:, :, None] * 100
    scale = company.BUDGET_REVENUE_CENTS / float(value.sum())
    whole = np.rint(units * scale).astype(np.int64)
    priced = np.rint(whole * (net / RATE4 * fx)[:, :, None] * 100)
    revenue = largest_remainder(priced.reshape(-1), np.int64(company.BUDGET_REVENUE_CENTS)).reshape(units.shape)
    cogs = whole * (standard4(items, company.FISCAL_YEAR) // 100)[:, None, None]
    return Budget(units=whole, revenue_cents=np.asarray(revenue, np.int64), cogs_cents=cogs)


def _singular(code: str) -> str:
    return code.removesuffix("s").capitalize()


def _yearly_units(items: Items) -> Floats:
    """Units of 2025 per item and market, (item, market), so that its revenue is the family's share of the level."""
    share = np.array([family.share for family in FAMILIES])
    weights = items.weight * items.price
    family_total = np.bincount(items.family, weights)
    revenue = company.SALES_LEVEL * (share / share.sum())[items.family] * weights / family_total[items.family]
    parts = np.array([region.share * part for region in REGIONS for _, _, part in CHANNELS])
    kept = np.array([1.0 - DISCOUNTS[code][1] for _ in REGIONS for code, _, _ in CHANNELS])
    local = np.array([region.price_factor * region.actual_fx for region in REGIONS])[market_region()]
    units: Floats = revenue[:, None] * parts / (items.price[:, None] * local * kept)
    return units


def _life_factors(items: Items) -> Floats:
    months = np.array(MONTHS)
    age = months - items.start[:, None]
    ramp = np.ones(age.shape)
    for step, share in enumerate(RAMP):
        ramp[age == step] = share
    factors: Floats = np.where((age >= 0) & (months <= items.end[:, None]), ramp, 0.0)[:, None, :]
    return factors


def _promotion_factors(items: Items) -> Floats:
    factors = np.ones((len(items.price), len(REGIONS) * len(CHANNELS), len(MONTHS)))
    for rows, market, month, uplift, _ in _promotions(items):
        factors[rows, market, month] = uplift
    return factors


def _given_discount4(items: Items, rng: np.random.Generator, shape: tuple[int, ...]) -> Ints:
    base = np.array([DISCOUNTS[code][1] for _ in REGIONS for code, _, _ in CHANNELS])
    given = base[None, :, None] + rng.normal(0.0, 0.004, shape)
    for rows, market, month, _, extra in _promotions(items):
        given[rows, market, month] += extra
    rounded: Ints = np.rint(np.clip(given, 0.0, 0.9) * RATE4).astype(np.int64)
    return rounded


def _promotions(items: Items) -> list[tuple[NDArray[np.bool_], int, int, float, float]]:
    """Promotions as (items (item,), market, month position, units factor, extra discount)."""
    prefix = np.array([family.prefix for family in FAMILIES])[items.family]
    markets = [(region.code, code) for region in REGIONS for code, _, _ in CHANNELS]
    return [
        (prefix == family, markets.index((region, channel)), year * 12 + month - 1 - MONTHS[0], uplift, extra)
        for family, region, channel, year, month, uplift, extra in PROMOTIONS
    ]


def _send_back_run_out(items: Items, whole: Ints, returned: Ints) -> None:
    """The trade sends back what it could not sell of the item that ran out: a month with returns only."""
    row = int(np.flatnonzero(items.frame["sku"].to_numpy() == company.RUN_OUT)[0])
    position = month_index(company.RUN_OUT_DAY) + 2 - MONTHS[0]
    returned[row, ::2, position] = np.rint(whole[row, ::2, position - 2] * 0.2).astype(np.int64)


def _rates_over(items: Items) -> tuple[Ints, Ints, Ints]:
    """List price4, cost4 and fx6 over (item, market, month)."""
    years = sorted({month // 12 for month in MONTHS})
    column = np.array([years.index(month // 12) for month in MONTHS])
    lists = np.stack([local_list4(items, year) for year in years], axis=-1)[:, market_region()][:, :, column]
    costs = np.stack([standard4(items, year) for year in years], axis=-1)[:, None, column]
    fx = actual_fx6()[market_region()][None]
    return lists, np.broadcast_to(costs, lists.shape), np.broadcast_to(fx, lists.shape)
