"""The supply files: what each does to the tables, what is refused and why, and that nothing changes twice."""

from datetime import date
from decimal import Decimal

import pytest

from catalog.models import ImportBatch, Site
from catalog.services.imports import apply_batch, stage_file
from supply.frames import load_supply_problem
from supply.models import (
    BomLine,
    ProductionActual,
    PurchaseTerm,
    Routing,
    Sourcing,
    StockOnHand,
    Supplier,
    WorkCentre,
    WorkCentreMonth,
)
from supply.selectors import supply_state
from tests.kept import fresh, kept
from tests.supply.company import HORIZON, HOURS_PER_DAY, SupplyCompany, demand, solve, supply_company

pytestmark = pytest.mark.django_db

CENTRES = "work_centre,name,cost_rate_per_hour,currency,availability_hours,is_production\n"
BOM = "parent_sku,component_sku,qty_per,uom,bom_level,valid_from,valid_to\n"
INVENTORY = "sku,location,on_hand,as_of\n"
SOURCING = "sku,family,market,channel,site,share,priority,freight_per_unit\n"


def _company() -> SupplyCompany:
    return supply_company()


company_once = kept(_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def load(company: SupplyCompany, dataset: str, text: str) -> ImportBatch:
    """Stage and, unless it is refused, apply a file."""
    actor = company.cast.finance
    batch = stage_file(dataset=dataset, file_name=f"{dataset}.csv", content=text.encode(), actor=actor)
    return batch if batch.status == "refused" else apply_batch(batch_id=batch.pk, actor=actor)


def test_work_centres_are_replaced_and_missing_ones_stop_constraining(company: SupplyCompany) -> None:
    batch = load(company, "work_centres", CENTRES + "PAINT,Paint shop,15.75,USD,120,Y\nRACK,Racks,0.0,USD,0,N\n")
    assert (batch.added, batch.removed) == (2, 1)
    paint = WorkCentre.objects.get(code="PAINT")
    assert (paint.cost_rate, paint.hours_per_day, paint.site.code) == (Decimal("15.75"), 120, Site.MAIN)
    assert (paint.overtime_limit, paint.overtime_premium) == (Decimal("0.25"), Decimal("0.5"))
    assert [centre.code for centre in WorkCentre.objects.all() if centre.is_constraint] == ["PAINT"]


def test_work_centre_policy_of_the_file_wins(company: SupplyCompany) -> None:
    header = CENTRES.replace("\n", ",overtime_limit,overtime_premium,site\n")
    load(company, "work_centres", header + "WOOD,Wood,20,USD,10,Y,0.10,0.75,MAIN\n")
    wood = WorkCentre.objects.get(code="WOOD")
    assert (wood.overtime_limit, wood.overtime_premium) == (Decimal("0.10"), Decimal("0.75"))


def test_foreign_cost_rate_is_refused(company: SupplyCompany) -> None:
    batch = load(company, "work_centres", CENTRES + "PAINT,Paint shop,15.75,EUR,120,Y\n")
    assert (batch.status, batch.faults[0]["column"]) == ("refused", "currency")


def test_routings_keep_the_recent_standard_beside_the_long_one(company: SupplyCompany) -> None:
    text = "sku,operation,work_centre,std_hours_per_unit,std_hours_per_unit_last12\nCHAIR-OAK,6,WOOD,0.5,0.4\n"
    batch = load(company, "routings", text)
    assert (batch.added, batch.removed) == (1, 2)
    routing = Routing.objects.get()
    assert (routing.hours_per_unit, routing.recent_hours_per_unit) == (Decimal("0.5"), Decimal("0.4"))


def test_bill_of_materials_keeps_expired_lines(company: SupplyCompany) -> None:
    rows = "CHAIR-OAK,KIT,2,EA,1,2010-01-01,2012-12-31\nCHAIR-OAK,KIT,3,EA,1,2013-01-01,\n"
    load(company, "bom", BOM + rows)
    assert list(BomLine.objects.order_by("valid_from").values_list("quantity", flat=True)) == [2, 3]


def test_circle_in_the_bill_of_materials_is_refused_by_name(company: SupplyCompany) -> None:
    rows = "CHAIR-OAK,KIT,1,EA,1,2010-01-01,\nKIT,CHAIR-OAK,1,EA,1,2010-01-01,\n"
    batch = load(company, "bom", BOM + rows)
    assert batch.status == "refused"
    assert "CHAIR-OAK" in batch.faults[0]["reason"] and "KIT" in batch.faults[0]["reason"]


def test_a_line_in_another_unit_than_its_component_is_refused_and_nothing_is_saved(company: SupplyCompany) -> None:
    before = list(BomLine.objects.values_list("pk", "quantity"))
    batch = load(company, "bom", BOM + "CHAIR-PINE,KIT,1,EA,1,2010-01-01,\nCHAIR-OAK,KIT,3,OZ,1,2010-01-01,\n")
    (fault,) = batch.faults
    assert (fault["column"], fault["value"]) == ("uom", "OZ") and "KIT is measured in EA" in fault["reason"]
    assert list(BomLine.objects.values_list("pk", "quantity")) == before


def test_overlapping_lines_are_refused(company: SupplyCompany) -> None:
    rows = "CHAIR-OAK,KIT,1,EA,1,2010-01-01,\nCHAIR-OAK,KIT,2,EA,1,2012-01-01,\n"
    assert "overlaps" in load(company, "bom", BOM + rows).faults[0]["reason"]


def test_stock_is_added_up_per_site(company: SupplyCompany) -> None:
    east = Site.objects.create(code="EAST", name="East")
    rows = "KIT,WOOD,10,2014-02-28\nKIT,somewhere,5,2014-02-28\nKIT,EAST,2.5,2014-02-28\n"
    load(company, "inventory", INVENTORY + rows)
    found = dict(StockOnHand.objects.filter(as_of=date(2014, 2, 28)).values_list("site", "quantity"))
    assert found == {company.base.site.pk: 15_000, east.pk: 2_500}
    assert StockOnHand.objects.filter(as_of=date(2013, 12, 31)).count() == 2


def test_negative_stock_is_refused(company: SupplyCompany) -> None:
    assert load(company, "inventory", INVENTORY + "KIT,WOOD,-1,2014-02-28\n").status == "refused"


def test_suppliers_and_terms(company: SupplyCompany) -> None:
    load(company, "suppliers", "supplier,name,credit_rating,preferred,active\nS2,Two,1,Y,Y\n")
    assert dict(Supplier.objects.values_list("code", "is_active")) == {"S1": False, "S2": True}
    header = "sku,supplier,lead_days,price,min_order_qty,max_order_qty,on_order_qty,uom,currency\n"
    load(company, "purchase_terms", header + "KIT,S2,17,47.87,1,5,,CS,USD\n")
    terms = PurchaseTerm.objects.get()
    assert (terms.lead_time_days, terms.price, terms.uom) == (17, Decimal("47.87"), "CS")
    assert (terms.minimum_order_milli, terms.on_order_milli, terms.monthly_limit_milli) == (1_000, None, None)


def test_production_replaces_the_months_of_the_file(company: SupplyCompany) -> None:
    header = "month,sku,units_good,units_scrapped,hours,conversion_cost\n"
    load(company, "production_monthly", header + "2013-11-01,CHAIR-OAK,10,1,12.5,250.00\n")
    load(company, "production_monthly", header + "2013-12-01,CHAIR-OAK,20,0,25,500.00\n")
    rows = ProductionActual.objects.values_list("good_milli", "hours_milli", "conversion_cents")
    assert list(rows) == [(10_000, 12_500, 25_000), (20_000, 25_000, 50_000)]


def test_lanes_spread_over_the_markets_they_leave_open(company: SupplyCompany) -> None:
    Site.objects.create(code="EAST", name="East")
    rows = ",CHAIRS,NORTH,,MAIN,0.6,,1.25\n,CHAIRS,NORTH,,EAST,0.4,,2\n"
    load(company, "sourcing", SOURCING + rows)
    assert Sourcing.objects.count() == 2 * 2
    assert set(Sourcing.objects.filter(site__code="MAIN").values_list("freight", flat=True)) == {Decimal("1.25")}


def test_shares_that_do_not_add_up_are_refused(company: SupplyCompany) -> None:
    batch = load(company, "sourcing", SOURCING + ",CHAIRS,NORTH,,MAIN,0.6,,1\n")
    assert (batch.status, batch.faults[0]["column"]) == ("refused", "share")


@pytest.mark.parametrize(
    ("dataset", "text"),
    [
        ("work_centres", CENTRES + "WOOD,Wood shop,20,USD,10,Y\n"),
        ("bom", BOM + "CHAIR-OAK,KIT,1,EA,1,2012-01-01,\nCHAIR-PINE,KIT,1,EA,1,2012-01-01,\n"),
        ("inventory", INVENTORY + "CHAIR-OAK,,20,2013-12-31\nCHAIR-PINE,,20,2013-12-31\n"),
    ],
)
def test_what_is_there_already_changes_nothing(company: SupplyCompany, dataset: str, text: str) -> None:
    load(company, dataset, text)
    again = load(company, dataset, text + "\n")
    assert (again.added, again.changed, again.removed) == (0, 0, 0)


def test_the_calendar_says_the_hours_of_a_month_in_place_of_the_day_rule(company: SupplyCompany) -> None:
    """WOOD has 10 hours a day: 310 in January; the calendar says 120 and leaves February to the day rule."""
    text = "work_centre,month,hours\nWOOD,2014-01,120\n"
    assert load(company, "capacity_calendar", text).added == 1
    hours = load_supply_problem(company.plan).problem.centres
    assert hours.regular[0, :2].tolist() == [120, 28 * HOURS_PER_DAY]
    assert hours.overtime_limit[0, 0] == 120 / 4


def test_a_calendar_replaces_the_months_it_names(company: SupplyCompany) -> None:
    header = "work_centre,month,hours\n"
    load(company, "capacity_calendar", header + "WOOD,2014-01,120\nWOOD,2014-02,90\n")
    assert (load(company, "capacity_calendar", header + "WOOD,2014-02,80\n").changed) == 1
    kept = WorkCentreMonth.objects.values_list("month", "hours")
    assert list(kept) == [(date(2014, 1, 1), 120), (date(2014, 2, 1), 80)]
    assert load(company, "capacity_calendar", header + "IRON,2014-02,80\n").faults[0]["column"] == "work_centre"


def test_a_newer_calendar_leaves_the_supply_plan_behind(company: SupplyCompany) -> None:
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [10.0] * HORIZON})
    solve(company)
    assert supply_state(company.plan).is_current
    load(company, "capacity_calendar", "work_centre,month,hours\nWOOD,2014-01,120\n")
    assert not supply_state(company.plan).is_current
