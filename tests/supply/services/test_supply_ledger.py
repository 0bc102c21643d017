"""Pins: recorded with conflict and reason, kept by the plan, released, carried, and nobody approves their own."""

from datetime import date

import pytest

from cycles.errors import LeaseLost, NotAllowedNow, NotAllowedToYou, ReasonMissing
from cycles.models import AuditRow, Cycle, Plan
from cycles.services.leases import claim_run
from cycles.services.runs import drain_runs
from supply.frames import load_constrained, load_loads, load_production, load_supply_costs
from supply.models import Pin, PinEffect, PinKind
from supply.registration import has_pinned
from supply.selectors import pins_in_force, supply_state
from supply.services.ledger import PinEntry, PinInvalid, PinResult, carry_pins, record_pins
from supply.services.plan import compute_supply_plan, request_supply_plan
from supply.services.solving import kept_basis, stop_supply_plan
from tests.kept import fresh, kept
from tests.supply.company import SupplyCompany, demand, open_supply_stage, solve, supply_company

pytestmark = pytest.mark.django_db
MARCH = date(2014, 3, 1)


def pinned(company: SupplyCompany, quantity: int | None, **given: object) -> PinResult:
    """Pin the production of CHAIR-OAK in March, or what is given instead."""
    entry = {
        "kind": PinKind.MAKE,
        "month": MARCH,
        "item_id": company.base.items["CHAIR-OAK"].pk,
        "site_id": company.base.site.pk,
    }
    base = given.pop("base_revision", 10_000)
    actor = given.pop("actor", company.cast.supply_planner)
    wish = PinEntry(**{**entry, "quantity": quantity, **given})
    return record_pins(plan_id=company.plan.pk, entries=[wish], reason="tools", base_revision=base, actor=actor)


def _company() -> SupplyCompany:
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [100.0] * 6})
    open_supply_stage(company)
    return company


