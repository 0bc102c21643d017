"""A check as plain rows for files: one line per difference, per line that was not aligned, and the sum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.calc.months import month_date
from finance.frames.shadow import Names
from finance.services.shadow.checking import Check, Delta
from finance.services.shadow.reading import CENTS, MILLI
from finance.services.shadow.wording import node_codes

COLUMNS = (
    "rank", "kind", "label", "item", "family", "category", "market", "region", "channel", "first_month", "last_month",
    "theirs", "plan", "dollars", "moved_dollars", "other", "explanation",
)  # fmt: skip


def rows_of(check: Check, names: Names) -> Iterator[dict[str, Any]]:
    """One row per difference in the order of the list; figures are sums over its months, dollars to the cent.

    `theirs` and `plan` are money or units as the check is; a difference without a price has no dollars.
    """
    small = CENTS if check.is_money else MILLI
    for rank, delta in enumerate(check.deltas, 1):
        yield {
            "rank": rank,
            "kind": delta.kind.value,
            "label": delta.label,
            **node_codes(delta.node, names),
            "first_month": _month(delta.first),
            "last_month": _month(delta.last),
            "theirs": _decimal(sum(delta.theirs), small),
            "plan": _decimal(sum(delta.plan), small),
            "dollars": _decimal(delta.money_cents, CENTS) if delta.is_priced else None,
            "moved_dollars": _decimal(delta.moved_cents, CENTS) if delta.is_priced else None,
            "other": delta.other,
            "explanation": delta.explanation,
        }


def summary_of(check: Check, names: Names) -> dict[str, Any]:
    """The whole check as one document: the sum, the differences, what was not aligned, what could not be read."""
    return {
        "compared_with": check.basis,
        "figures": "money" if check.is_money else "units",
        "rounding": check.rounded_to,
        "months": [_month(month) for month in check.months],
        "rows": check.rows,
        "theirs": _decimal(check.theirs_cents, CENTS),
        "plan": _decimal(check.plan_cents, CENTS),
        "difference": _decimal(check.theirs_cents - check.plan_cents, CENTS),
        "in_differences": _decimal(check.delta_cents, CENTS),
        "not_aligned": _decimal(check.lost_cents, CENTS),
        "in_rounding": _decimal(check.rounding_cents, CENTS),
        "unexplained": _decimal(check.unexplained_cents, CENTS),
        "differences": [
            _with_months(row, delta) for row, delta in zip(rows_of(check, names), check.deltas, strict=True)
        ],
        "lines_not_aligned": [
            {
                "line": line.why.line,
                "label": line.why.label,
                "reason": line.why.reason,
                "remedy": line.why.remedy,
                "amount": str(line.amount),
                "dollars": None if line.cents is None else _decimal(line.cents, CENTS),
            }
            for line in check.lost
        ],
        "cells_not_read": [
            {"row": f.row, "column": f.column, "value": f.value, "reason": f.reason, "remedy": f.remedy}
            for f in check.faults
        ],
        "notes": check.notes,
    }


def headline_of(check: Check) -> str:
    """The sentence of the check, in dollars and cents of the reporting currency."""
    gap = check.theirs_cents - check.plan_cents
    parts = [f"{len(check.deltas):,} differences ({_full(check.delta_cents)})"]
    if check.lost:
        parts.append(f"{len(check.lost):,} lines not aligned ({_full(check.lost_cents)})")
    if check.rounded_cells:
        parts.append(f"rounding in {check.rounded_cells:,} cells ({_full(check.rounding_cents)})")
    return (
        f"Their model says {_full(check.theirs_cents)}, the plan says {_full(check.plan_cents)}; the difference "
        f"{_full(gap)} is {' + '.join(parts)}; unexplained {_full(check.unexplained_cents)}."
    )


def _with_months(row: dict[str, Any], delta: Delta) -> dict[str, Any]:
    cents = [None if value is None else _decimal(value, CENTS) for value in delta.cents]
    return row | {"dollars_by_month": cents}


def _month(number: int) -> str:
    return f"{month_date(number):%Y-%m}"


def _decimal(value: int, small: int) -> str:
    """An integer of the smallest unit as an exact decimal text."""
    digits = len(str(small)) - 1
    sign, size = "-" if value < 0 else "", abs(int(value))
    return f"{sign}{size // small}.{size % small:0{digits}d}"


def _full(cents: int) -> str:
    return f"{'−' if cents < 0 else ''}{abs(cents) // CENTS:,}.{abs(cents) % CENTS:02d}"
