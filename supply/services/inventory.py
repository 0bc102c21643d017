"""The inventory page: every item's stock against its target, what is stranded, and target, plan and budget by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_date
from cycles.models import Plan
from cycles.selectors import Scope
from supply.calc.inventory import (
    InventoryPolicy,
    SafetyStock,
    Stranded,
    abc_classes,
    bands,
    cover_days,
    mean_age,
    safety_stocks,
    stranded,
)
from supply.frames import load_policy
from supply.frames.inventory import DAYS, StockBlock, load_rules, load_stock, load_stock_budget

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
INVENTORY_POLICY = InventoryPolicy()
MILLI = 1000


@dataclass(frozen=True, slots=True)
class InventoryItem:
    """One item over all sites at the opening of the plan: milli-units, cents at standard (None = no standard cost).

    ``status`` is below, inside or above its band, or 'no demand'; ``cover`` in days, None without demand; ``rule_safety``
    the safety stock that the plan keeps, ``certain`` and ``both`` what the service level asks for by both formulas;
    ``age`` mean months, None where nothing is known of when it came in; ``older`` milli-units older than what is known.
    """

    item_id: int
    code: str
    name: str
    family: str
    abc_class: str
    service: float
    units: int
    cents: int | None
    cover: float | None
    least: int
    most: int
    status: str
    rule_safety: int
    certain: int
    both: int
    reorder_point: int
    excess: int
    excess_cents: int
    obsolete: int
    obsolete_cents: int
    expires: int
    shelf_life: int | None
    age: float | None
    older: int
    storage_cents: int | None

    @property
    def stranded_cents(self) -> int:
        """Value of what nobody takes within the policy window."""
        return self.excess_cents + self.obsolete_cents

    @property
    def stranded(self) -> int:
        """Units that nobody takes within the policy window."""
        return self.excess + self.obsolete


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
class Inventory:
    """The page: items by value, largest first, and months with the opening first. ``uncosted`` items have no standard."""

    items: tuple[InventoryItem, ...]
    months: tuple[InventoryMonth, ...]
    uncosted: int

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
        return round(sum(row.cents or 0 for row in self.items) * load_policy().costs.holding)

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

    The budget is that of the whole company and is shown to those who see all of it.
    """
    block = load_stock(plan)
    kept = np.array([scope.allows(key if key > 0 else None, None) for key in block.items["family_id"]], bool)
    classes = _classes(block)
    rules = load_rules(block.items, classes)
    cost4 = np.maximum(block.standard4, 0)
    low, high = _bands(block, rules)
    rows = _items(block, classes, rules, (low, high))
    months = _months(plan, block, kept, (cost4, low, high), load_stock_budget(plan) if scope.is_everything else {})
    shown = [row for row, keep in zip(rows, kept.tolist(), strict=True) if keep and (row.units or row.least)]
    return Inventory(
        items=tuple(sorted(shown, key=lambda row: (-(row.cents or 0), row.code))),
        months=tuple(months),
        uncosted=sum(row.cents is None for row in shown),
    )


def _classes(block: StockBlock) -> tuple[str, ...]:
    """A, B, C: sold items by revenue of the last closed months, the others by the value of their coming use."""
    sold = block.items["is_sold"].to_numpy(bool) if len(block.items) else np.zeros(0, bool)
    use = (block.coming * np.maximum(block.standard4, 0)).sum(axis=1)
    letters = np.full(len(sold), "C", dtype=object)
    for part, value in ((sold, block.revenue), (~sold, use)):
        letters[part] = abc_classes(value[part])
    return tuple(letters.tolist())


