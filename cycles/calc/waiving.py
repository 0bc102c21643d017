"""When a waiver still holds: the money may grow by its tolerance and no further."""

from __future__ import annotations

TOLERANCE_PERCENT = 10


def tolerance_cents(money_cents: int | None) -> int:
    """Return the growth a waiver allows: 10 % of its money, in cents, rounded down, never negative."""
    return abs(money_cents or 0) * TOLERANCE_PERCENT // 100


def still_holds(*, waived_cents: int | None, tolerance: int, money_cents: int | None) -> bool:
    """Return whether a waiver given for `waived_cents` covers `money_cents` now.

    Cents of the reporting currency, any sign. |money| ≤ |waived| + tolerance holds; a changed sign is another matter
    and holds only within the tolerance. Money that was unsaid and is now stated (or the reverse) does not hold.
    """
    if waived_cents is None or money_cents is None:
        return waived_cents is None and money_cents is None
    if waived_cents * money_cents < 0:
        return abs(money_cents) <= tolerance
    return abs(money_cents) <= abs(waived_cents) + tolerance
