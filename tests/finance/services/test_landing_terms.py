"""A landing with terms by market, fixed costs, variances under both policies and a new standard, by hand and verified."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest
from django.db import transaction
from django.db.models import F

from catalog.models import Company, StandardCost
from finance.frames.landing_inputs import load_landing
from finance.models import (
    CashMonth,
    CompanyMonth,
    CustomerTerm,
    FixedCost,
    FixedCostMonth,
    InventoryMoney,
    MarketReceivable,
    PlannedVariance,
)
from finance.selectors.identities import month_problems
from finance.services.landing import compute_landing
from finance.services.landing_store import replace_results
from tests.finance.sample_plan import DISCOUNT, HORIZON, ITEMS, OVERTIME_CENTS, Sample, sample_plan

pytestmark = pytest.mark.django_db

LIST = sum(int(row[1]) for row in ITEMS.values())
MONTH_CENTS = int(25 * LIST * DISCOUNT * 100)  # of one market, every item
STANDARD = sum(int(row[2]) + int(row[3]) for row in ITEMS.values())
PAST_CENTS = int(20 * LIST * DISCOUNT * 100)
SHORT_CENTS = int(5 * 100 * DISCOUNT * 100)
VARIANCE = 12_000_00


@pytest.fixture
def sample() -> Sample:
    """60 days in NORTH/DIRECT, rent paid a month late, depreciation, a price variance in June, CHAIR-OAK dearer in August."""
    sample = sample_plan()
    company = sample.company
    north, direct = company.regions["NORTH"], company.markets["NORTH/DIRECT"].channel
    CustomerTerm.objects.create(region=north, channel=direct, days=60, share=1)
    for month in range(1, 13):
        FixedCost.objects.create(
            line="Rent", month=date(2014, month, 1), amount_cents=700_00, budget_cents=650_00,
            cash_month=date(2014 + month // 12, month % 12 + 1, 1),
        )  # fmt: skip
        FixedCost.objects.create(line="Wear", month=date(2014, month, 1), amount_cents=50_00, is_paid=False)
    PlannedVariance.objects.create(
        month=date(2014, 6, 1), kind="purchase_price", amount_cents=VARIANCE, cash_line="purchases"
    )
    cost = StandardCost.objects.get(item=company.items["CHAIR-OAK"])
    StandardCost.objects.filter(pk=cost.pk).update(valid_to=date(2014, 7, 31))
    StandardCost.objects.create(item=cost.item, valid_from=date(2014, 8, 1), total=cost.total + 10)
    return sample


def landed(sample: Sample, policy: str) -> tuple[list[CompanyMonth], list[CashMonth]]:
    Company.objects.update(variance_policy=policy)
    replace_results(sample.plan, compute_landing(load_landing(sample.plan)))
    company = CompanyMonth.objects.filter(plan=sample.plan, is_closed=False).order_by("month")
    return list(company), list(CashMonth.objects.filter(plan=sample.plan).order_by("month"))


def test_sixty_days_are_owed_two_months_and_the_others_one(sample: Sample) -> None:
    landed(sample, "expensed")
    rows = {row.market.code: row for row in MarketReceivable.objects.select_related("market")}
    slow, fast = rows["NORTH/DIRECT"], rows["SOUTH/DIRECT"]
    assert (slow.terms, slow.is_default, fast.terms, fast.is_default) == ("60 days", False, "30 days", True)
    june = MONTH_CENTS - SHORT_CENTS
    assert slow.collections_cents[:4] == [PAST_CENTS, PAST_CENTS, june, MONTH_CENTS]
    assert slow.receivables_cents[:3] == [PAST_CENTS + june, june + MONTH_CENTS, 2 * MONTH_CENTS]
    assert fast.receivables_cents == [MONTH_CENTS] * HORIZON


def test_fixed_costs_lead_to_the_operating_margin_and_to_cash_in_their_month(sample: Sample) -> None:
    company, cash = landed(sample, "expensed")
    assert [row.fixed_cost_cents for row in company] == [750_00] * 7 + [None] * 5
    assert [row.budget_fixed_cost_cents for row in company[:7]] == [650_00] * 7
    assert company[0].operating_margin_cents == company[0].margin_cents - 750_00
    assert company[7].operating_margin_cents is None
    assert [row.fixed_paid_cents for row in cash] == [700_00] * 8 + [0] * 4
    assert [row.accruals_cents for row in cash] == [700_00] * 7 + [0] * 5
    assert {row.line for row in FixedCostMonth.objects.all()} == {"Rent", "Wear"}


def test_a_dearer_standard_revalues_the_stock_of_its_month(sample: Sample) -> None:
    """1,000 CHAIR-OAK open every month; from August each is worth 10 more."""
    company, _ = landed(sample, "expensed")
    assert [row.revaluation_cents for row in company] == [0, 0, 1000 * 10 * 100] + [0] * 9
    assert [row.cost_change_cents for row in company] == [row.revaluation_cents for row in company]
    assert {row.rounding_cents for row in company} == {0}


def test_capitalised_variances_move_margin_and_book_stock_but_no_cash(sample: Sample) -> None:
    before, paid = landed(sample, "expensed")
    after, unmoved = landed(sample, "capitalised")
    assert [row.direct_cents for row in unmoved] == [row.direct_cents for row in paid]
    assert [row.variance_incurred_cents for row in after] == [VARIANCE] + [0] * 11
    june = after[0]
    stock, sold = june.inventory_cents or 0, june.cogs_cents
    assert june.capitalised_cents == int(Fraction(VARIANCE * stock, stock + sold) + Fraction(1, 2))
    assert june.book_inventory_cents == stock + june.capitalised_cents
    assert june.margin_cents - before[0].margin_cents == june.capitalised_cents
    released = [row.variance_cents for row in after]
    assert sum(released) + (after[-1].capitalised_cents or 0) == VARIANCE
    assert all(cents > 0 for cents in released)


def test_june_by_hand(sample: Sample) -> None:
    """Every market owed one month of sales, NORTH/DIRECT two; what suppliers get is last month's COGS."""
    company, cash = landed(sample, "expensed")
    june = cash[0]
    assert june.collections_cents == 4 * PAST_CENTS
    assert june.payments_cents == 4 * 20 * STANDARD * 100
    assert june.cost_to_serve_cents == OVERTIME_CENTS
    assert june.fixed_paid_cents == 700_00
    paid = june.payments_cents + june.conversion_cents + OVERTIME_CENTS + 700_00
    assert june.direct_cents == june.collections_cents - paid
    margin = (company[0].margin_cents) - (company[0].revaluation_cents or 0)
    assert june.margin_before_revaluation_cents == margin