company_once = kept(_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def chair(company: SupplyCompany, block: object) -> list[int]:
    made = load_production(company.plan)
    return getattr(made, str(block))[made.item_ids == company.base.items["CHAIR-OAK"].pk][0].tolist()


def test_pin_is_kept_exactly_and_the_plan_is_solved_again(company: SupplyCompany) -> None:
    solve(company)
    result = pinned(company, 250_000)
    company.plan.refresh_from_db()
    assert not supply_state(company.plan).is_current
    drain_runs(company.plan)
    assert chair(company, "make")[2] == 250_000
    effect = PinEffect.objects.get(pin=result.saved[0])
    assert effect.cost_cents is not None and effect.cost_cents > 0
    assert effect.cover_days is not None and effect.cover_days > 0, "more is on stock at the end of March"
    assert kept_basis(company.plan) is not None
    assert supply_state(company.plan).is_current
    assert result.saved[0].revision == company.plan.supply_revision
    assert AuditRow.objects.filter(code="supply.pin.recorded").count() == 1


def test_a_stopped_plan_writes_nothing_and_says_who(company: SupplyCompany) -> None:
    with pytest.raises(NotAllowedNow):
        stop_supply_plan(plan=company.plan, actor=company.cast.supply_planner)
    run = request_supply_plan(plan=company.plan, actor=company.cast.supply_planner)
    lease = claim_run(run.pk)
    assert lease is not None
    with pytest.raises(NotAllowedToYou):
        stop_supply_plan(plan=company.plan, actor=company.cast.viewer)
    stopped = stop_supply_plan(plan=company.plan, actor=company.cast.supply_planner)
    assert (stopped.state, stopped.message) == ("superseded", f"Stopped by {company.cast.supply_planner}.")
    with pytest.raises(LeaseLost):
        compute_supply_plan(lease)
    assert not load_production(company.plan).item_ids.size
    assert AuditRow.objects.filter(code="supply.plan.stopped").count() == 1


def test_released_pin_no_longer_binds(company: SupplyCompany) -> None:
    pinned(company, 250_000)
    pinned(company, None)
    assert pins_in_force(company.plan) == []
    drain_runs(company.plan)
    assert chair(company, "make")[2] == 100_000


def test_pin_of_zero_stops_production(company: SupplyCompany) -> None:
    for month in (date(2014, m, 1) for m in range(1, 7)):
        pinned(company, 0, month=month)
    drain_runs(company.plan)
    assert load_constrained(company.plan).ship.sum() == 20_000


def test_conflict_shows_the_winner_and_writes_nothing(company: SupplyCompany) -> None:
    base = company.plan.revision
    pinned(company, 10_000, actor=company.cast.supply_planner2)
    result = pinned(company, 20_000, base_revision=base)
    assert not result.saved
    assert result.refused[0].winner.author == company.cast.supply_planner2
    assert Pin.objects.count() == 1


def test_own_later_pin_never_conflicts(company: SupplyCompany) -> None:
    base = company.plan.revision
    pinned(company, 10_000, base_revision=base)
    assert pinned(company, 20_000, base_revision=base).saved


def test_subcontracted_units_arrive_on_top_at_their_cost(company: SupplyCompany) -> None:
    pinned(company, 50_000, kind=PinKind.SUBCONTRACT, unit_cost=7)
    drain_runs(company.plan)
    costs = load_supply_costs(company.plan)
    assert costs.subcontract_cents.sum() == 50 * 700
    assert chair(company, "subcontract")[2] == 50_000
    assert sum(chair(company, "make")) == 600_000 - 20_000 - 50_000


def test_extra_shift_raises_the_limit_of_overtime(company: SupplyCompany) -> None:
    shift = {"kind": PinKind.EXTRA_SHIFT, "item_id": None, "site_id": None, "work_centre_id": company.centre.pk}
    pinned(company, 40_000, **shift)
    drain_runs(company.plan)
    assert load_loads(company.plan).overtime_limit[0, 2] == 31 * 10 * 250 + 40_000


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": PinKind.BUY}, "not bought"),
        ({"month": date(2015, 3, 1)}, "outside the plan"),
        ({"site_id": 0}, "cannot be made"),
    ],
)
def test_impossible_pin_is_refused(company: SupplyCompany, given: dict[str, object], words: str) -> None:
    with pytest.raises(PinInvalid, match=words):
        pinned(company, 1_000, **given)
    assert not Pin.objects.exists()


def test_pin_beyond_every_hour_fails_the_run_and_names_the_work_centre(company: SupplyCompany) -> None:
    pinned(company, 9_000_000)
    run = drain_runs(company.plan)[-1]
    assert run.state == "failed"
    assert "WOOD in 2014-03" in run.message


def test_a_reason_the_role_and_the_open_stage_are_needed(company: SupplyCompany) -> None:
    with pytest.raises(NotAllowedToYou):
        pinned(company, 1_000, actor=company.cast.finance)
    with pytest.raises(ReasonMissing):
        record_pins(plan_id=company.plan.pk, entries=[], reason=" ", base_revision=0, actor=company.cast.supply_planner)
    company.plan.stages.filter(kind="supply").update(status="not_started")
    with pytest.raises(NotAllowedNow):
        pinned(company, 1_000)


def test_pins_are_carried_without_the_closed_month_and_count_for_nobody(company: SupplyCompany) -> None:
    pinned(company, 30_000)
    pinned(company, 40_000, month=date(2014, 1, 1))
    cycle = Cycle.objects.create(month=date(2014, 2, 1), opened_by=company.cast.demand_planner)
    following = Plan.objects.create(cycle=cycle, number="2014-02", first_month=cycle.month, horizon=6)
    carry_pins(plan=following, previous=company.plan, actor=company.cast.supply_planner)
    assert [(pin.month, pin.quantity) for pin in pins_in_force(following)] == [(MARCH, 30_000)]
    assert has_pinned(company.plan, company.cast.supply_planner)
    assert not has_pinned(following, company.cast.supply_planner)
