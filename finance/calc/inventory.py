"""Inventory in units and at standard cost: the roll, the value, and revaluation as a variance of its own.

Source: FORMULAS §1; the identity is asserted at every item and month.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents

Ints = NDArray[np.int64]

HALF_CENT_IN_MILLI_RATE4 = 50_000


class InventoryDoesNotTie(ArithmeticError):
    """A closing stock is not opening + receipts − consumption − shipments, or its value cannot be explained."""


@dataclass(frozen=True)
class StockFlows:
    """Milli-units: `opening` (item,) before the first month; the others (item, month).

    `received` is made + bought, `consumed` what the bill of materials took (and scrap), `shipped` what left to markets.
    """

    opening: Ints
    received: Ints
    consumed: Ints
    shipped: Ints


@dataclass(frozen=True)
class StockAmounts:
    """Cents at the month's standard, (item, month), and how many rounded cells stand behind each amount."""

    receipts: Ints
    consumption: Ints
    cogs: Ints
    rounded_terms: Ints


@dataclass(frozen=True)
class InventoryBlock:
    """`closing_units` milli-units and `value` cents, (item, month); `opening_value` cents (item,).

    `revaluation` = closing − opening − receipts + consumption + COGS, cents, (item, month), a gain is positive;
    `cost_change` is the part that opening units × (standard now − before) explains, the rest is rounding.
    """

    closing_units: Ints
    value: Ints
    opening_value: Ints
    revaluation: Ints
    cost_change: Ints

    @property
    def rounding(self) -> Ints:
        """Revaluation that no cost change explains, cents, (item, month)."""
        return self.revaluation - self.cost_change


def roll_stock(flows: StockFlows) -> Ints:
    """Closing = opening + received − consumed − shipped, running along the months; milli-units (item, month).

    Exact integers. Negative stock is returned as it is: whether it may be is a gate's question.
    """
    net = flows.received - flows.consumed - flows.shipped
    closing: Ints = flows.opening[:, None] + np.cumsum(net, axis=1)
    return closing


def check_roll(flows: StockFlows, stated_closing: Ints) -> None:
    """Compare the closing stock a supply plan states with the roll of its flows.

    Raises:
        InventoryDoesNotTie: naming the first item position and month position that differ, and by how much.
    """
    wrong = np.argwhere(roll_stock(flows) != stated_closing)
    if len(wrong):
        item, month = (int(position) for position in wrong[0])
        difference = int(stated_closing[item, month] - roll_stock(flows)[item, month])
        raise InventoryDoesNotTie(f"item {item}, month {month}: closing stock is off by {difference} milli-units")


def value_stock(flows: StockFlows, amounts: StockAmounts, *, cost4: Ints, opening_cost4: Ints) -> InventoryBlock:
    """Value closing stock at the standard of each month and name what a change of standard did to it.

    value = round(closing units × standard), half away from zero. Components without a standard (0) have no value:
    the finding `finance.component_cost_zero` counts them.

    Args:
        flows: milli-units, (item, month).
        amounts: cents at the standard of the month, (item, month).
        cost4: standard cost, ten-thousandths per unit, (item, month), never missing (0 allowed).
        opening_cost4: the standard in force before the first month, (item,).

    Raises:
        InventoryDoesNotTie: revaluation differs from opening units × (standard now − before) by more than half a cent
            per rounded term: an amount was dropped, doubled or taken at another rate.
    """
    closing = roll_stock(flows)
    value = to_cents(closing, cost4)
    opening_value = to_cents(flows.opening, opening_cost4)
    value_before = np.concatenate([opening_value[:, None], value[:, :-1]], axis=1)
    units_before = np.concatenate([flows.opening[:, None], closing[:, :-1]], axis=1)
    cost_before = np.concatenate([opening_cost4[:, None], cost4[:, :-1]], axis=1)
    revaluation = value - value_before - amounts.receipts + amounts.consumption + amounts.cogs
    exact = units_before * (cost4 - cost_before)
    slack = np.abs(revaluation * 2 * HALF_CENT_IN_MILLI_RATE4 - exact)
    if (slack > HALF_CENT_IN_MILLI_RATE4 * (amounts.rounded_terms + 2)).any():
        worst = int(slack.max()) // (2 * HALF_CENT_IN_MILLI_RATE4)
        raise InventoryDoesNotTie(f"revaluation is not explained by a change of standard: off by {worst} cents")
    return InventoryBlock(
        closing_units=closing,
        value=value,
        opening_value=opening_value,
        revaluation=revaluation,
        cost_change=_change_of_standard(units_before, cost4 - cost_before),
    )


def standing_cost4(cost4: Ints, *, shipped: Ints) -> Ints:
    """The standard at which stock stands in months without one: the last one before, else the first one after.

    Stock outlives the validity of its cost (an item that has ended) and may be older than it (a stock taken later than
    the cycle); neither is a gain or a loss. A month in which the item is shipped keeps what is there, 0 when it is
    missing, because its COGS has no other rate; the finding `finance.missing_cost` stops such a plan.

    Args:
        cost4: ten-thousandths per unit, (item, past + month), at least one month before the horizon; −1 = missing.
        shipped: milli-units, (item, month).

    Returns:
        (item, month + 1) without −1, the first column before the horizon; 0 where an item never has a standard.
    """
    known = cost4 >= 0
    place = np.arange(cost4.shape[1])
    before = np.maximum.accumulate(np.where(known, place, -1), axis=1)
    first = np.where(known.any(axis=1), known.argmax(axis=1), 0)[:, None]
    nearest = np.take_along_axis(cost4, np.where(before >= 0, before, first), axis=1)
    kept = shipped.shape[1] + 1
    moves = np.concatenate([np.zeros((len(cost4), 1), bool), shipped != 0], axis=1)
    standing: Ints = np.maximum(np.where(moves, cost4[:, -kept:], nearest[:, -kept:]), 0)
    return standing


def _change_of_standard(units: Ints, change4: Ints) -> Ints:
    """units × (standard now − before) in cents; a fall of the standard is a negative amount."""
    cents: Ints = np.sign(change4) * to_cents(units, np.abs(change4))
    return cents
