"""The figures of the supply review, each worked out by hand on one small company, and what its headline says."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from cycles.models import Stage
from cycles.selectors import scope_of
from cycles.services.cycles import open_next_cycle
from supply.models import PurchaseTerm, StockBudget, WorkCentre
from supply.services.frozen_stock import lost_demand_of
from supply.services.inventory import inventory_of
from supply.services.plan_changes import changed_since_last_cycle
from supply.services.purchases import purchases_of
from supply.services.review import heads_needed, review_of
from tests.kept import fresh, kept
from tests.supply.company import SupplyCompany, demand, solve, supply_company

pytestmark = pytest.mark.django_db
NORTH, SOUTH = "NORTH/DIRECT", "SOUTH/DIRECT"
OAK = [1000.0, 100, 0, 0, 0, 0]
LAMPS = [50.0] * 6
REGULAR, OVERTIME = 31 * 10, 31 * 5
STEPS = 0.02
"""Two chairs are made in steps of 0.01, an hour each: so much of the hours is left, that rounding never exceeds them."""

MADE = REGULAR + OVERTIME - STEPS
SHORT = 1000 - 20 - MADE
"""January: 20 of 1,000 oak chairs on stock, one hour each on 10 hours a day and half as much overtime."""


def milli(units: float) -> int:
    return round(units * 1000)


def _company() -> SupplyCompany:
    company = supply_company()
    WorkCentre.objects.update(overtime_limit=Decimal("0.5"))
    PurchaseTerm.objects.create(
        item=company.kit, supplier=company.supplier, lead_time_days=0, price=30, currency_id="USD", uom="EA"
    )
    StockBudget.objects.create(month=date(2014, 1, 1), cents=1000_00)
    demand(company, {("CHAIR-OAK", NORTH): OAK, ("LAMP-DESK", SOUTH): LAMPS})
    solve(company)
    return company


company_once = kept(_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def test_headline_loads_purchases_and_workforce(company: SupplyCompany, client: Client) -> None:
    """Oak sells at 100 and costs 60 with a kit of 30; an hour costs 20 and half as much more in overtime; lamps 22."""
    scope = scope_of(company.cast.supply_planner)
    review = review_of(company.plan, scope)
    asked, shipped = 1000 + 100 + 6 * 50, 20 + MADE + 100 + 6 * 50
    assert (review.ship_milli, review.short_milli) == (milli(shipped), milli(SHORT))
    assert review.served == pytest.approx(shipped / asked)
    assert (review.overtime_milli, review.overtime_cents) == (milli(OVERTIME - STEPS), milli(OVERTIME - STEPS))
    assert review.lost_revenue_cents == milli(SHORT) * 10
    assert review.upside_cents == (1100 * 100 + 300 * 40) * 100
    assert [(lack.centre.code, lack.hours, lack.first, lack.last) for lack in review.short_hours] == [
        ("WOOD", milli(SHORT), date(2014, 1, 1), date(2014, 1, 1))
    ]
    assert [row.cells[0].load for row in (review.needed[0], review.planned[0])] == [1000 / REGULAR, MADE / REGULAR]
    (heads,) = heads_needed(company.plan)
    assert (heads.available, heads.planned, heads.needed) == (REGULAR / 160, MADE / 160, 1000 / 160)
    assert heads.missing == (1000 - REGULAR) / 160
    bought = purchases_of(company.plan, scope)
    kits = [milli(MADE) * 3, 100 * 30_00, 0, 0, 0, 0]
    assert [(row.name, row.cents) for row in bought.suppliers] == [
        ("Supplier One", tuple(kits)),
        ("", (50 * 22_00,) * 6),
    ]
    assert bought.total == sum(kits) + 6 * 50 * 22_00
    client.force_login(company.cast.viewer)
    page = client.get("/supply/2014-01/").content.decode()
    headline = page[page.index('class="headline"') : page.index("</p>", page.index('class="headline"'))]
    said = " ".join(re.sub(r"<[^>]+>", " ", headline.split(">", 1)[1]).split())
    served = f"{100 * shipped / asked:.1f}%"
    assert said == (
        f"The plan serves {served} of the demand. Wood shop is short of {SHORT:.0f} h in January 2014."
        f" ${SHORT / 10:.1f} k of revenue is at risk. Overtime costs ${(OVERTIME - STEPS) * 10 / 1000:.1f} k."
    )


def test_stock_in_dollars_and_days(company: SupplyCompany) -> None:
    """Oak 20 × 60 and pine 20 × 48. Wanted at cost: lamps 1,100 a month, oak 60,000 + kits, then 6,000 + kits."""
    months = inventory_of(company.plan, scope_of(company.cast.supply_planner)).months
    wanted = [50 * 22 + units * 60 + made * 30 for units, made in zip(OAK, [MADE, 100, 0, 0, 0, 0], strict=True)]
    opening, left = 20 * 60 + 20 * 48, 20 * 48
    assert (months[0].plan, months[0].days) == (opening * 100, pytest.approx(31 * opening / wanted[0]))
    january = months[1]
    assert (january.plan, january.days) == (left * 100, pytest.approx(28 * left / wanted[1]))
    assert (january.budget, january.gap) == (1000_00, (left - 1000) * 100)
    assert january.budget_days == pytest.approx(28 * 1000 / wanted[1])
    assert months[3].days == pytest.approx(30 * left / 1100)
    assert (months[6].plan, months[6].days) == (left * 100, None)


def test_changed_since_last_cycle_and_the_demand_that_went(company: SupplyCompany) -> None:
    """February to June: 100 oak and 250 lamps then; now 500 oak on 28 days and no more lamps than were on stock: none.

    The plan before made 100 oak in February; this one makes all it can there. Lamps went: 50 in each of six months, of
    which January closed with no sale at all.
    """
    now, cast = timezone.now(), company.cast
    Stage.objects.filter(plan=company.plan, kind="executive").update(
        status="approved", submitted_by=cast.finance, submitted_at=now, approved_by=cast.executive, approved_at=now
    )
    following = replace(company, plan=open_next_cycle(actor=cast.demand_planner, horizon=6))
    demand(following, {("CHAIR-OAK", NORTH): [500.0, 0, 0, 0, 0, 0]})
    solve(following)
    scope, most = scope_of(cast.supply_planner), 28 * 15 - STEPS
    changes = changed_since_last_cycle(following.plan, scope)
    assert changes is not None
    assert (changes.number, changes.first, changes.last) == ("2014-01", date(2014, 2, 1), date(2014, 6, 1))
    assert (changes.shipped.before, changes.shipped.now) == ((100 + 5 * 50) * 1000, milli(20 + most))
    assert (changes.short.before, changes.short.now) == (0, milli(500 - 20 - most))
    assert (changes.stock.before, changes.stock.now) == (20 * 48_00, 20 * 48_00)
    assert [(row.name, row.before, row.now) for row in changes.loads] == [("WOOD", 100_000, milli(most))]
    assert [(row.name, row.change) for row in changes.shortages] == [("CHAIR-OAK", milli(500 - 20 - most))]
    inventory = inventory_of(following.plan, scope)
    (pine,) = inventory.stranded
    assert (pine.code, pine.obsolete_cents, inventory.stranded_cents) == ("CHAIR-PINE", 20 * 48_00, 20 * 48_00)
    lamp = replace(pine, item_id=company.base.items["LAMP-DESK"].pk)
    (gone,) = lost_demand_of(following.plan, [pine, lamp]).values()
    assert (gone.units, gone.places) == (6 * 50_000, ((SOUTH, 6 * 50_000),))
    assert changed_since_last_cycle(company.plan, scope) is None
