"""The inventory page: every item's stock against its target, what is stranded, and target, plan and budget by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_date
from cycles.models import Plan
from cycles.selectors import Scope
from supply.calc.inventory import cover_days
from supply.services.frozen_stock import frozen_book
from supply.services.plan_policy import policy_costs
from supply.services.stock_book import InventoryItem, StockBook, stock_book

CENTS = 100


@dataclass(frozen=True, slots=True)
class InventoryMonth:
    """All stock at the end of a month (``month`` None = the opening): cents at standard and days of the demand that
    really comes after it; None where there is no budget, or no demand is coming."""

    month: date | None
    plan: int
    least: int
    most: int
    budget: int | None
    days: float | None
    least_days: float | None
    most_days: float | None
    budget_days: float | None

    @property
    def gap(self) -> int | None:
        """Plan − budget, cents; None without a budget."""
        return None if self.budget is None else self.plan - self.budget


@dataclass(frozen=True, slots=True)
class Expiry:
    """What passes its shelf life in a month by the plan, the oldest being used first: milli-units, cents at the standard
    of the month (None = no standard cost)."""

    code: str
    name: str
    month: date
    units: int
    cents: int | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """The page: items by value, largest first, and months with the opening first. ``uncosted`` items have no standard;
    ``holding`` is the share of the standard that a month of stock costs; ``expiries`` by month, dearest first."""

    items: tuple[InventoryItem, ...]
    months: tuple[InventoryMonth, ...]
    uncosted: int
    holding: float
    expiries: tuple[Expiry, ...] = ()

    @property
    def expiry_cents(self) -> int:
        """Value of all that passes its shelf life in the months of the plan."""
        return sum(row.cents or 0 for row in self.expiries)

    @property
    def stranded(self) -> tuple[InventoryItem, ...]:
        """Items with excess or obsolete stock, dearest first."""
        found = [row for row in self.items if row.stranded]
        return tuple(sorted(found, key=lambda row: (-row.stranded_cents, row.code)))

    @property
    def stranded_cents(self) -> int:
        """Value of all excess and obsolete stock."""
        return sum(row.stranded_cents for row in self.items)

    @property
    def obsolete_cents(self) -> int:
        """Value of what no demand at all is coming for."""
        return sum(row.obsolete_cents for row in self.items)

    @property
    def excess_cents(self) -> int:
        """Value of what is beyond the policy window though some demand comes."""
        return sum(row.excess_cents for row in self.items)

    @property
    def holding_cents(self) -> int:
        """What a month of the opening stock costs by company policy, cents."""
        return round(sum(row.cents or 0 for row in self.items) * self.holding)

    @property
    def storage_cents(self) -> int | None:
        """Storage of a month where stock rules state it; None where none does."""
        known = [row.storage_cents for row in self.items if row.storage_cents is not None]
        return sum(known) if known else None

    def count(self, status: str) -> int:
        """Items of one status."""
        return sum(row.status == status for row in self.items)


def inventory_of(plan: Plan, scope: Scope) -> Inventory:
    """Read the stock of a plan inside a scope (families seen in all markets) and hold it against its targets.

    Of an approved plan as it was frozen. The budget is that of the whole company and is shown to those who see all of it.
    """
    book = frozen_book(plan) or stock_book(plan)
    kept = np.array([scope.allows(key if key > 0 else None, None) for key in book.families], bool)
    months = _months(plan, book, kept, book.budget if scope.is_everything else {})
    shown = [row for row, keep in zip(book.rows, kept.tolist(), strict=True) if keep and (row.units or row.least)]
    return Inventory(
        items=tuple(sorted(shown, key=lambda row: (-(row.cents or 0), row.code))),
        months=tuple(months),
        uncosted=sum(row.cents is None for row in shown),
        holding=policy_costs(plan).holding,
        expiries=_expiries(plan, book, kept),
    )


def _expiries(plan: Plan, book: StockBook, kept: NDArray[np.bool_]) -> tuple[Expiry, ...]:
    found = []
    for at, month in np.argwhere((book.expired > 0) & kept[:, None]).tolist():
        row, day = book.rows[at], month_date(plan.first_month_index + month)
        cents = None if row.cents is None else int(book.expired_value[at, month])
        found.append(Expiry(row.code, row.name, day, int(book.expired[at, month]), cents))
    return tuple(sorted(found, key=lambda row: (row.month, -(row.cents or 0), row.code)))


def _months(plan: Plan, book: StockBook, kept: NDArray[np.bool_], budget: Mapping[int, int]) -> list[InventoryMonth]:
    """Value and days of all kept stock, of its band and of the budget, the opening first."""
    value, least, most = (part[kept].sum(axis=0) for part in (book.value, book.least, book.most))
    wanted = book.wanted[kept].sum(axis=0) / CENTS

    def days(cents: int | None, at: int) -> float | None:
        return None if cents is None else cover_days(cents / CENTS, wanted[at:], book.month_days[at:])

    found = []
    for at in range(len(value)):
        own = budget.get(at - 1)
        found.append(
            InventoryMonth(
                month=month_date(plan.first_month_index + at - 1) if at else None,
                plan=int(value[at]),
                least=int(least[at]),
                most=int(most[at]),
                budget=own,
                days=days(int(value[at]), at),
                least_days=days(int(least[at]), at),
                most_days=days(int(most[at]), at),
                budget_days=days(own, at),
            )
        )
    return found
