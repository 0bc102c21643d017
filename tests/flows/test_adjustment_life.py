"""The life of an adjustment: named, shown, netted, not approved by who named it, expired, unanswered, blocking."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from catalog.calc.months import month_index
from cycles.errors import GateBlocked, NotAllowedToYou
from cycles.models import AuditRow, Plan
from cycles.selectors import stage_of
from cycles.services.answers import Question, record_decision, take_decision
from cycles.services.cycles import open_next_cycle
from cycles.services.stages import approve_stage, submit_stage
from cycles.workflow import StageKind
from demand.models import ActualMonth, ActualSeries
from finance.models import AdjustmentKind, Measure
from finance.selectors import family_gaps, position_of, valid_adjustments
from finance.selectors.answers import GAP_CODE
from finance.services.adjustments import AdjustmentRefused, Scope, Wording, name_adjustment
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan, supply, want

pytestmark = pytest.mark.django_db
PAGES = ("reconciliation", "adjustments", "executive")
# Sold 20 a month at 90 % of list up to May, 25 from June; lamps list at 40 + 60 in four markets, budget 10,000 each.
LAMPS_LANDING = (5 * 20 + 7 * 25) * (40 + 60) * 90 // 100 * 4 * 100
LAMPS_GAP = LAMPS_LANDING - 12 * 4 * 10_000_00


@pytest.fixture
def landed() -> Sample:
    sample = sample_plan()
    company = sample.company.company
    company.unanswered_amount_cents, company.unanswered_fraction = 1_000_00, 0
    company.save()
    land(sample)
    open_reconciliation(sample)
    return sample


def outside_contract(sample: Sample) -> Wording:
    """What closes the lamps' gap: seven months of a contract that is in no units; it holds for June only."""
    months = [-LAMPS_GAP // 7] * 6
    return Wording(
        kind=AdjustmentKind.UNMODELLED,
        measure=Measure.REVENUE,
        title="Lease contract outside the units",
        reason="Signed in May",
        evidence="https://contracts.example/4711",
        owner=sample.cast.executive,
        first_month=date(2014, 6, 1),
        cents=(*months, -LAMPS_GAP - sum(months)),
        expires_on=date(2014, 6, 1),
        scope=Scope(family_id=sample.company.families["LAMPS"].pk),
    )


def timing(sample: Sample) -> Wording:
    """A delivery that slips from December into January: both months, two fiscal years."""
    base = outside_contract(sample)
    months = {"first_month": date(2014, 12, 1), "cents": (-300_00, 300_00)}
    return replace(base, kind=AdjustmentKind.TIMING, title="Slip into January", scope=Scope(), **months)


def decide(sample: Sample, plan: Plan, *subjects: str) -> None:
    for gap in family_gaps(plan):
        if gap.node.subject in subjects and not gap.answer:
            question = Question(GAP_CODE, gap.node.subject, f"Accept {gap.node.name}?", gap.cents)
            record_decision(plan=plan, question=question, actor=sample.cast.finance2)


def answers(plan: Plan) -> dict[str, str]:
    return {gap.node.subject: gap.answer for gap in family_gaps(plan)}


def pass_reconciliation(sample: Sample) -> None:
    stage = stage_of(sample.plan, StageKind.RECONCILIATION)
    submit_stage(stage_id=stage.pk, actor=sample.cast.finance2)
    with pytest.raises(NotAllowedToYou):
        approve_stage(stage_id=stage.pk, actor=sample.cast.finance)  # he named them
    approve_stage(stage_id=stage.pk, actor=sample.cast.executive)


def approve_the_plan(sample: Sample) -> None:
    for decision in sample.plan.decisions.filter(state="open"):
        take_decision(decision_id=decision.pk, choice="Accept", reason="Agreed", actor=sample.cast.executive)
    stage = stage_of(sample.plan, StageKind.EXECUTIVE)
    submit_stage(stage_id=stage.pk, actor=sample.cast.finance2)
    approve_stage(stage_id=stage.pk, actor=sample.cast.executive)


def next_month(sample: Sample) -> Sample:
    """July: June has closed with 20 units of everything, the plan is landed and before its pre-S&OP."""
    plan = open_next_cycle(actor=sample.cast.demand_planner, horizon=12)
    for row in ActualSeries.objects.all():
        for name in ("units", "net_cents", "list_cents", "cogs_cents"):
            setattr(row, name, [*getattr(row, name), getattr(row, name)[-1]])
        row.save()
    may = ActualMonth.objects.get(month=date(2014, 5, 1))
    ActualMonth.objects.create(
        month=date(2014, 6, 1), batch=may.batch, rows=may.rows, units=may.units, net_cents=may.net_cents,
        list_cents=may.list_cents, cogs_cents=may.cogs_cents,
    )  # fmt: skip
    Plan.objects.filter(pk=plan.pk).update(baseline_version=1)
    plan.refresh_from_db()
    want(sample.company, plan)
    supply(sample.company, plan)
    following = replace(sample, plan=plan)
    land(following)
    open_reconciliation(following)
    return following


def test_named_shown_netted_expired_unanswered_blocked(landed: Sample) -> None:
    decide(landed, landed.plan, "company", "CHAIRS")
    assert answers(landed.plan)["LAMPS"] == "Decision about the company: Accept Company?"
    landed.plan.decisions.filter(subject="company").delete()
    assert answers(landed.plan)["LAMPS"] == ""

    name_adjustment(plan=landed.plan, wording=outside_contract(landed), actor=landed.cast.finance)
    name_adjustment(plan=landed.plan, wording=timing(landed), actor=landed.cast.finance)
    assert answers(landed.plan)["LAMPS"] == "Adjustment: Lease contract outside the units"
    position = position_of(landed.plan)
    assert position is not None
    assert position.adjustments == -LAMPS_GAP - 300_00  # only the part of the timing that lies in FY2014
    assert position.unexplained.cents == 0
    assert_shown(landed)

    decide(landed, landed.plan, "company")
    pass_reconciliation(landed)
    approve_the_plan(landed)
    july = next_month(landed)
    assert list(valid_adjustments(july.plan)) == []
    told = AuditRow.objects.get(plan=july.plan, code="cycles.ledger.carried", subject="finance.adjustments")
    assert "Lease contract outside the units: expired with 2014-06" in told.after["list"]
    decide(july, july.plan, "CHAIRS")
    assert answers(july.plan)["LAMPS"] == ""
    with pytest.raises(GateBlocked) as blocked:
        submit_stage(stage_id=stage_of(july.plan, StageKind.RECONCILIATION).pk, actor=july.cast.finance)
    assert "LAMPS" in {judged.finding.subject for judged in blocked.value.findings}  # type: ignore[attr-defined]


def assert_shown(sample: Sample) -> None:
    client = Client()
    client.force_login(sample.cast.viewer)
    for name in PAGES:
        html = client.get(reverse(f"finance:{name}", args=[sample.plan.number])).content.decode()
        assert "Lease contract outside the units" in html, name
    ledger = client.get(reverse("finance:adjustments", args=[sample.plan.number]))
    nets = {(net.kind.value, year): part for net, parts in ledger.context["nets"]
            for year, part in zip(ledger.context["years"], parts, strict=True)}  # fmt: skip
    assert (nets[("timing", 2014)], nets[("timing", 2015)]) == (-300_00, 300_00)
    assert [entry.row.title for entry in ledger.context["ending"]] == [
        "Lease contract outside the units", "Slip into January",
    ]  # fmt: skip


def test_a_timing_that_does_not_net_says_what_is_left(landed: Sample) -> None:
    wrong = replace(timing(landed), cents=(-300_00, 299_00))
    with pytest.raises(AdjustmentRefused) as refused:
        name_adjustment(plan=landed.plan, wording=wrong, actor=landed.cast.finance)
    error = refused.value
    assert (error.field, error.value) == ("amount", "-1.00 left")
    assert "nets to zero" in error.reason
    assert "Bring 1.00 into another of its months" in error.remedy


def test_a_small_answer_above_reaches_nothing_below(landed: Sample) -> None:
    small = replace(outside_contract(landed), cents=(1_00,), scope=Scope())
    name_adjustment(plan=landed.plan, wording=small, actor=landed.cast.finance)
    whole = replace(outside_contract(landed), scope=Scope(), title="Everything, named at the company")
    name_adjustment(plan=landed.plan, wording=whole, actor=landed.cast.finance)
    assert set(answers(landed.plan).values()) == {""}


def test_a_decision_covers_its_gap_until_that_moves(landed: Sample) -> None:
    decide(landed, landed.plan, "LAMPS")
    assert answers(landed.plan)["LAMPS"] == "Decision: Accept Lamps?"
    landed.plan.decisions.update(money_cents=LAMPS_GAP + 1_000_01)
    assert answers(landed.plan)["LAMPS"] == ""


def test_the_sample_is_what_its_words_say(landed: Sample) -> None:
    gaps = {gap.node.subject: gap.cents for gap in family_gaps(landed.plan)}
    assert gaps["LAMPS"] == LAMPS_GAP
    assert landed.plan.first_month_index == month_index(date(2014, 6, 1))
