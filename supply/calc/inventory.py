"""Stock against its policy, item by item: classes, safety stock, bands, excess, age; pure arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supply.calc.problem import Floats, Ints
from supply.calc.stock_policy import excess_and_obsolete, for_service, forward_cover, lead_time_deviation

A_SHARE, B_SHARE = 0.80, 0.95


@dataclass(frozen=True)
class InventoryPolicy:
    """Company policy where no stock rule says otherwise; shown on the page.

    Attributes:
        service: Chance of no shortage in an order cycle, by class.
        window: Months of demand beyond which stock is excess.
        review: Months between two orders: the band above the safety stock.
    """

    service: tuple[tuple[str, float], ...] = (("A", 0.98), ("B", 0.95), ("C", 0.90))
    window: int = 6
    review: int = 1


@dataclass(frozen=True)
class SafetyStock:
    """Safety stock in units (item,): ``certain`` lead time z·σ_D·√L, ``both`` variable z·√(L·σ_D² + D²·s_L²); and the
    reorder point D·L + the larger of the two."""

    certain: Floats
    both: Floats
    reorder_point: Floats


@dataclass(frozen=True)
class Stranded:
    """Units (item,) on hand beyond the demand of the policy window, without any demand, and beyond the shelf life."""

    excess: Floats
    obsolete: Floats
    expires: Floats


def abc_classes(value: Floats) -> tuple[str, ...]:
    """Classes by cumulative value 80/95, (item,); the item that crosses a limit belongs to the higher class.

    Args:
        value: Revenue or usage value (item,), ≥ 0. Items without any are C; equal values keep their order.
    """
    order = np.argsort(-value, kind="stable")
    total = float(value.sum())
    before = np.zeros(len(value))
    before[order] = np.cumsum(value[order]) - value[order]
    share = before / total if total else np.ones(len(value))
    return tuple(
        "C" if own <= 0 or part >= B_SHARE else "B" if part >= A_SHARE else "A"
        for own, part in zip(value.tolist(), share.tolist(), strict=True)
    )


def classes_of(is_sold: NDArray[np.bool_], revenue: Floats, use: Floats) -> tuple[str, ...]:
    """A, B, C (item,): sold items among themselves by revenue, the others by the value of their coming use."""
    letters = np.full(len(is_sold), "C", dtype=object)
    for part, value in ((is_sold, revenue), (~is_sold, use)):
        letters[part] = abc_classes(value[part])
    return tuple(letters.tolist())


def opening_lots(on_hand: Floats, receipts: Floats) -> Floats:
    """Stock by the months since it came in (item, age), the oldest having been used first; age 0 counts as new.

    What came in last month has age 1. Where nothing is known of any receipt all stock counts as new; where some is known,
    what is older than it is left out: it is older than every known lot.

    Args:
        on_hand: Units (item,). receipts: Units received by closed month, newest first (item, month).
    """
    running = np.minimum(np.cumsum(receipts, axis=1), np.maximum(on_hand, 0.0)[:, None])
    lots = np.concatenate([np.zeros((len(on_hand), 1)), np.diff(running, axis=1, prepend=0.0)], axis=1)
    lots[:, 0] = np.where(receipts.any(axis=1), 0.0, np.maximum(on_hand, 0.0))
    return lots


def safety_stocks(
    demand: Floats, deviation: Floats, *, lead_time: Floats, lead_deviation: Floats, service: Floats
) -> SafetyStock:
    """Safety stock and reorder point of every item.

    Args:
        demand, deviation: Mean and sample standard deviation, units per month (item,).
        lead_time, lead_deviation: Months (item,). service: in (0, 1), (item,).
    """
    certain, both = np.zeros(len(demand)), np.zeros(len(demand))
    for row in range(len(demand)):
        mean, spread, lead = float(demand[row]), float(deviation[row]), float(lead_time[row])
        fixed = lead_time_deviation(mean, spread, lead)
        varied = lead_time_deviation(mean, spread, lead, float(lead_deviation[row]))
        certain[row] = for_service(mean * lead, fixed, float(service[row])).safety_stock
        both[row] = for_service(mean * lead, varied, float(service[row])).safety_stock
    return SafetyStock(certain, both, demand * lead_time + np.maximum(certain, both))


def units_of_days(coming: Floats, month_days: Ints, days: float) -> float:
    """Units that the next ``days`` days want, the month in which they end in part.

    Args:
        coming: Units wanted in the coming months (month,). month_days: calendar days of these months (month,).
    """
    begins = np.concatenate([[0], np.cumsum(month_days)[:-1]]) if len(month_days) else np.zeros(0)
    share = np.clip((days - begins) / np.maximum(month_days, 1), 0.0, 1.0)
    return float((coming * share).sum())


def cover_days(stock: float, coming: Floats, month_days: Ints) -> float | None:
    """Days that stock lasts, eating the real coming months; None when no demand is coming ("no demand")."""
    months = forward_cover(stock, coming)
    if months is None:
        return None
    whole = int(months)
    rest = (months - whole) * float(month_days[whole]) if whole < len(month_days) else 0.0
    return float(month_days[:whole].sum() + rest)


def bands(
    coming: Floats, safety: Floats, *, month_days: Ints, least: Floats, most: Floats, review: int
) -> tuple[Floats, Floats]:
    """Target band at the end of each month: least and most units, both (item, month).

    Where a rule states days, the demand of so many days to come; else the safety stock, and on top of it the demand of
    the months until the next order. In the last months the demand that is known is the last month's, again and again.

    Args:
        coming: Units wanted (item, month). safety: units (item,). month_days: (month,).
        least, most: days by rule (item,), NaN = none. review: months between orders.
    """
    items, months = coming.shape
    beyond = max(review, 12)
    longer = np.concatenate([coming, np.repeat(coming[:, -1:], beyond, axis=1)], axis=1)
    days = np.concatenate([month_days, np.resize(month_days, beyond)])
    running = np.concatenate([np.zeros((items, 1)), np.cumsum(longer, axis=1)], axis=1)
    after = np.arange(1, months + 1)
    low = np.where(running[:, after + beyond] - running[:, after] > 0, safety[:, None], 0.0)
    for row in np.flatnonzero(np.isfinite(least)).tolist():
        low[row] = [units_of_days(longer[row, t:], days[t:], float(least[row])) for t in after.tolist()]
    high = low + running[:, after + review] - running[:, after]
    for row in np.flatnonzero(np.isfinite(most)).tolist():
        high[row] = [units_of_days(longer[row, t:], days[t:], float(most[row])) for t in after.tolist()]
    return low, np.maximum(high, low)


def band_of_plan(band: tuple[Floats, Floats], kept: Floats, most: Floats) -> tuple[Floats, Floats]:
    """The band whose lower edge is what the plan itself was solved to keep; the upper one moves with it, or is the rule's.

    Args:
        band: least and most units (item, month), of which the last columns are the plan's months.
        kept: units the plan keeps (item, month). most: days by rule (item,), NaN = none.
    """
    low, high = band[0].copy(), band[1].copy()
    months = slice(low.shape[1] - kept.shape[1], None)
    moved = np.where(np.isfinite(most)[:, None], high[:, months], high[:, months] - low[:, months] + kept)
    low[:, months], high[:, months] = kept, np.maximum(moved, kept)
    return low, high


def stranded(on_hand: Floats, coming: Floats, *, window: int, month_days: Ints, shelf_life: Floats) -> Stranded:
    """What of the stock is not going to be used in time, units (item,).

    Args:
        on_hand: Units (item,). coming: Units wanted (item, month). window: months. month_days: (month,).
        shelf_life: Days (item,), NaN = not known: nothing is then said to expire.
    """
    parts = [excess_and_obsolete(float(stock), wanted, window) for stock, wanted in zip(on_hand, coming, strict=True)]
    pairs = np.array(parts, np.float64).reshape(-1, 2)
    expires = [
        max(float(stock) - units_of_days(wanted, month_days, float(days)), 0.0) if np.isfinite(days) else 0.0
        for stock, wanted, days in zip(on_hand, coming, shelf_life, strict=True)
    ]
    return Stranded(pairs[:, 0], pairs[:, 1], np.array(expires, np.float64))


def mean_age(on_hand: float, receipts: Floats) -> tuple[float, float]:
    """Age of stock when the oldest is used first: what is there came in last.

    Args:
        on_hand: Units. receipts: Units received by month before, newest first (month,); month 0 is one month old at
            its middle: half a month.

    Returns:
        (months, units older than everything known): the mean age of what came in within the known months, 0 units of
        it give 0.
    """
    running = np.minimum(np.cumsum(receipts), max(on_hand, 0.0))
    used = np.diff(running, prepend=0.0)
    known = float(used.sum())
    age = float((used * (np.arange(len(receipts)) + 0.5)).sum()) / known if known > 0 else 0.0
    return age, max(on_hand - known, 0.0)
