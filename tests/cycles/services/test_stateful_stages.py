"""A hundred random months on PostgreSQL: services and model always give the same answer and the same rows."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cycles.errors import NotAllowedNow, NotAllowedToYou
from cycles.models import AuditRow, SignOff, Snapshot
from cycles.services import stages
from cycles.services.cycles import open_cycle
from cycles.services.snapshots import verify_chain
from tests.cast import Cast, make_cast
from tests.cycles.month_model import PEOPLE, STAGES, Month
from tests.cycles.stand_ins import alone

MOVES = {
    "submit": stages.submit_stage,
    "approve": stages.approve_stage,
    "return": stages.return_stage,
    "reopen": stages.reopen_stage,
}


class StoredMonth(RuleBasedStateMachine):
    """One plan in a transaction that is rolled back at the end of the example; the people stay."""

    cast: ClassVar[Cast]

    def __init__(self) -> None:
        super().__init__()
        self.model = Month()
        self.moves = 0
        self.outer = transaction.atomic()
        self.outer.__enter__()
        with alone():
            self.plan = open_cycle(month=date(2013, 11, 1), actor=self.cast.demand_planner)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    @rule(ledger=st.sampled_from(["demand", "supply", "finance"]), person=st.sampled_from(sorted(PEOPLE)))
    def somebody_edits(self, ledger: str, person: str) -> None:
        if len(self.model.authors[ledger]) < 1:
            self.model.authors[ledger].add(person)

    @rule(action=st.sampled_from(sorted(MOVES)), stage=st.sampled_from(STAGES), person=st.sampled_from(sorted(PEOPLE)))
    def somebody_acts(self, action: str, stage: str, person: str) -> None:
        self._act(action, stage, person)

    @rule(data=st.data(), moves=st.integers(1, 6))
    def the_month_goes_on(self, data: st.DataObject, moves: int) -> None:
        for _ in range(moves):
            present = [s for s in STAGES if self.model.statuses[s] in ("open", "submitted")]
            action = "submit" if present and self.model.statuses[present[0]] == "open" else "approve"
            able = [p for p in sorted(PEOPLE) if present and self.model.answer(action, present[0], p) == "ok"]
            if able:
                self._act(action, present[0], data.draw(st.sampled_from(able)))

    def _act(self, action: str, stage: str, person: str) -> None:
        words: dict[str, Any] = {"reason": "Because"} if action in ("return", "reopen") else {}
        stage_id = self.plan.stages.get(kind=stage).pk
        expected = self.model.answer(action, stage, person)
        answer = "ok"
        with alone(authors=self.model.authors):
            try:
                MOVES[action](stage_id=stage_id, actor=getattr(self.cast, person), **words)
            except NotAllowedToYou:
                answer = "not you"
            except NotAllowedNow:
                answer = "not now"
        assert answer == expected, (action, stage, person)
        if answer == "ok":
            self.model.act(action, stage, person)
            self.moves += 1

    @invariant()
    def rows_and_model_agree(self) -> None:
        stored = {stage.kind: stage for stage in self.plan.stages.all()}
        assert {kind: stage.status for kind, stage in stored.items()} == self.model.statuses
        assert {kind: stage.round for kind, stage in stored.items()} == self.model.rounds
        assert Snapshot.objects.count() == self.model.snapshots
        assert verify_chain() == []

    @invariant()
    def every_move_left_its_word_and_none_was_removed(self) -> None:
        resets = AuditRow.objects.filter(code="cycles.stage.reset").count()
        assert SignOff.objects.count() == self.moves + resets
        for stage in self.plan.stages.filter(status="approved"):
            assert set(stage.sign_offs.filter(round=stage.round).values_list("action", flat=True)) == {
                "submit",
                "approve",
            }


@pytest.mark.django_db
@pytest.mark.long
def test_a_hundred_months() -> None:
    StoredMonth.cast = make_cast()
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        StoredMonth,
        settings=settings(max_examples=100, stateful_step_count=12, deadline=None, suppress_health_check=quiet),
    )
