"""The demo company as the ordinary services leave it: the story that `make demo` opens on."""

from __future__ import annotations

import pytest

from cycles.models import Plan, Snapshot
from cycles.selectors import present_stage
from cycles.services.findings import evaluate_gates
from cycles.services.snapshots import verify_snapshot
from cycles.workflow import StageKind, StageStatus
from finance.selectors import summary_of
from finance.selectors.answers import open_actions, valid_adjustments
from integrations.selectors import LINES, control_totals, read_all
from sop_portal.demo.month import create_company
from tests.flows.dollar_checks import check_policies_and_a_new_standard

MILLION = 100_000_000


@pytest.mark.long
@pytest.mark.django_db
def test_the_demo_company_opens_in_mid_cycle_on_its_numbers() -> None:
    plan = create_company(lambda line: None)
    money = summary_of(plan)
    assert abs(money["budget"] - 260 * MILLION) <= 0.05 * MILLION
    assert abs(money["landing"] - 248 * MILLION) <= 1.5 * MILLION
    assert money["unexplained"] == 0
    assert sum(money["drivers"].values()) == money["landing"] - money["budget"]
    assert sum(1 for cents in money["drivers"].values() if cents) >= 6
    check_policies_and_a_new_standard(plan)
    _assert_mid_cycle(plan)
    _assert_first_month_is_frozen()


def _assert_mid_cycle(plan: Plan) -> None:
    stage = present_stage(plan)
    assert stage is not None
    assert (stage.kind, stage.status) == (StageKind.RECONCILIATION, StageStatus.OPEN)
    assert not any(result.blocking for result in evaluate_gates(stage))
    assert len(valid_adjustments(plan)) == 1
    assert len(open_actions(plan)) >= 3
    assert plan.edits.count() >= 5


def _assert_first_month_is_frozen() -> None:
    snapshot = Snapshot.objects.get()
    assert snapshot.number == "2026-10"
    assert verify_snapshot(snapshot) == []
    assert str(len(read_all(snapshot, LINES, whole_units=False))) == control_totals(snapshot, LINES)["rows"]
