"""Which assumptions changed since the last cycle: new, worded or measured anew, withdrawn, broken by the actuals."""

from __future__ import annotations

from dataclasses import dataclass

from cycles.models import Assumption, AssumptionState, Plan, User
from cycles.selectors import latest_check

FIGURES = ("expected", "tolerance", "tolerance_kind", "first_month", "last_month", "money_cents", "metric")


@dataclass(frozen=True)
class Shift:
    """One assumption that is not what it was; `was` is its old wording or figure, '' where there was none."""

    text: str
    what: str
    was: str
    cents: int | None
    owner: User | None

    @property
    def is_bad(self) -> bool:
        """Whether the actual months broke it."""
        return self.what == "broken"


def shifted_assumptions(plan: Plan) -> list[Shift]:
    """Changed assumptions of a plan, broken ones first, also those that were confirmed after they broke.

    Nothing in a first cycle, where all are new.
    """
    if plan.previous is None:
        return []
    rows = Assumption.objects.filter(plan=plan).select_related("owner", "carried_from", "plan")
    found = [shift for row in rows if (shift := _shift(row)) is not None]
    return sorted(found, key=lambda row: (not row.is_bad, row.text))


def _shift(row: Assumption) -> Shift | None:
    old = row.carried_from
    check = latest_check(row)
    if check is not None and check.is_broken and row.state != AssumptionState.WITHDRAWN.value:
        was = f"expected {check.expected.normalize():f}, actual {check.actual.normalize():f}"
        return Shift(row.text, "broken", was, check.money_cents, row.owner)
    if row.state == AssumptionState.WITHDRAWN.value:
        return Shift(row.text, "withdrawn", "", row.money_cents, row.owner)
    if old is None:
        return Shift(row.text, "new", "", row.money_cents, row.owner)
    if row.text != old.text:
        return Shift(row.text, "reworded", old.text, row.money_cents, row.owner)
    if any(getattr(row, name) != getattr(old, name) for name in FIGURES):
        was = "" if old.expected is None else f"expected {old.expected.normalize():f}"
        return Shift(row.text, "changed", was, row.money_cents, row.owner)
    return None
