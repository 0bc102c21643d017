"""What the dollars of any plan must keep: both cash ways, the roll of stock, both variance policies, a new standard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.db import transaction
from django.db.models import F

from catalog.calc.months import month_date
from catalog.models import Company, StandardCost
from cycles.models import Plan
from finance.frames.landing_inputs import load_landing
from finance.models import CashMonth, CompanyMonth, InventoryMoney, PlannedVariance, VarianceKind
from finance.selectors.identities import plan_problems
from finance.services.landing import compute_landing
from finance.services.landing_store import replace_results
from supply.models import SupplySeries

RAISE, CHANGES_IN = 5, 2  # reporting currency per unit; months after the plan's first
VARIANCE = 100_000_00
EXPENSED, CAPITALISED = "expensed", "capitalised"


@dataclass(frozen=True)
class Landed:
    """The open months of one landing."""

    company: list[CompanyMonth]
    cash: list[CashMonth]

    def flow(self) -> list[int]:
        """Operating cash per month, cents."""
        return [row.direct_cents for row in self.cash]


def landed(plan: Plan, policy: str) -> Landed:
    """Land under a policy and hold every stored month against its parts."""
    Company.objects.update(variance_policy=policy)
    replace_results(plan, compute_landing(load_landing(plan)))
    assert list(plan_problems(plan)) == []
    rows = CompanyMonth.objects.filter(plan=plan, is_closed=False).order_by("month")
    return Landed(list(rows), list(CashMonth.objects.filter(plan=plan).order_by("month")))


def check_policies_and_a_new_standard(plan: Plan) -> None:
    """Land four times, twice with a raised standard; whatever is written is rolled back.

    Cash is the same in all four, because what is paid is the same: the price variance falls by what the standard rose.
    """
    with transaction.atomic():
        vary(plan, dict.fromkeys(range(plan.horizon), VARIANCE))
        expensed, capitalised = landed(plan, EXPENSED), landed(plan, CAPITALISED)
        assert capitalised.flow() == expensed.flow()
        _released_with_sales(expensed, capitalised)
        made, opening = raise_standard(plan)
        vary(plan, {month: -int(made[month]) * RAISE // 10 for month in range(CHANGES_IN, plan.horizon)})
        for policy in (EXPENSED, CAPITALISED):
            after = landed(plan, policy)
            assert after.flow() == expensed.flow(), policy
            moved = [
                a.revaluation_cents - b.revaluation_cents for a, b in zip(after.company, expensed.company, strict=True)
            ]
            assert abs(moved[CHANGES_IN] - opening * RAISE // 10) <= len(after.company)
            explained = [
                a.cost_change_cents - b.cost_change_cents for a, b in zip(after.company, expensed.company, strict=True)
            ]
            assert explained[CHANGES_IN] == opening * RAISE // 10
        _a_moved_cent_is_found(plan)
        transaction.set_rollback(True)


def vary(plan: Plan, cents: dict[int, int]) -> None:
    """Plan a variance of the company per month, under a kind that no row of the month has yet; paid to suppliers."""
    for position, amount in cents.items():
        month = month_date(plan.first_month_index + position)
        there = set(PlannedVariance.objects.filter(month=month, family=None).values_list("kind", flat=True))
        kind = next(kind.value for kind in VarianceKind if kind.value not in there)
        PlannedVariance.objects.create(month=month, kind=kind, amount_cents=amount, cash_line="purchases")


def raise_standard(plan: Plan) -> tuple[np.ndarray, int]:
    """Raise the standard of the item that is made most and only sold, inside the plan, for ever.

    Returns:
        Milli-units made per month (month,), and in stock before the month of the change.
    """
    rows = list(SupplySeries.objects.filter(plan=plan, item__is_sold=True))
    by_item: dict[int, np.ndarray] = {}
    used = {row.item_id for row in rows if any(row.consumed)}
    for row in (row for row in rows if row.item_id not in used):
        by_item[row.item_id] = by_item.get(row.item_id, 0) + np.array([row.make, row.overtime]).sum(axis=0)
    item = max(by_item, key=lambda key: int(by_item[key].sum()))
    day = month_date(plan.first_month_index + CHANGES_IN)
    costs = StandardCost.objects.filter(item_id=item)
    running = costs.filter(valid_from__lt=day).exclude(valid_to__lt=day).first()
    costs.filter(valid_from__gte=day).update(total=F("total") + RAISE, material=None, conversion=None)
    if running is not None:
        StandardCost.objects.filter(pk=running.pk).update(valid_to=day - timedelta(days=1))
        StandardCost.objects.create(
            item_id=item, valid_from=day, valid_to=running.valid_to, total=running.total + RAISE
        )
    stock = sum(row.inventory[CHANGES_IN - 1] for row in rows if row.item_id == item)
    return by_item[item], stock


def _released_with_sales(expensed: Landed, capitalised: Landed) -> None:
    """Both policies bear the same variances in the end: what is not in margin yet lies in the balance."""
    assert {row.capitalised_cents for row in expensed.company} == {0}
    arising = sum(row.variance_incurred_cents or 0 for row in capitalised.company)
    released = sum(row.variance_cents or 0 for row in capitalised.company)
    assert arising == released + (capitalised.company[-1].capitalised_cents or 0)
    assert [row.variance_incurred_cents for row in expensed.company] == [row.variance_cents for row in expensed.company]


def _a_moved_cent_is_found(plan: Plan) -> None:
    """Negative control: one cent of one stored figure is named by the same check that passed before."""
    harms = (
        CashMonth.objects.filter(plan=plan, month=plan.first_month).update,
        CompanyMonth.objects.filter(plan=plan, month=plan.first_month).update,
    )
    fields = ("payments_cents", "capitalised_cents")
    for harm, field in zip(harms, fields, strict=True):
        with transaction.atomic():
            harm(**{field: F(field) + 1})
            assert list(plan_problems(plan)), field
            transaction.set_rollback(True)
    row = InventoryMoney.objects.filter(plan=plan).first()
    assert row is not None
    with transaction.atomic():
        InventoryMoney.objects.filter(pk=row.pk).update(receipts_cents=[cents + 1 for cents in row.receipts_cents])
        assert list(plan_problems(plan))
        transaction.set_rollback(True)