BROKEN: dict[str, Callable[[Sample], object]] = {
    "direct_cents is not": lambda s: CashMonth.objects.filter(month=s.plan.first_month).update(
        collections_cents=F("collections_cents") + 1
    ),
    "indirect_cents is not": lambda s: CashMonth.objects.filter(month=s.plan.first_month).update(
        inventory_change_cents=F("inventory_change_cents") + 1
    ),
    "payables_change": lambda s: CashMonth.objects.filter(month=s.plan.first_month).update(
        purchases_cents=F("purchases_cents") + 1
    ),
    "is not the month before": lambda s: CompanyMonth.objects.filter(month=date(2014, 8, 1)).update(
        capitalised_cents=F("capitalised_cents") + 1
    ),
    "is not the month's result": lambda s: CompanyMonth.objects.filter(month=s.plan.first_month).update(
        overtime_cents=F("overtime_cents") + 1
    ),
    "sum of the series": lambda s: CompanyMonth.objects.filter(month=s.plan.first_month).update(
        upside_cents=F("upside_cents") + 1
    ),
    "sum of the stock rows": lambda s: CompanyMonth.objects.filter(month=s.plan.first_month).update(
        cost_change_cents=F("cost_change_cents") + 1
    ),
    "inventory does not roll": lambda s: InventoryMoney.objects.filter(
        pk=InventoryMoney.objects.values_list("pk", flat=True).first() or 0
    ).update(receipts_cents=[0] * HORIZON),
    "receivables do not roll": lambda s: MarketReceivable.objects.update(opening_cents=F("opening_cents") + 1),
    "sum of its lines": lambda s: FixedCostMonth.objects.filter(line="Rent").delete(),
}


def test_verify_finds_every_stored_figure_that_was_moved(sample: Sample) -> None:
    """Nothing to say of what the landing stored, and each single change is named."""
    landed(sample, "capitalised")
    for words, harm in BROKEN.items():
        assert list(month_problems()) == []
        with transaction.atomic():
            harm(sample)
            assert any(words in problem.what for problem in month_problems()), words
            transaction.set_rollback(True)
