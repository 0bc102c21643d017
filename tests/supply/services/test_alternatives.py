"""An alternative work centre from its file to the loads of the published plan."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.models import ImportBatch
from catalog.services.imports import apply_batch, stage_file
from cycles.selectors import Scope
from supply.frames import load_constrained
from supply.models import ReroutedSeries, Routing, WorkCentre, WorkCentreLoad
from supply.services.cost_lines import cost_of
from supply.services.loads import CentreMonth, planned_month
from tests.supply.company import SupplyCompany, demand, solve, supply_company

pytestmark = pytest.mark.django_db

ALL = Scope(((None, None),))
HEADER = "sku,operation,work_centre,std_hours_per_unit,is_alternative\n"
ORDINARY = "CHAIR-OAK,1,WOOD,1,N\nCHAIR-PINE,1,WOOD,1,\n"
JANUARY = 31 * 10
WORKED_OVER = JANUARY * 0.25


def load(company: SupplyCompany, text: str) -> ImportBatch:
    actor = company.cast.finance
    batch = stage_file(dataset="routings", file_name="routings.csv", content=text.encode(), actor=actor)
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
