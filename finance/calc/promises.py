"""What was promised against what came. Integers in cents per month; the month is the last axis.

Came = actual − landing of the month when the action was promised, over the action's scope. It is the whole change of
the scope, whatever its cause: the measure says whether the promised money arrived, not who earned it. Promises on one
scope share a month's change by their promised amounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.calc.months import fiscal_year_of
from catalog.calc.rounding import largest_remainder


def shared_part(change: int, *, before: int, own: int, total: int) -> int:
    """The part of a change that falls on `own` of `total`, where `before` of it was given to earlier ones; cents.

    part = round(change · (before + own) / total) − round(change · before / total), half away from zero: the parts of
    all add to the change exactly. Nothing was promised (total 0): 0.

    Raises:
        ValueError: a negative weight, or before + own beyond the total.
    """
    if own < 0 or before < 0 or before + own > total:
        raise ValueError(f"weights {before} + {own} do not fit into {total}")
    if total == 0:
        return 0
    return _share(change, before + own, total) - _share(change, before, total)


def _share(change: int, weight: int, total: int) -> int:
    size = (2 * abs(change) * weight + total) // (2 * total)
    return -size if change < 0 else size


def open_part(months: Mapping[int, int], *, first: int, last: int) -> int:
    """Sum of the cents of the months first … last, both inclusive (month numbers)."""
    return sum(cents for month, cents in months.items() if first <= month <= last)


def by_fiscal_year(months: Mapping[int, int], start_month: int) -> dict[int, int]:
    """Cents per fiscal year in the order of the years; a year whose months net to zero is kept when it has an amount.

    Args:
        months: month number → cents.
        start_month: first month of the fiscal year, 1 to 12.
    """
    years: dict[int, int] = {}
    for month in sorted(month for month, cents in months.items() if cents):
        year = fiscal_year_of(month, start_month)
        years[year] = years.get(year, 0) + months[month]
    return years


def spread_evenly(total: int, count: int) -> tuple[int, ...]:
    """A total over `count` months as equally as cents allow, by largest remainder."""
    return tuple(int(cents) for cents in largest_remainder(np.ones(count), total))


@dataclass(frozen=True)
class PromisedMonth:
    """One month of one promise, cents. `base` and `actual` are None where they are not known; so is what came then."""

    month: int
    promised: int
    base: int | None
    actual: int | None
    came: int | None


def measured(
    promised: Sequence[Mapping[int, int]],
    base: Sequence[Mapping[int, int]],
    actual: Mapping[int, int],
) -> Iterator[list[PromisedMonth]]:
    """Each promise of ONE scope by month, the months' changes shared by the promised amounts.

    Args:
        promised: per promise month number → cents.
        base: per promise month number → landing when it was promised, cents; an absent month is not known.
        actual: closed month → cents of the scope; an absent month has not closed.
    """
    totals: dict[int, int] = {}
    for row in promised:
        for month, cents in row.items():
            totals[month] = totals.get(month, 0) + abs(cents)
    given: dict[int, int] = dict.fromkeys(totals, 0)
    for row, landing in zip(promised, base, strict=True):
        months = []
        for month, cents in sorted(row.items()):
            come, was = actual.get(month), landing.get(month)
            part = None
            if come is not None and was is not None:
                part = shared_part(come - was, before=given[month], own=abs(cents), total=totals[month])
            given[month] += abs(cents)
            months.append(PromisedMonth(month, cents, was, come, part))
        yield months
