"""The stock of a plan item by item against its targets: rules, costs, sales and budget as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from cycles.models import Plan
from supply.calc.inventory import (
    InventoryPolicy,
    SafetyStock,
    Stranded,
    band_of_plan,
    bands,
    classes_of,
    cover_days,
    mean_age,
    safety_stocks,
    stranded,
)
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


@dataclass(frozen=True)
class StockBook:
    """The stock of a plan before any scope: items with the key of their family (−1 none), and by item and month, the
    opening first, cents at standard of the plan and of its band, ``wanted`` cents of the demand of each month.

    ``value``, ``least``, ``most`` (item, month + 1); ``wanted`` (item, month); ``month_days`` (month,); ``budget`` cents
    of the whole company by month number. ``expired`` milli-units that pass their shelf life and ``expired_value`` cents
    at standard (item, month).
    """

    rows: tuple[InventoryItem, ...]
    families: tuple[int, ...]
    value: Ints
    least: Ints
    most: Ints
    wanted: Ints
    month_days: Ints
    budget: Mapping[int, int]
    expired: Ints
    expired_value: Ints


def stock_book(plan: Plan) -> StockBook:
    """The stock of the published plan against the rules, costs, sales and budget as they are now."""
    block = load_stock(plan)
    classes = _classes(block)
    rules = load_rules(block.items, classes)
    low, high = _bands(block, rules)
    cost4 = np.maximum(block.standard4, 0)
    ends = np.concatenate([cost4[:, :1], cost4], axis=1)
    gone = np.zeros(block.coming.shape) if block.expired is None else np.diff(block.expired, axis=1, prepend=0.0)
    expired = np.rint(gone * MILLI).astype(np.int64)
    return StockBook(
        rows=tuple(_items(block, classes, rules, (low, high))),
        families=tuple(block.items["family_id"].tolist()),
        value=to_cents(block.stock, ends),
        least=to_cents(np.rint(low * MILLI).astype(np.int64), ends),
        most=to_cents(np.rint(high * MILLI).astype(np.int64), ends),
        wanted=to_cents(np.rint(block.coming * MILLI).astype(np.int64), cost4),
        month_days=block.month_days,
        budget=load_stock_budget(plan),
        expired=expired,
        expired_value=to_cents(expired, cost4),
    )


def _classes(block: StockBlock) -> tuple[str, ...]:
    """A, B, C: sold items by revenue of the last closed months, the others by the value of their coming use."""
    sold = block.items["is_sold"].to_numpy(bool) if len(block.items) else np.zeros(0, bool)
    return classes_of(sold, block.revenue, (block.coming * np.maximum(block.standard4, 0)).sum(axis=1))


def _bands(block: StockBlock, rules: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Least and most units (item, month + 1), the opening first; from the first month on the least is what the plan itself
    was solved to keep."""
    opening = np.zeros((len(block.coming), 1))
    band = bands(
        np.concatenate([opening, block.coming], axis=1),
        block.items["safety_stock_milli"].to_numpy(np.float64) / MILLI,
        month_days=np.concatenate([[0], block.month_days]).astype(np.int64),
        least=rules["least_days"],
        most=rules["most_days"],
        review=INVENTORY_POLICY.review,
    )
    return band if block.target is None else band_of_plan(band, block.target, rules["most_days"])


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


def _value(units: int, cost4: int) -> int | None:
    return None if cost4 < 0 else int(to_cents(units, cost4))


def _milli(units: float) -> int:
    return round(float(units) * MILLI)
