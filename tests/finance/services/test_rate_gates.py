"""Findings about rates: each with its units and dollars, silent in a sound company, bounded by the company's limits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from catalog.models import Company, Currency, Item, ListPrice, PriceAction, ReferenceRow, StandardCost
from cycles.registry import Finding, gates_of
from cycles.workflow import StageKind
from finance.frames.landing_inputs import load_landing
from finance.models import BridgeLeaf
from finance.services.landing import compute_landing
from finance.services.landing_store import replace_results
from tests.finance.sample_plan import Sample, sample_plan
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db

DATA = ("finance.price_off_actual", "finance.cost_jump", "finance.budget_on_dead_item")
LANDED = ("finance.negative_margin", "finance.missing_fx", "finance.missing_price", "finance.budget_without_plan")
SOLD, MARKETS, YEAR = 20, 4, 12  # units a month, markets, months


def _sample() -> Sample:
    """Sold at 90 % of list for 17 months; June 2014 is the first open month."""
    sample = sample_plan()
    Company.objects.update(finding_amount_cents=0)
    return sample


sample_once = kept(_sample)


@pytest.fixture
def sample(sample_once: Sample) -> Sample:
    return fresh(sample_once)


def findings(sample: Sample, code: str) -> list[Finding]:
    gates = [*gates_of(StageKind.DATA), *gates_of(StageKind.RECONCILIATION)]
    (gate,) = [gate for gate in gates if gate.code == code]
    return list(gate.check(sample.plan))


def land(sample: Sample) -> None:
    with transaction.atomic():
        replace_results(sample.plan, compute_landing(load_landing(sample.plan)))


def item(sample: Sample, code: str) -> Item:
    return sample.company.items[code]


def test_a_sound_company_has_none(sample: Sample) -> None:
    land(sample)
    assert {code: findings(sample, code) for code in (*DATA, *LANDED)} == {code: [] for code in (*DATA, *LANDED)}


def test_a_price_far_from_what_was_paid(sample: Sample) -> None:
    """CHAIR-OAK lists 100 and brought 90; at a list of 130 it is planned at 117: 30 % more on 960 units of 27 each."""
    ListPrice.objects.filter(item=item(sample, "CHAIR-OAK")).update(price=130)
    (finding,) = findings(sample, "finance.price_off_actual")
    units = SOLD * MARKETS * YEAR
    assert (finding.subject, finding.severity, finding.money_cents) == ("CHAIR-OAK", "warn", units * (117 - 90) * 100)
    assert "+30%" in finding.title and f"{units:,} units" in finding.title
    Company.objects.update(price_gap_fraction=Decimal("0.31"))
    assert findings(sample, "finance.price_off_actual") == []


def test_a_cost_that_jumps_inside_the_plan(sample: Sample) -> None:
    """CHAIR-OAK costs 60; 75 from October is a quarter more, on a year's units."""
    StandardCost.objects.filter(item=item(sample, "CHAIR-OAK")).update(valid_to=date(2014, 9, 30))
    StandardCost.objects.create(item=item(sample, "CHAIR-OAK"), valid_from=date(2014, 10, 1), total=75)
    (finding,) = findings(sample, "finance.cost_jump")
    assert finding.money_cents == SOLD * MARKETS * YEAR * (75 - 60) * 100
    assert "75.00 from 2014-10 instead of 60.00" in finding.title
    Company.objects.update(finding_amount_cents=finding.money_cents + 1)
    assert findings(sample, "finance.cost_jump") == []


def test_a_budget_after_the_end_of_its_item(sample: Sample) -> None:
    chair = item(sample, "CHAIR-OAK")
    Item.objects.filter(pk=chair.pk).update(end_date=date(2014, 3, 31), successor=item(sample, "LAMP-DESK"))
    market = sample.company.markets["NORTH/DIRECT"]
    for month in (3, 4, 5):
        ReferenceRow.objects.create(
            plan=sample.company.budget, month=date(2014, month, 1), item=chair, market=market,
            units_milli=7_000, revenue_cents=500_00,
        )  # fmt: skip
    (finding,) = findings(sample, "finance.budget_on_dead_item")
    assert (finding.subject, finding.money_cents) == ("CHAIR-OAK", 2 * 500_00)
    assert "LAMP-DESK follows" in finding.title and "14 units" in finding.title


