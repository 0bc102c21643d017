"""People of a work centre from their file into the plan, its page, its gate, its snapshot and verify."""

from __future__ import annotations

import numpy as np
import pytest
from django.test import Client

from cycles.selectors import scope_of
from supply.calc.plan_checks import CheckKind
from supply.frames import load_loads, load_supply_costs
from supply.frames.workforce import load_heads
from supply.gates import people_outside_books
from supply.models import PlannedHeads, WorkforceTerm
from supply.sections import supply_problems, supply_rows
from supply.selectors import supply_state
from supply.services.checks import checks_of
from tests.kept import fresh, kept
from tests.supply.company import SupplyCompany, demand, open_supply_stage, solve, supply_company
from tests.supply.services.test_supply_datasets import load

pytestmark = pytest.mark.django_db
HEADER = "work_centre,opening_heads,hours_per_head,overtime_hours_per_head,wage,hire_cost,release_cost,least_heads,most_heads\n"


def _company() -> SupplyCompany:
    """Two people of 100 h at 1,500 a month, 10 h over; chairs of an hour: 200, 420, 420, 0, 0, 0; 20 are in stock.

    A chair that is not made loses 100; a head who is hired costs 300 and 15 a chair.
    """
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [200.0, 420, 420, 0, 0, 0]})
    open_supply_stage(company)
    load(company, "workforce", f"{HEADER}WOOD,2,100,10,1500,300,100,1,4\n")
    solve(company)
    return company


company_once = kept(_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def test_people_are_hired_for_the_peak_and_released_after_it(company: SupplyCompany) -> None:
    """At most four: 400 h and 40 over a month. Two are hired for the peak and nobody is needed from the fourth month on,
    where one must stay."""
    people = load_heads(company.plan)
    assert people.opening.tolist() == [2] and people.heads[0, 1:3].tolist() == [4, 4]
    assert people.heads[0, 3:].tolist() == [1, 1, 1] and people.released[0, 3] == 3
    assert np.array_equal(people.opening + np.cumsum(people.hired - people.released, axis=1)[0], people.heads[0])
    assert people.wages_cents[0].tolist() == [heads * 1500_00 for heads in people.heads[0].tolist()]
    assert people.hire_cents.sum() == 2 * 300_00 and people.release_cents.sum() == 3 * 100_00


def test_their_hours_are_those_of_the_work_centre(company: SupplyCompany) -> None:
    loads, people = load_loads(company.plan), load_heads(company.plan)
    assert loads.available[0].tolist() == [heads * 100_000 for heads in people.heads[0].tolist()]
    assert (loads.overtime <= people.heads * 10_000).all() and (loads.planned[0, 3:] == 0).all()
    regular = loads.planned[0] - loads.overtime[0]
    assert people.absorbed_cents[0].tolist() == (regular * 20 // 10).tolist(), "hours at the standard rate of 20"
    assert load_supply_costs(company.plan).overtime_cents.sum() == loads.overtime.sum() * 10 // 10, "half of 20 an hour"


def test_every_line_of_their_cost_is_in_the_report(company: SupplyCompany) -> None:
    """In the report heads may be fractions; the objective is its sum less the penalty of the safety stock, here none."""
    run = supply_state(company.plan).run
    assert run is not None
    lines = run.result["cost_lines"]
    assert {"wages", "overtime_wages", "hire", "release"} <= set(lines)
    assert sum(lines.values()) == pytest.approx(run.result["objective"], abs=0.1)


def test_what_no_statement_takes_is_a_finding_with_its_dollars(company: SupplyCompany) -> None:
    people = load_heads(company.plan)
    paid = people.wages_cents.sum() + people.hire_cents.sum() + people.release_cents.sum()
    (finding,) = people_outside_books(company.plan)
    assert finding.money_cents == abs(paid - people.absorbed_cents.sum()) and finding.severity == "warn"


def test_page_snapshot_and_verify(client: Client, company: SupplyCompany) -> None:
    client.force_login(company.cast.viewer)
    text = client.get("/supply/2014-01/").content.decode()
    assert "The people that the plan counts with" in text and "hours ÷" not in text
    rows = {row.key: row.fields for row in supply_rows(company.plan)}
    assert rows["people", "WOOD"]["heads"] == load_heads(company.plan).heads[0].tolist()
    assert not list(supply_problems())
    PlannedHeads.objects.update(opening=3)
    assert "heads do not roll forward" in str(next(supply_problems()))


def test_without_the_file_hours_are_those_of_the_machines_again(company: SupplyCompany) -> None:
    WorkforceTerm.objects.all().delete()
    load(company, "supply_policy", "setting,value\nholding_per_month,0.01\n")
    solve(company)
    assert load_loads(company.plan).available[0, 0] == 310_000
    assert not PlannedHeads.objects.exists() and not list(people_outside_books(company.plan))


def test_the_check_counts_with_the_people_there_are_and_may_be(company: SupplyCompany) -> None:
    """420 h in February: 2 · 110 are there, 4 · 110 may be; 200 too many to build ahead of or to hire for."""
    shown = checks_of(company.plan, scope_of(company.cast.supply_planner))
    rows = {row.kind: row for row in shown.rows}
    assert CheckKind.HOURS not in rows and rows[CheckKind.HOURS_AHEAD].quantity == 2 * (420 - 220) * 1000
    assert shown.loads[0].peak == pytest.approx(420 / 220)


def test_what_cannot_be_is_refused_with_its_row(company: SupplyCompany) -> None:
    batch = load(company, "workforce", f"{HEADER}WOOD,2,0,,1500,,,5,4\n")
    assert {fault["column"] for fault in batch.faults} == {"hours_per_head", "most_heads"}
    assert WorkforceTerm.objects.get().hours_per_head == 100
