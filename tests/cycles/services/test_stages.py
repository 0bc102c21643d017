"""The month on PostgreSQL: every move legal and illegal, four eyes, gates, waivers, amendment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from cycles.errors import GateBlocked, NotAllowedNow, NotAllowedToYou, NotWaivable, ReasonMissing, SectionMissing
from cycles.models import AuditRow, FindingRecord, Plan, SignOff, Snapshot, Stage
from cycles.selectors import is_approved, latest_snapshot, present_stage, stage_of
from cycles.services.cycles import open_cycle, open_next_cycle
from cycles.services.findings import evaluate_gates, waive_finding
from cycles.services.stages import approve_stage, reopen_stage, return_stage, submit_stage
from cycles.workflow import StageKind, StageStatus
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone, blocking, raising, section

SUBMITS = {
    StageKind.DATA: "demand_planner",
    StageKind.DEMAND: "demand_planner",
    StageKind.SUPPLY: "supply_planner",
    StageKind.RECONCILIATION: "finance",
    StageKind.EXECUTIVE: "finance",
}
APPROVES = {
    StageKind.DATA: "finance",
    StageKind.DEMAND: "finance",
    StageKind.SUPPLY: "finance",
    StageKind.RECONCILIATION: "executive",
    StageKind.EXECUTIVE: "executive",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def _stand_ins() -> Iterator[None]:
    with alone():
        yield


@pytest.fixture
def plan(cast: Cast) -> Plan:
    with alone():
        return open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)


def pass_stage(plan: Plan, cast: Cast, kind: StageKind) -> Stage:
    stage = stage_of(plan, kind)
    submit_stage(stage_id=stage.pk, actor=getattr(cast, SUBMITS[kind]))
    return approve_stage(stage_id=stage.pk, actor=getattr(cast, APPROVES[kind]))


def approve_all(plan: Plan, cast: Cast) -> Snapshot:
    while (stage := present_stage(plan)) is not None:
        pass_stage(plan, cast, StageKind(stage.kind))
    snapshot = latest_snapshot(plan)
    assert snapshot is not None
    return snapshot


def statuses(plan: Plan) -> list[str]:
    return list(plan.stages.order_by("position").values_list("status", flat=True))


@pytest.mark.usefixtures("_stand_ins")
def test_a_month_goes_through_five_stages_and_is_frozen(plan: Plan, cast: Cast) -> None:
    assert statuses(plan) == ["open"] + ["not_started"] * 4
    snapshot = approve_all(plan, cast)
    assert statuses(plan) == ["approved"] * 5
    assert (snapshot.number, snapshot.sequence, snapshot.row_count) == ("2013-11", 1, 6)
    assert SignOff.objects.count() == 10
    assert AuditRow.objects.filter(code="cycles.stage.approved").count() == 5
    assert AuditRow.objects.get(code="cycles.plan.frozen").after["root"] == snapshot.root


@pytest.mark.usefixtures("_stand_ins")
def test_due_dates_follow_the_working_days_of_the_month(plan: Plan) -> None:
    # 1 November 2013 is a Friday: working days 4, 9, 14, 17, 20 are the 6th, 13th, 20th, 25th and 28th.
    assert [stage.due_on.day for stage in plan.stages.order_by("position")] == [6, 13, 20, 25, 28]


@pytest.mark.usefixtures("_stand_ins")
@pytest.mark.parametrize("name", ["supply_planner", "executive", "viewer", "outsider", "admin"])
def test_others_may_not_submit_data(plan: Plan, cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowedToYou):
        submit_stage(stage_id=stage_of(plan, StageKind.DATA).pk, actor=getattr(cast, name))


@pytest.mark.usefixtures("_stand_ins")
def test_not_now_is_another_error_than_not_you(plan: Plan, cast: Cast) -> None:
    with pytest.raises(NotAllowedNow, match="not started"):
        submit_stage(stage_id=stage_of(plan, StageKind.DEMAND).pk, actor=cast.demand_planner)


@pytest.mark.usefixtures("_stand_ins")
def test_the_submitter_does_not_approve(plan: Plan, cast: Cast) -> None:
    stage = stage_of(plan, StageKind.DATA)
    submit_stage(stage_id=stage.pk, actor=cast.finance)
    with pytest.raises(NotAllowedToYou, match="submitted"):
        approve_stage(stage_id=stage.pk, actor=cast.finance)
    approve_stage(stage_id=stage.pk, actor=cast.finance2)


def test_who_edited_does_not_approve(plan: Plan, cast: Cast) -> None:
    with alone(authors={"demand": {"demand_planner2"}}):
        pass_stage(plan, cast, StageKind.DATA)
        stage = stage_of(plan, StageKind.DEMAND)
        submit_stage(stage_id=stage.pk, actor=cast.demand_planner)
        with pytest.raises(NotAllowedToYou, match="demand entries"):
            approve_stage(stage_id=stage.pk, actor=cast.demand_planner2)
    with alone():
        approve_stage(stage_id=stage.pk, actor=cast.demand_planner2)


@pytest.mark.usefixtures("_stand_ins")
def test_the_second_approval_hears_who_and_when(plan: Plan, cast: Cast) -> None:
    stage = pass_stage(plan, cast, StageKind.DATA)
    assert stage.approved_at is not None
    with pytest.raises(NotAllowedNow, match=f"approved by Finance on {stage.approved_at:%Y-%m-%d at %H:%M}"):
        approve_stage(stage_id=stage.pk, actor=cast.finance2)


@pytest.mark.usefixtures("_stand_ins")
def test_a_returned_stage_is_open_and_its_submission_superseded(plan: Plan, cast: Cast) -> None:
    stage = stage_of(plan, StageKind.DATA)
    submit_stage(stage_id=stage.pk, actor=cast.demand_planner)
    with pytest.raises(ReasonMissing):
        return_stage(stage_id=stage.pk, actor=cast.finance, reason=" ")
    returned = return_stage(stage_id=stage.pk, actor=cast.finance, reason="Prices of March are missing")
    assert (returned.status, returned.round, returned.submitted_by) == (StageStatus.OPEN, 2, None)
    assert all(sign_off.round < returned.round for sign_off in returned.sign_offs.all())


@pytest.mark.usefixtures("_stand_ins")
def test_reopening_leads_to_the_amendment(plan: Plan, cast: Cast) -> None:
    first = approve_all(plan, cast)
    reopen_stage(stage_id=stage_of(plan, StageKind.SUPPLY).pk, actor=cast.finance2, reason="A press broke")
    assert statuses(plan) == ["approved", "approved", "open", "not_started", "not_started"]
    assert latest_snapshot() == first
    second = approve_all(plan, cast)
    assert (second.number, second.amendment, second.previous_root) == ("2013-11.1", 1, first.root)
    assert Snapshot.objects.count() == 2


@pytest.mark.usefixtures("_stand_ins")
def test_the_next_cycle_closes_the_old_plan(plan: Plan, cast: Cast) -> None:
    with pytest.raises(NotAllowedNow, match="not approved"):
        open_next_cycle(actor=cast.finance)
    approve_all(plan, cast)
    following = open_next_cycle(actor=cast.finance)
    assert (following.number, following.previous, is_approved(following)) == ("2013-12", plan, False)
    with pytest.raises(NotAllowedNow, match="next cycle"):
        reopen_stage(stage_id=stage_of(plan, StageKind.DATA).pk, actor=cast.finance, reason="Too late")


def test_a_block_holds_and_a_waiver_lets_pass(plan: Plan, cast: Cast) -> None:
    stage = stage_of(plan, StageKind.DATA)
    with alone(gates={StageKind.DATA: blocking(1000_00)}):
        with pytest.raises(GateBlocked, match="bolt is loose"):
            submit_stage(stage_id=stage.pk, actor=cast.demand_planner)
        assert not FindingRecord.objects.exists()
        waive = {"stage_id": stage.pk, "code": "test.data", "subject": "bolt"}
        with pytest.raises(ReasonMissing):
            waive_finding(**waive, reason="", actor=cast.demand_planner)
        with pytest.raises(NotAllowedToYou):
            waive_finding(**waive, reason="It is fine", actor=cast.executive)
        waiver = waive_finding(**waive, reason="It is fine", actor=cast.demand_planner)
        submit_stage(stage_id=stage.pk, actor=cast.demand_planner)
    assert FindingRecord.objects.get().waiver == waiver
    assert (waiver.money_cents, waiver.tolerance_cents) == (1000_00, 100_00)


def test_waiving_an_assumption_names_it(plan: Plan, cast: Cast) -> None:
    stage = stage_of(plan, StageKind.DATA)
    waive = {"stage_id": stage.pk, "code": "test.data", "subject": "bolt", "actor": cast.demand_planner}
    with alone(gates={StageKind.DATA: blocking(1000_00)}):
        waive_finding(**waive, reason="It is fine")
        assert not plan.assumptions.exists()
    with alone(gates={StageKind.DATA: blocking(1000_00, is_assumption=True)}):
        waive_finding(**waive, reason="It is fine")
    assumption = plan.assumptions.get()
    assert (assumption.code, assumption.money_cents, assumption.state) == ("test.data", 1000_00, "confirmed")
    assert assumption.text == "The bolt is loose It is fine"


@pytest.mark.parametrize(("money", "blocks"), [(1100_00, False), (1100_01, True), (None, True), (-1000_00, True)])
def test_a_waiver_holds_for_its_money_only(plan: Plan, cast: Cast, money: int | None, blocks: bool) -> None:
    stage = stage_of(plan, StageKind.DATA)
    with alone(gates={StageKind.DATA: blocking(1000_00)}):
        waive_finding(stage_id=stage.pk, code="test.data", subject="bolt", reason="Fine", actor=cast.finance)
    with alone(gates={StageKind.DATA: blocking(money)}):
        assert bool(evaluate_gates(stage)[0].blocking) is blocks


def test_what_may_not_be_waived(plan: Plan, cast: Cast) -> None:
    waive = {"stage_id": stage_of(plan, StageKind.DATA).pk, "reason": "Fine", "actor": cast.finance}
    with alone(gates={StageKind.DATA: blocking(waivable=False)}):
        with pytest.raises(NotWaivable, match="mended"):
            waive_finding(code="test.data", subject="bolt", **waive)
        with pytest.raises(NotWaivable, match="no blocking"):
            waive_finding(code="test.data", subject="nut", **waive)


def test_a_raising_gate_blocks_and_the_transaction_goes_on(plan: Plan, cast: Cast) -> None:
    stage = stage_of(plan, StageKind.DATA)
    with alone(gates={StageKind.DATA: raising}):
        (result,) = evaluate_gates(stage)
        assert result.state == "blocked"
        with pytest.raises(GateBlocked, match="could not be checked: ZeroDivisionError"):
            submit_stage(stage_id=stage.pk, actor=cast.demand_planner)


def test_a_stage_without_a_gate_blocks(plan: Plan) -> None:
    with alone(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("cycles.registry._gates", {})
        assert evaluate_gates(stage_of(plan, StageKind.DATA))[0].gate.code == "cycles.gate_missing"


def test_a_missing_or_empty_section_refuses_the_approval(plan: Plan, cast: Cast) -> None:
    for sections in (
        (section("demand"), section("supply")),
        (section("demand"), section("supply", 0), section("finance")),
    ):
        with alone(sections=sections), pytest.raises(SectionMissing):
            approve_all(plan, cast)
        assert present_stage(plan).status == StageStatus.SUBMITTED  # type: ignore[union-attr]
        with alone():
            return_stage(stage_id=stage_of(plan, StageKind.EXECUTIVE).pk, actor=cast.executive, reason="Not whole")


@pytest.mark.usefixtures("_stand_ins")
def test_the_database_itself_refuses_an_approval_by_the_submitter(plan: Plan, cast: Cast) -> None:
    stage = pass_stage(plan, cast, StageKind.DATA)
    with pytest.raises(IntegrityError, match="stage_approver_is_not_submitter"), transaction.atomic():
        Stage.objects.filter(pk=stage.pk).update(approved_by=stage.submitted_by)