def test_an_item_that_costs_more_than_it_brings(sample: Sample) -> None:
    """LAMP-DESK at a cost of 50 and a net price of 36: 14 lost on each of 25 × 4 × 12 units, and its premiums."""
    StandardCost.objects.filter(item=item(sample, "LAMP-DESK")).update(total=50, material=None, conversion=None)
    land(sample)
    (finding,) = findings(sample, "finance.negative_margin")
    assert (finding.subject, finding.money_cents) == ("LAMP-DESK", -25 * MARKETS * 12 * (50 - 36) * 100)


def test_a_price_of_nothing_is_at_risk_with_what_customers_paid(sample: Sample) -> None:
    ListPrice.objects.filter(item=item(sample, "LAMP-DESK")).update(price=0)
    land(sample)
    (finding,) = findings(sample, "finance.missing_price")
    assert (finding.severity, finding.waivable) == ("block", False)
    assert finding.money_cents == 25 * MARKETS * 12 * 36_00


def test_a_currency_without_a_plan_rate(sample: Sample) -> None:
    """The SOUTH sells in euro: its list in euro, no rate."""
    south = sample.company.regions["SOUTH"]
    south.currency = Currency.objects.create(code="EUR")
    south.save()
    land(sample)
    (finding,) = findings(sample, "finance.missing_fx")
    cost = sum(row.total for row in StandardCost.objects.all())
    assert (finding.subject, finding.money_cents) == ("EUR", 2 * 25 * 12 * int(cost) * 100)


def test_a_budget_that_nobody_plans(sample: Sample) -> None:
    land(sample)
    leaf = BridgeLeaf.objects.filter(plan=sample.plan, item__isnull=False).first()
    assert leaf is not None and leaf.item is not None
    BridgeLeaf.objects.filter(pk=leaf.pk).update(flag=2)
    (finding,) = findings(sample, "finance.budget_without_plan")
    assert (finding.subject, finding.money_cents) == (leaf.item.code, sum(leaf.budget_cents))


def test_the_average_selling_price_is_marked_and_counted(sample: Sample) -> None:
    """LAMP-DESK without a price list was paid 36 on average; four series say so, and it blocks when switched off."""
    ListPrice.objects.filter(item=item(sample, "LAMP-DESK")).delete()
    land(sample)
    assert [finding.subject for finding in findings(sample, "finance.missing_price")] == ["LAMP-DESK"]
    assert findings(sample, "finance.average_price") == []
    Company.objects.update(allow_average_price=True)
    land(sample)
    assert findings(sample, "finance.missing_price") == []
    (finding,) = findings(sample, "finance.average_price")
    assert (finding.subject, finding.severity) == ("LAMP-DESK", "warn")
    assert finding.money_cents == 25 * MARKETS * 12 * 36_00
    notes = load_landing(sample.plan).notes
    assert f"{MARKETS} series without a price take their average selling price." in notes


def test_a_price_action_reaches_the_dollars(sample: Sample) -> None:
    """10 % off LAMP-DESK in NORTH/DIRECT in July without units: at once, 25 × 36 × 0.1 less."""
    before = load_landing(sample.plan)
    market = sample.company.markets["NORTH/DIRECT"]
    PriceAction.objects.create(
        event="JULY", name="July", market=market, item=item(sample, "LAMP-DESK"), first_month=date(2014, 7, 1),
        last_month=date(2014, 7, 1), fraction=Decimal("0.1"),
    )  # fmt: skip
    after = load_landing(sample.plan)
    moved = compute_landing(after).dollars.money.upside - compute_landing(before).dollars.money.upside
    assert moved.sum() == moved[:, 1].sum() == -25 * 360
