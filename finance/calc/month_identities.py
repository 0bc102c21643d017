"""Identities that the stored months of a landing must keep, each recomputed from other stored fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Fields = Mapping[str, int | None]


def company_faults(months: Sequence[Fields]) -> Iterator[tuple[int, str]]:
    """Position and words of each month whose own fields disagree; a field that is None or absent says nothing.

    The balance of capitalised variances rolls; what is expensed leaves none; a closed month's upside is its revenue.
    """
    before: int | None = None
    for position, month in enumerate(months):
        recognised, incurred, balance = (
            month.get(name) for name in ("variance_cents", "variance_incurred_cents", "capitalised_cents")
        )
        if recognised is not None and incurred is not None and balance is not None:
            if before is not None and balance != before + incurred - recognised:
                yield position, "capitalised_cents is not the month before + incurred − recognised"
            before = balance
        if month.get("is_closed") and month.get("upside_cents") != month.get("revenue_cents"):
            yield position, "upside_cents of a closed month is not its revenue"


def cash_faults(months: Sequence[Fields], results: Sequence[Fields]) -> Iterator[tuple[int, str]]:
    """Position and words of each open month whose cash is not made of its own lines and of the company's result.

    Args:
        months: fields of the cash months, in order.
        results: fields of the company's months of the same positions.
    """
    before: Fields = {}
    for position, (cash, result) in enumerate(zip(months, results, strict=True)):
        paid = ("payments", "conversion", "cost_to_serve", "other_variances", "fixed_paid")
        direct = _of(cash, "collections") - sum(_of(cash, name) for name in paid)
        moved = _of(cash, "receivables_change") + _of(cash, "inventory_change") - _of(cash, "payables_change")
        margin = _of(cash, "margin_before_revaluation")
        indirect = margin - _of(cash, "fixed_cost") + _of(cash, "non_cash") - moved + _of(cash, "accruals_change")
        if direct != _of(cash, "direct"):
            yield position, "direct_cents is not what its lines add to"
        if indirect != _of(cash, "indirect") or direct != indirect:
            yield position, "indirect_cents is not what its lines add to"
        if margin != _margin(result):
            yield position, "margin_before_revaluation_cents is not the month's result"
        if _of(cash, "receivables_change") != _of(result, "revenue") - _of(cash, "collections"):
            yield position, "receivables_change_cents is not revenue − collections"
        if _of(cash, "payables_change") != _of(cash, "purchases") - _of(cash, "payments"):
            yield position, "payables_change_cents is not purchases − payments"
        for name in ("receivables", "payables", "accruals") if before else ():
            if _of(cash, name) != _of(before, name) + _of(cash, f"{name}_change"):
                yield position, f"{name}_cents is not the month before + its change"
        before = cash


def _margin(result: Fields) -> int:
    costs = ("cogs", "variance", "overtime", "expedite", "subcontract", "freight")
    return _of(result, "revenue") - sum(_of(result, name) for name in costs)


def _of(month: Fields, name: str) -> int:
    return month.get(f"{name}_cents") or 0
