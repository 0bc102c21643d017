"""What a planner should look at: each kind of exception as one rule over aligned arrays, with its dollars at stake.

A rule knows relative limits only; whether its dollars are large enough to ask for an answer is judged on top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import round_half_away
from demand.calc.errors import bias_fraction, tracking_signal

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A jump: the year ahead is further from the year behind than this share of it.
JUMP_FRACTION = 0.5
#: A bias counts from this many judged months on, with a tracking signal of at least this many MADs.
LEAST_JUDGED = 4
TRACKING_LIMIT = 4.0
#: An item sells regularly when it sold in this many of the last closed months given.
REGULAR_MONTHS = 2
#: An answer covers growth of its dollars by this many percent.
TOLERANCE_PERCENT = 10


@dataclass(frozen=True)
class Flags:
    """What a rule flags of n rows. `rows` (k,) positions, ascending; `cents` (k,) dollars at stake, signed: positive is
    plan above what it is compared with; `share` (k,) the relative size, NaN where there is nothing to relate it to;
    `months` (k, T) which months of the row are meant.
    """

    rows: Ints
    cents: Ints
    share: Floats
    months: Bools


def outside_band(plan: Ints, low: Ints, high: Ints, moved_cents: Ints) -> Flags:
    """Months in which the plan lies outside the baseline's prediction interval: plan < low or plan > high.

    Dollars = Σ over those months of (plan − baseline) at net prices: what is lost or left if the statistics are right.
    The edges themselves lie inside. Months without an interval (low = high) are never outside.

    Args:
        plan, low, high: (n, T) milli-units.
        moved_cents: (n, T) dollars of plan − baseline.

    Returns:
        `share`: Σ beyond the edge ÷ Σ half width of those months, so 1 is as far again as the band is wide.
    """
    beyond = np.where(plan > high, plan - high, np.where(plan < low, plan - low, 0))
    beyond = np.where(high > low, beyond, 0)
    months = beyond != 0
    half = np.where(months, high - low, 0).sum(axis=1) / 2
    share = _ratio(np.abs(beyond).sum(axis=1), half)
    return _flags(months.any(axis=1), np.where(months, moved_cents, 0).sum(axis=1), share, months)


def cycle_change(plan: Ints, before: Ints, changed_cents: Ints, *, fraction: float) -> Flags:
    """Rows whose plan moved by more than `fraction` since the last cycle: |Σ(plan − before)| > fraction × |Σ before|.

    Args:
        plan, before: (n, T) milli-units of the months that both plans have; before is the last approved plan.
        changed_cents: (n, T) dollars of plan − before, both at this plan's prices.
        fraction: a row that was 0 and is not now is past every fraction.

    Returns:
        `share` = Σ(plan − before) ÷ Σ before; NaN where before is 0. `months`: those that differ.
    """
    change, was = (plan - before).sum(axis=1), before.sum(axis=1)
    flagged = np.abs(change) > fraction * np.abs(was)
    return _flags(flagged, changed_cents.sum(axis=1), _ratio(change, was), plan != before)


def year_on_year_jump(planned_cents: Ints, sold_cents: Ints, *, fraction: float = JUMP_FRACTION) -> Flags:
    """Rows whose next months are further from the same number of closed ones than `fraction` of these, in dollars.

    Args:
        planned_cents, sold_cents: (n, T) net dollars; the year ahead and the year behind.

    Returns:
        `cents` = Σ planned − Σ sold; `share` of Σ sold, NaN where nothing was sold.
    """
    planned, sold = planned_cents.sum(axis=1), sold_cents.sum(axis=1)
    change = planned - sold
    months = np.ones(planned_cents.shape, bool)
    return _flags(np.abs(change) > fraction * np.abs(sold), change, _ratio(change, sold), months)


def lasting_bias(actual: Ints, forecast: Ints, ahead_cents: Ints, *, fraction: float) -> Flags:
    """Rows whose earlier plans erred to one side: |Σ(F−A) ÷ ΣA| > `fraction` and |tracking signal| ≥ 4.

    Judged from four months on: with fewer the tracking signal cannot reach 4. Dollars = bias × the dollars planned
    ahead: what the year is wrong by if it goes on; positive is too high.

    Args:
        actual, forecast: (n, M) milli-units of the judged months, one lag.
        ahead_cents: (n,) planned net dollars of the months ahead.
    """
    count, judged = actual.shape
    nothing = np.zeros((count, 0), bool)
    if judged < LEAST_JUDGED:
        return _flags(np.zeros(count, bool), np.zeros(count, np.int64), np.zeros(count), nothing)
    bias, signal = bias_fraction(actual, forecast), tracking_signal(actual, forecast)
    return stated_bias(bias, signal, ahead_cents, fraction=fraction)


def stated_bias(bias: Floats, signal: Floats, ahead_cents: Ints, *, fraction: float) -> Flags:
    """The same rule on bias and tracking signal (n,) that are known already; NaN where they are not: never flagged."""
    flagged = (np.abs(np.nan_to_num(bias)) > fraction) & (np.abs(np.nan_to_num(signal)) >= TRACKING_LIMIT)
    cents = round_half_away(np.nan_to_num(bias) * ahead_cents)
    return _flags(flagged, cents, bias, np.zeros((len(bias), 0), bool))


def zero_after_sales(plan: Ints, last_year: Ints, *, recent: Ints, alive: Bools, last_year_cents: Ints) -> Flags:
    """Months planned at 0 although the item is on the market, sells regularly and sold in the same month a year before.

    Dollars = −Σ of last year's units in those months at the plan's net prices.

    Args:
        plan, last_year: (n, T) milli-units; last_year may be negative (net returns): such a month is not flagged.
        recent: (n, R) milli-units of the last closed months; at least two of them with sales make an item regular.
        alive: (n, T) whether the item is on the market.
        last_year_cents: (n, T) last year's units at the plan's net prices.

    Returns:
        `share`: the flagged months' part of last year's units, as a negative fraction.
    """
    regular = (recent > 0).sum(axis=1) >= REGULAR_MONTHS
    months = (plan == 0) & (last_year > 0) & alive & regular[:, None]
    lost = np.where(months, last_year, 0).sum(axis=1)
    share = _ratio(-lost, np.maximum(last_year, 0).sum(axis=1))
    return _flags(months.any(axis=1), -np.where(months, last_year_cents, 0).sum(axis=1), share, months)


def holds_for(answered_cents: int | None, cents: int | None) -> bool:
    """Whether an answer given at `answered_cents` still covers `cents`, both signed dollars at stake.

    It does while the exception lies on the same side and grew by at most a tenth (rounded down). Dollars that were not
    known and now are, or the reverse, are another exception.
    """
    if answered_cents is None or cents is None:
        return answered_cents is None and cents is None
    grown = abs(answered_cents) + abs(answered_cents) * TOLERANCE_PERCENT // 100
    return abs(cents) <= grown and answered_cents * cents >= 0


def _flags(flagged: Bools, cents: Ints, share: Floats, months: Bools) -> Flags:
    rows = np.flatnonzero(flagged)
    return Flags(rows, cents[rows].astype(np.int64), np.asarray(share, np.float64)[rows], months[rows])


def _ratio(above: Ints, below: Ints | Floats) -> Floats:
    result = np.full(len(above), np.nan)
    return np.asarray(np.divide(above, below, out=result, where=np.asarray(below) != 0))