def _bands(block: StockBlock, rules: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Least and most units (item, month + 1), the opening first."""
    opening = np.zeros((len(block.coming), 1))
    return bands(
        np.concatenate([opening, block.coming], axis=1),
        block.items["safety_stock_milli"].to_numpy(np.float64) / MILLI,
        month_days=np.concatenate([[0], block.month_days]).astype(np.int64),
        least=rules["least_days"],
        most=rules["most_days"],
        review=INVENTORY_POLICY.review,
    )


def _safety(block: StockBlock, rules: Mapping[str, Floats], service: Floats) -> SafetyStock:
    """By the last closed months of sales; what is not sold itself, by the coming months of its use."""
    history = block.sold.any(axis=1)
    mean = np.where(history, block.sold.mean(axis=1), block.coming.mean(axis=1))
    spread = np.where(history, block.sold.std(axis=1, ddof=1), block.coming.std(axis=1, ddof=1))
    lead_deviation = np.nan_to_num(rules["lead_deviation_days"], nan=0.0) / DAYS
    return safety_stocks(mean, spread, lead_time=block.lead_days / DAYS, lead_deviation=lead_deviation, service=service)


def _items(
    block: StockBlock,
    classes: Sequence[str],
    rules: Mapping[str, Floats],
    band: tuple[Floats, Floats],
) -> list[InventoryItem]:
    """One row per item of the block, in its order."""
    usual = dict(INVENTORY_POLICY.service)
    service = np.where(
        np.isfinite(rules["service_level"]), rules["service_level"], [usual[letter] for letter in classes]
    ).astype(np.float64)
    safety = _safety(block, rules, service)
    lost = stranded(
        block.stock[:, 0] / MILLI,
        block.coming,
        window=INVENTORY_POLICY.window,
        month_days=block.month_days,
        shelf_life=rules["shelf_life_days"],
    )
    return [
        _item(
            block, row, (classes[row], float(service[row])), (safety, lost), {**rules, "low": band[0], "high": band[1]}
        )
        for row in range(len(classes))
    ]


def _item(
    block: StockBlock,
    row: int,
    level: tuple[str, float],
    found: tuple[SafetyStock, Stranded],
    by_item: Mapping[str, Floats],
) -> InventoryItem:
    item, units, cost4 = block.items.iloc[row], int(block.stock[row, 0]), int(block.standard4[row, 0])
    safety, lost = found
    low, high = _milli(by_item["low"][row, 0]), _milli(by_item["high"][row, 0])
    excess, obsolete = _milli(lost.excess[row]), _milli(lost.obsolete[row])
    age, older = mean_age(units / MILLI, block.receipts[row])
    storage, life = by_item["storage_cost"][row], by_item["shelf_life_days"][row]
    wanted = bool(block.coming[row].any())
    return InventoryItem(
        item_id=int(block.items.index[row]),
        code=str(item["code"]),
        name=str(item["name"]),
        family=str(item["family"] or ""),
        abc_class=level[0],
        service=level[1],
        units=units,
        cents=_value(units, cost4),
        cover=cover_days(units / MILLI, block.coming[row], block.month_days),
        least=low,
        most=high,
        status="no demand" if not wanted else "below" if units < low else "above" if units > high else "inside",
        rule_safety=int(item["safety_stock_milli"]),
        certain=_milli(safety.certain[row]),
        both=_milli(safety.both[row]),
        reorder_point=_milli(safety.reorder_point[row]),
        excess=excess,
        excess_cents=_value(excess, cost4) or 0,
        obsolete=obsolete,
        obsolete_cents=_value(obsolete, cost4) or 0,
        expires=_milli(lost.expires[row]),
        shelf_life=None if np.isnan(life) else int(life),
        age=age if units and block.receipts[row].any() else None,
        older=_milli(older),
        storage_cents=None if np.isnan(storage) else round(units / MILLI * storage * 100),
    )


def _months(
    plan: Plan,
    block: StockBlock,
    kept: NDArray[np.bool_],
    parts: tuple[Ints, Floats, Floats],
    budget: Mapping[int, int],
) -> list[InventoryMonth]:
    """Value and days of all kept stock, of its band and of the budget, the opening first."""
    cost4, low, high = parts
    cost4 = np.concatenate([cost4[:, :1], cost4], axis=1)[kept]
    value = to_cents(block.stock[kept], cost4).sum(axis=0)
    least = to_cents(np.rint(low[kept] * MILLI).astype(np.int64), cost4).sum(axis=0)
    most = to_cents(np.rint(high[kept] * MILLI).astype(np.int64), cost4).sum(axis=0)
    wanted = (block.coming[kept] * cost4[:, 1:] / 10_000).sum(axis=0)

    def days(cents: int | None, at: int) -> float | None:
        return None if cents is None else cover_days(cents / 100, wanted[at:], block.month_days[at:])

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


def _value(units: int, cost4: int) -> int | None:
    return None if cost4 < 0 else int(to_cents(units, cost4))


def _milli(units: float) -> int:
    return round(float(units) * MILLI)
