"""Options of a shortage end to end: priced by a run, chosen with a decision, its entries, and the plan that follows."""

from decimal import Decimal

import pytest

from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing
from cycles.models import AuditRow, Run
from cycles.services.runs import drain_runs, execute_run
from supply.frames import load_constrained
from supply.models import Pin, ShortageChoice, ShortageDecision
from supply.selectors import binding_hours, lost_items
from supply.services.options import Option, priced_plan, request_options
from supply.services.shortages import Chosen, CostMissing, NoSuchOption, choose_option
from tests.kept import fresh, kept
from tests.supply.company import SupplyCompany, demand, open_supply_stage, solve, supply_company

pytestmark = pytest.mark.django_db


def _company() -> SupplyCompany:
    """1,000 oak chairs in January, 20 on stock, on 310 regular hours and 77.5 of overtime: 592.5 are short."""
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [1000.0, 0, 0, 0, 0, 0]})
    open_supply_stage(company)
    solve(company)
    return company


company_once = kept(_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def priced(company: SupplyCompany) -> dict[str, Option]:
    run = execute_run(request_options(plan=company.plan, actor=company.cast.supply_planner).pk)
    assert run.state == "succeeded", run.message
    found = priced_plan(company.plan)
    assert found is not None
    return {option.kind: option for option in found.options[company.base.items["CHAIR-OAK"].pk]}


def chosen(company: SupplyCompany, choice: ShortageChoice, **given: object) -> Chosen:
    return Chosen(company.base.items["CHAIR-OAK"].pk, choice, **{"reason": "Agreed with the shop", **given})


def test_what_was_priced_is_what_comes_of_choosing_it(company: SupplyCompany) -> None:
    short = int(load_constrained(company.plan).short.sum())
    assert short == pytest.approx(592_500, abs=50)
    options, before = priced(company), sum(load_constrained(company.plan).ship.sum(axis=0).tolist())
    hours = options["overtime"].extra_hours_milli
    assert hours == 593_000
    (binding,) = binding_hours(company.plan)
    assert (binding.centre, binding.more) == (company.centre, pytest.approx(short, abs=50))
    decision = choose_option(
        plan_id=company.plan.pk,
        chosen=chosen(company, ShortageChoice.OVERTIME),
        actor=company.cast.supply_planner,
    )
    pin = Pin.objects.get()
    assert (pin.kind, pin.work_centre, pin.quantity, pin.reason) == (
        "extra_shift",
        company.centre,
        hours,
        "Agreed with the shop",
    )
    assert (decision.margin_cents, decision.short_milli) == (options["overtime"].margin_cents, short)
    assert AuditRow.objects.filter(code="supply.shortage.decided", subject="CHAIR-OAK").count() == 1
    drain_runs(company.plan)
    company.plan.refresh_from_db()
    assert load_constrained(company.plan).ship.sum() - before == -options["overtime"].short_milli
    assert lost_items(company.plan) == []
    assert Run.objects.filter(plan=company.plan, kind="supply.options", state="succeeded").count() == 2


def test_declining_and_what_is_refused(company: SupplyCompany) -> None:
    planner = company.cast.supply_planner
    declining = {"plan_id": company.plan.pk, "chosen": chosen(company, ShortageChoice.DECLINE)}
    with pytest.raises(NotAllowedNow, match="price them again"):
        choose_option(**declining, actor=planner)
    options = priced(company)
    assert options["subcontract"].break_even_cents == pytest.approx(
        options["subcontract"].margin_cents / 592.5, rel=1e-3
    )
    for wrong, refusal in (
        (chosen(company, ShortageChoice.DECLINE, reason=" "), ReasonMissing),
        (chosen(company, ShortageChoice.SUBCONTRACT), CostMissing),
        (chosen(company, ShortageChoice.OTHER_SITE), NoSuchOption),
    ):
        with pytest.raises(refusal):
            choose_option(plan_id=company.plan.pk, chosen=wrong, actor=planner)
    with pytest.raises(NotAllowedToYou):
        choose_option(**declining, actor=company.cast.viewer)
    assert not ShortageDecision.objects.exists()
    choose_option(**declining, actor=planner)
    assert not Pin.objects.exists()
    (lost,) = lost_items(company.plan)
    assert lost.decision is not None and lost.decision.choice == "decline"
    subcontract = chosen(company, ShortageChoice.SUBCONTRACT, unit_cost=Decimal(5))
    decision = choose_option(plan_id=company.plan.pk, chosen=subcontract, actor=planner)
    units = Decimal(sum(pin.quantity or 0 for pin in Pin.objects.all())) / 1000
    assert decision.margin_cents == (options["subcontract"].margin_cents or 0) - units * 5 * 100
