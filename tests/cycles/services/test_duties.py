"""What a person owes: each source for whom it is meant, the order in which it presses, nothing for a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from cycles.duties import duties_of
from cycles.models import Plan, Run, User
from cycles.registry import Finding
from cycles.registry.duties import Duty, Weight, rank_duties
from cycles.selectors import stage_of
from cycles.services.answers import Question, record_decision
from cycles.services.assumptions import Statement, record_assumption
from cycles.services.cycles import open_cycle
from cycles.services.stages import assign_stage, return_stage, submit_stage
from cycles.workflow import StageKind
from finance.duties import action_duties
from finance.models import Action
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone

pytestmark = pytest.mark.django_db
TODAY = date(2014, 1, 10)


def duty(title: str, **traits: object) -> Duty:
    return Duty(title, "why", "Do", "/x/", **traits)  # type: ignore[arg-type]


def test_late_comes_first_then_blocks_by_dollars_then_dates() -> None:
    late = duty("late note", weight=Weight.NOTE, due_on=date(2014, 1, 9))
    dear = duty("dear block", weight=Weight.BLOCK, money_cents=-900_00)
    cheap = duty("cheap block", weight=Weight.BLOCK, money_cents=100_00)
    soon = duty("task today", due_on=TODAY)
    then = duty("task tomorrow", due_on=date(2014, 1, 11))
    open_end = duty("task without a day")
    note = duty("dear note", weight=Weight.NOTE, money_cents=10_000_00)
    wanted = [late, dear, cheap, soon, then, open_end, note]
    assert rank_duties(reversed(wanted), TODAY) == wanted


@pytest.fixture
def findings() -> Iterator[list[Finding]]:
    found: list[Finding] = []
    with alone(gates={StageKind.DATA: lambda plan: list(found)}):
        yield found


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def plan(findings: list[Finding], cast: Cast) -> Plan:
    return open_cycle(month=date(2014, 1, 1), actor=cast.finance)


def titles(user: User, plan: Plan, *, with_slow: bool = False) -> list[str]:
    return [one.title for one in duties_of(user, plan, with_slow=with_slow)]


def test_a_stage_waits_for_its_owner_or_its_role_and_then_for_an_approver(plan: Plan, cast: Cast) -> None:
    stage = stage_of(plan, StageKind.DATA)
    submit, approve = ["Work on and submit: Data"], ["Review and approve: Data"]
    assert [titles(user, plan) for user in (cast.finance, cast.demand_planner, cast.viewer)] == [submit, submit, []]
    assign_stage(stage_id=stage.pk, actor=cast.finance, owner=cast.demand_planner)
    assert [titles(user, plan) for user in (cast.finance, cast.demand_planner)] == [[], submit]
    submit_stage(stage_id=stage.pk, actor=cast.demand_planner)
    assert [titles(user, plan) for user in (cast.finance, cast.demand_planner)] == [approve, []]
    return_stage(stage_id=stage.pk, actor=cast.finance, reason="December is thin")
    (again,) = duties_of(cast.demand_planner, plan, with_slow=False)
    assert again.why == "Returned by Finance: December is thin"


def test_findings_stand_only_on_the_whole_list_of_those_who_submit(
    plan: Plan, cast: Cast, findings: list[Finding]
) -> None:
    findings += [Finding("a", "warn", "Thin", 5_00), Finding("b", "block", "Prices", 9_00), Finding("c", "info", "FYI")]
    assert "Prices" not in titles(cast.finance, plan)
    whole = duties_of(cast.finance, plan, with_slow=True)
    assert {one.title: one.weight for one in whole} == {
        "Prices": Weight.BLOCK, "Thin": Weight.NOTE, "Work on and submit: Data": Weight.TASK,
    }  # fmt: skip
    assert titles(cast.executive, plan, with_slow=True) == []


def test_decisions_and_assumptions_wait_for_their_owner_or_for_whoever_may(plan: Plan, cast: Cast) -> None:
    record_decision(plan=plan, question=Question("x.y", "Chairs", "Promote?", owner=cast.executive), actor=cast.finance)
    record_decision(plan=plan, question=Question("x.y", "Lamps", "Stop?"), actor=cast.finance)
    record_assumption(plan=plan, statement=Statement("mine", "Mine.", owner=cast.finance2), actor=cast.finance)
    record_assumption(plan=plan, statement=Statement("free", "Free."), actor=cast.finance)
    plan.assumptions.update(state="to_confirm")
    held = "Does it still hold: "
    found = {name: set(titles(getattr(cast, name), plan)) for name in ("executive", "finance", "finance2", "viewer")}
    stage = {"Work on and submit: Data"}
    assert found == {
        "executive": {"Promote?", "Stop?"},
        "finance": stage | {"Stop?", f"{held}Free."},
        "finance2": stage | {"Stop?", f"{held}Free.", f"{held}Mine."},
        "viewer": set(),
    }


def test_a_stopped_run_waits_until_one_of_its_kind_succeeds(plan: Plan, cast: Cast) -> None:
    def run(state: str) -> None:
        Run.objects.create(
            kind="cycles.canary", version="1", plan=plan, state=state, input_hash=f"{Run.objects.count():064}",
            requested_by=cast.admin, message="Out of memory",
        )  # fmt: skip

    run("parked")
    assert titles(cast.admin, plan) == ["It stopped: Worker check"]
    assert "It stopped: Worker check" not in titles(cast.finance, plan)
    run("succeeded")
    assert titles(cast.admin, plan) == []


def test_an_open_action_waits_for_its_owner_with_its_money_and_day(plan: Plan, cast: Cast) -> None:
    common = {"plan": plan, "owner": cast.supply_planner, "due_on": TODAY, "created_by": cast.finance}
    Action.objects.create(title="Second shift", revenue_cents=10_00, margin_cents=4_00, **common)
    Action.objects.create(title="Done", revenue_cents=1, margin_cents=1, state="done", **common)
    assert [(one.title, one.money_cents, one.due_on) for one in action_duties(cast.supply_planner, plan)] == [
        ("Second shift", 4_00, TODAY)
    ]
    assert list(action_duties(cast.finance, plan)) == []


def test_the_page_ranks_and_counts_and_fetches_the_findings(plan: Plan, cast: Cast, findings: list[Finding]) -> None:
    findings.append(Finding("b", "block", "Prices are missing", 1_234_500_00))
    client = Client()
    client.force_login(cast.finance)
    page = client.get("/cycles/my-work/").content.decode()
    assert 'hx-get="/cycles/my-work/?whole=1"' in page
    assert "Prices are missing" not in page
    assert '<span class="rail-count">1<' in page
    part = client.get("/cycles/my-work/?whole=1", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "hx-trigger" not in part
    assert "1 holds its stage back, 1.2 M at stake" in part
    assert part.index("late since") < len(part)  # January 2014 is past


def test_nothing_owed_is_said(plan: Plan, cast: Cast) -> None:
    client = Client()
    client.force_login(cast.viewer)
    whole = client.get("/cycles/my-work/?whole=1").content.decode()
    assert "Nothing owed" in whole
    assert "rail-count" not in whole


def test_a_stranger_owes_nothing(plan: Plan, cast: Cast) -> None:
    assert titles(cast.outsider, plan, with_slow=True) == []
    client = Client()
    client.force_login(cast.outsider)
    assert "no cycle is open" in client.get("/cycles/my-work/").content.decode()
