"""What one gesture of the ledger moved in dollars: the plan as it is, less the plan without the gesture's deltas.

Supply follows by one printed rule (`without_delta`): a cell with nothing short delivers what is wanted, with and
without the gesture; a cell that is short delivers no more than it delivers now. Production and purchases follow the
shipments in the same month, so a gesture moves no stock. Source: FORMULAS §1, cash both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from finance.calc.cash import CashBlock, Invoices, OperatingLines, cash_flow, issue_invoices, joined, payment_profile
from finance.calc.receivables import Terms
from finance.calc.series_money import SeriesRates, SeriesUnits, dollarize

Ints = NDArray[np.int64]
Kind = TypeVar("Kind", bound=Hashable)


@dataclass(frozen=True)
class EditEffect:
    """What a gesture moved, (line, month), signed: milli-units `wanted` and `shipped`, and cents.

    `upside` and `revenue` favourable positive; `cogs` and `cost_to_serve` are costs, more is positive. `unpriced`
    (line, month) marks cells whose price, exchange rate or cost is missing: there the dollars are not known, never 0.
    """

    wanted: Ints
    shipped: Ints
    upside: Ints
    revenue: Ints
    cogs: Ints
    cost_to_serve: Ints
    unpriced: NDArray[np.bool_]

    @property
    def margin(self) -> Ints:
        """Revenue − COGS at standard − cost to serve, cents (line, month)."""
        return self.revenue - self.cogs - self.cost_to_serve

    @property
    def blocks(self) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints]:
        """Wanted, shipped, upside, revenue, COGS, cost to serve, (line, month) each."""
        return self.wanted, self.shipped, self.upside, self.revenue, self.cogs, self.cost_to_serve


@dataclass(frozen=True)
class EffectTerms:
    """When the dollars of a line move cash, each (line,).

    `sales` the payment profile of the line's market, `purchase_days` until material is paid; `conversion4`
    ten-thousandths of the reporting currency per unit made, paid in the month; 0 for what is bought.
    """

    sales: tuple[Terms, ...]
    purchase_days: Ints
    conversion4: Ints


def edit_effect(delta: Ints, units: SeriesUnits, rates: SeriesRates) -> EditEffect:
    """Dollars of the series as they are less dollars without `delta`, at the same rates, rounded once per cell each.

    Args:
        delta: what the gesture put on the series, milli-units (line, month), signed.
        units: the same series as they are now, the gesture included.
        rates: their rates; −1 = missing.

    Returns:
        Zero wherever `delta` is zero. An empty gesture gives empty arrays.

    Raises:
        ValueError: shapes differ.
    """
    if delta.shape != units.wanted.shape or delta.shape != rates.net_price4.shape:
        raise ValueError("deltas, units and rates must share one (line, month) shape")
    before = without_delta(units, delta)
    now, then = dollarize(units, rates), dollarize(before, rates)
    missing = (rates.net_price4 < 0) | (rates.fx6 <= 0) | (rates.cost4 < 0)
    return EditEffect(
        wanted=units.wanted - before.wanted,
        shipped=units.shipped - before.shipped,
        upside=now.upside - then.upside,
        revenue=now.revenue - then.revenue,
        cogs=now.cogs - then.cogs,
        cost_to_serve=now.channel_cost - then.channel_cost,
        unpriced=missing & (delta != 0),
    )


def without_delta(units: SeriesUnits, delta: Ints) -> SeriesUnits:
    """The series as if the gesture had not been made: wanted less `delta`, shipped by the rule of this module.

    wanted' = wanted − delta; shipped' = wanted' where shipped = wanted, else min(shipped, wanted'). What is delivered late
    of an earlier month comes on top, with and without the gesture. A cell that the gesture does not touch keeps what it
    ships.
    """
    wanted = units.wanted - delta
    late = units.shipped - units.wanted
    shipped = np.where(late >= 0, wanted + late, np.minimum(units.shipped, wanted))
    return replace(units, wanted=wanted, shipped=np.where(delta == 0, units.shipped, shipped))


def effect_cash(effect: EditEffect, terms: EffectTerms) -> CashBlock:
    """Operating cash that the gesture moved, both ways, cents (month,): with its sign, inflow positive.

    Revenue is collected on the market's terms, material paid on the supplier's, conversion and cost to serve in the
    month. margin − Δreceivables + Δpayables = cash in every month; stock does not move.

    Raises:
        CashDoesNotTie: direct and indirect differ; an invoice was lost.
    """
    months = effect.revenue.shape[1]
    worked = to_cents(effect.shipped, terms.conversion4[:, None])
    conversion = np.sign(effect.cogs) * np.minimum(np.abs(worked), np.abs(effect.cogs))
    material = effect.cogs - conversion
    cogs, served = effect.cogs.sum(axis=0), effect.cost_to_serve.sum(axis=0)
    nothing = np.zeros(months, dtype=np.int64)
    lines = OperatingLines(
        revenue=effect.revenue.sum(axis=0),
        cogs=cogs,
        variances=nothing,
        cost_to_serve=served,
        receipts=cogs,
        consumption=nothing,
        purchases=material.sum(axis=0),
        conversion=conversion.sum(axis=0),
        other_variances=nothing,
        capitalised=nothing,
    )
    days = terms.purchase_days.tolist()
    sales = _invoices(effect.revenue, terms.sales, lambda each: each.profile)
    return cash_flow(lines, sales, _invoices(material, days, payment_profile))


def closing_parts(baseline: int, consensus: int, deltas: Ints, price: Callable[[Ints], Ints]) -> tuple[Ints, int]:
    """One cell's dollars by gesture, and what rounding leaves: price(baseline) + Σ parts + rounding = price(consensus).

    Args:
        baseline, consensus: milli-units of the cell; consensus = baseline + Σ deltas.
        deltas: milli-units of each gesture, (gesture,).
        price: milli-units to cents, the one rounding of the product.

    Returns:
        Cents with each gesture less cents without it, (gesture,), the figure that the gesture's own page shows; and
        the rounding in cents, less than one cent per gesture and one.

    Raises:
        ValueError: the deltas do not lead from baseline to consensus.
    """
    if baseline + int(deltas.sum()) != consensus:
        raise ValueError("the gestures of a cell do not lead from its baseline to its consensus")
    whole = np.array([baseline, consensus])
    first, last = (int(cents) for cents in price(whole))
    parts = last - price(consensus - deltas)
    return parts, last - first - int(parts.sum())


def _invoices(amounts: Ints, terms: Sequence[Kind], profile: Callable[[Kind], NDArray[np.float64]]) -> Invoices:
    """Invoices of each month's amounts (line, month), one set per distinct kind of terms (line,)."""
    months = amounts.shape[1]
    lines_of: dict[Kind, list[int]] = {}
    for line, each in enumerate(terms):
        lines_of.setdefault(each, []).append(line)
    issued = [
        issue_invoices(amounts[lines].sum(axis=0), profile(each), months=months) for each, lines in lines_of.items()
    ]
    return joined(*issued) if issued else Invoices(np.zeros((0, months), np.int64), np.zeros(0, np.int64))
