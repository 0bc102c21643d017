"""Options of a shortage end to end: priced by a run, chosen with a decision, its entries, and the plan that follows."""

from decimal import Decimal

import pytest

from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing
from cycles.models import AuditRow, Decision, Notification, Run, User
from cycles.services.answers import take_decision
from cycles.services.runs import drain_runs, execute_run
from supply.duties import decided_duties
from supply.frames import load_constrained
from supply.gates import decisions_carried_out, decisions_in_plan
from supply.models import Pin, ShortageChoice, ShortageDecision
from supply.selectors import binding_hours, lost_items
from supply.services.options import NoSuchOption, Option, priced_plan, request_options
from supply.services.shortage_questions import AskedShortage, NoSuchChoice, put_to_executive, waiting_decisions
from supply.services.shortages import Chosen, CostMissing, carry_out, choose_option
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
    listed = Decision.objects.get(plan=company.plan)
    assert (listed.choice, listed.reason, listed.taken_by) == (
        "Extra hours",
        "Agreed with the shop",
        company.cast.supply_planner,
    )
    assert f"CHAIR-OAK is short of {short / 1000:,.0f} units in Jan 2014" in listed.question
    assert {row["kind"]: row["margin_cents"] for row in listed.options} == {
        kind: option.margin_cents for kind, option in options.items() if option.is_possible
    }
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


def taken(company: SupplyCompany, choice: str, actor: User) -> Decision:
    return take_decision(decision_id=Decision.objects.get().pk, choice=choice, reason="We want the units", actor=actor)


def test_what_an_executive_decides_is_carried_out_by_the_planner(company: SupplyCompany) -> None:
    """An open question fixes nothing; the executive answers among its options and has no entry of the ledger."""
    cast, chair = company.cast, company.base.items["CHAIR-OAK"]
    planner, plan = cast.supply_planner, {"plan_id": company.plan.pk}
    asked = AskedShortage(chair.pk, "Extra hours or subcontract?", cast.executive, unit_cost=Decimal(5))
    with pytest.raises(NotAllowedNow, match="price them again"):
        put_to_executive(**plan, asked=asked, actor=planner)
    options = priced(company)
    with pytest.raises(NotAllowedToYou):
        put_to_executive(**plan, asked=asked, actor=cast.executive)
    question = put_to_executive(**plan, asked=asked, actor=planner)
    lost = lost_items(company.plan)[0]
    assert (question.state, question.owner, question.money_cents) == ("open", cast.executive, -lost.revenue_cents)
    rows = {row["kind"]: row for row in question.options}
    units = Decimal(sum(entry[5] for entry in options["subcontract"].entries)) / 1000
    assert rows["subcontract"]["margin_cents"] == (options["subcontract"].margin_cents or 0) - units * 5 * 100
    assert not Pin.objects.exists() and not waiting_decisions(company.plan)
    assert [found.severity for found in decisions_in_plan(company.plan)] == ["warn"]
    with pytest.raises(NotAllowedNow, match="waits for its answer"):
        choose_option(**plan, chosen=chosen(company, ShortageChoice.DECLINE), actor=cast.supply_planner2)
    with pytest.raises(NotAllowedNow, match="Nothing was decided"):
        carry_out(**plan, item_id=chair.pk, actor=planner)
    with pytest.raises(NoSuchChoice):
        taken(company, "Something else", cast.executive)
    taken(company, "Subcontract", cast.executive)
    assert Notification.objects.filter(recipient=planner, kind="decision.taken").count() == 1
    (found,) = decisions_carried_out(company.plan)
    assert (found.subject, found.severity, found.money_cents) == ("CHAIR-OAK", "block", -lost.revenue_cents)
    assert [duty.verb for duty in decided_duties(planner, company.plan)] == ["Carry out"]
    assert not list(decided_duties(cast.executive, company.plan))
    with pytest.raises(NotAllowedNow, match="has decided this"):
        choose_option(**plan, chosen=chosen(company, ShortageChoice.DECLINE), actor=planner)
    with pytest.raises(NotAllowedNow, match="has decided this very shortage"):
        put_to_executive(**plan, asked=asked, actor=planner)
    decision = carry_out(**plan, item_id=chair.pk, actor=planner)
    assert (decision.author, decision.choice) == (planner, "subcontract")
    assert decision.margin_cents == rows["subcontract"]["margin_cents"]
    assert {(pin.author, pin.unit_cost) for pin in Pin.objects.all()} == {(planner, Decimal(5))}
    assert not list(decisions_carried_out(company.plan)) and not waiting_decisions(company.plan)
    with pytest.raises(NotAllowedNow):
        carry_out(**plan, item_id=chair.pk, actor=planner)
    assert Decision.objects.get().taken_by == cast.executive


def test_declining_by_the_executive_asks_for_nothing_more(company: SupplyCompany) -> None:
    """A planner who declined may still ask; what a colleague decided is not asked again."""
    priced(company)
    asked = AskedShortage(company.base.items["CHAIR-OAK"].pk, "Give it up?")
    planner, plan = company.cast.supply_planner, company.plan.pk
    choose_option(plan_id=plan, chosen=chosen(company, ShortageChoice.DECLINE), actor=planner)
    with pytest.raises(NotAllowedNow, match="has decided this very shortage: Decline"):
        put_to_executive(plan_id=plan, asked=asked, actor=company.cast.supply_planner2)
    assert put_to_executive(plan_id=plan, asked=asked, actor=planner).state == "open"
    taken(company, "Decline", company.cast.executive)
    assert not waiting_decisions(company.plan) and not list(decisions_in_plan(company.plan))
