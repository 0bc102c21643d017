"""An alternative work centre from its file to the loads of the published plan."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.models import ImportBatch
from catalog.services.imports import apply_batch, stage_file
from cycles.selectors import Scope
from supply.frames import load_constrained
from supply.models import ReroutedSeries, Routing, WorkCentre, WorkCentreLoad
from supply.sections import supply_problems
from supply.selectors import overloads_of
from supply.services.cost_lines import cost_of
from supply.services.loads import CentreMonth, planned_month
from tests.supply.company import SupplyCompany, demand, solve, supply_company

pytestmark = pytest.mark.django_db

ALL = Scope(((None, None),))
HEADER = "sku,operation,work_centre,std_hours_per_unit,is_alternative\n"
ORDINARY = "CHAIR-OAK,1,WOOD,1,N\nCHAIR-PINE,1,WOOD,1,\n"
JANUARY = 31 * 10
WORKED_OVER = JANUARY * 0.25


def load(company: SupplyCompany, text: str, *, dataset: str = "routings") -> ImportBatch:
    actor = company.cast.finance
    batch = stage_file(dataset=dataset, file_name=f"{dataset}.csv", content=text.encode(), actor=actor)
    return batch if batch.status == "refused" else apply_batch(batch_id=batch.pk, actor=actor)


def lathe(company: SupplyCompany) -> WorkCentre:
    """As many hours as WOOD, dearer for a chair: two hours at the same rate, and no overtime."""
    return WorkCentre.objects.create(
        code="LATHE", name="Lathe", site=company.base.site, cost_rate=Decimal(20), hours_per_day=Decimal(10),
        overtime_limit=Decimal(0),
    )  # fmt: skip


def january(company: SupplyCompany, centre: WorkCentre) -> CentreMonth:
    row = WorkCentreLoad.objects.select_related("work_centre").get(plan=company.plan, work_centre=centre)
    return planned_month(company.plan, row, 0, ALL)


def test_an_alternative_takes_what_the_ordinary_centre_cannot() -> None:
    """480 chairs beyond the stock: 310 h and 77.5 h of overtime (10 each) on WOOD, the rest two hours each on LATHE."""
    company = supply_company()
    other = lathe(company)
    lonely = load(company, HEADER + "CHAIR-OAK,2,LATHE,2,Y\n" + ORDINARY)
    assert lonely.status == "refused" and "no ordinary row at its site" in str(lonely.faults)
    load(company, HEADER + ORDINARY + "CHAIR-OAK,1,LATHE,2,Y\n")
    assert list(Routing.objects.filter(is_alternative=True).values_list("work_centre__code", flat=True)) == ["LATHE"]
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [500.0, 0, 0, 0, 0, 0]})
    solve(company)
    assert not load_constrained(company.plan).short.any()
    moved = ReroutedSeries.objects.get(plan=company.plan)
    there = 480 - JANUARY - WORKED_OVER
    assert moved.units[0] / 1000 == pytest.approx(there, abs=0.1)
    wood, lathes = january(company, company.centre), january(company, other)
    assert lathes.hours == lathes.planned == 2 * moved.units[0]
    assert wood.hours == wood.planned == 480_000 - moved.units[0]
    assert [line.units for line in wood.lines] == [480_000 - moved.units[0]]
    assert [line.units for line in lathes.lines] == [moved.units[0]]
    told = cost_of(company.plan)
    assert told is not None
    (labour,) = [line.cents for line in told.lines if str(line.label).startswith("Labour of alternative")]
    assert labour == pytest.approx(there * (2 * 20 - 1 * 20) * 100, rel=1e-3)
    assert not list(supply_problems())
    ReroutedSeries.objects.update(units=[480_001, *moved.units[1:]])
    assert [problem.what for problem in supply_problems()] == ["more goes another way than is made at the site"]


def test_extra_shifts_of_the_file_are_worked_when_overtime_is_not_enough() -> None:
    """480 chairs beyond the stock: 310 h, 77.5 h of overtime, and 92.5 h of extra shifts at twice the rate of 20."""
    company = supply_company()
    header = "work_centre,name,cost_rate_per_hour,currency,availability_hours,is_production,shift_hours,shift_premium\n"
    load(company, header + "WOOD,Wood shop,20,USD,10,Y,100,1\n", dataset="work_centres")
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [500.0, 0, 0, 0, 0, 0]})
    solve(company)
    assert not load_constrained(company.plan).short.any()
    shown = january(company, company.centre)
    assert (shown.overtime / 1000, shown.shift / 1000) == pytest.approx(
        (WORKED_OVER, 480 - JANUARY - WORKED_OVER), abs=0.1
    )
    (overload,) = overloads_of(company.plan)
    assert overload.overtime == shown.overtime + shown.shift
    assert overload.premium_cents == pytest.approx(shown.overtime / 10 * 20 * 0.5 + shown.shift / 10 * 20, abs=1)
    told = cost_of(company.plan)
    assert told is not None
    (premium,) = [line.cents for line in told.lines if str(line.label) == "Extra shift premium"]
    assert premium == pytest.approx(shown.shift / 10 * 20, rel=1e-3)
