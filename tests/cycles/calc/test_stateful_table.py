"""A thousand random months on the pure tables: they and the model always agree, and the month stays a month."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cycles.policy import Action, Role, Verdict, judge
from cycles.workflow import SUPERSEDING, StageAction, StageKind, StageStatus, next_status, stage_after, stages_after
from tests.cycles.month_model import PEOPLE, STAGES, Month

ACTIONS = {
    "submit": (Action.SUBMIT_STAGE, StageAction.SUBMIT),
    "approve": (Action.APPROVE_STAGE, StageAction.APPROVE),
    "return": (Action.RETURN_STAGE, StageAction.RETURN),
    "reopen": (Action.REOPEN_STAGE, StageAction.REOPEN),
}
ANSWERS = {Verdict.ALLOWED: "ok", Verdict.NOT_YOU: "not you", Verdict.NOT_NOW: "not now"}


class PureMonth(RuleBasedStateMachine):
    """Five statuses moved by the tables alone; four eyes are the services' rule and not in these tables."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Month()
        self.statuses = dict.fromkeys(StageKind, StageStatus.NOT_STARTED) | {StageKind.DATA: StageStatus.OPEN}
        self.rounds = dict.fromkeys(StageKind, 1)

    @rule(
        action=st.sampled_from(sorted(ACTIONS)), stage=st.sampled_from(STAGES), person=st.sampled_from(sorted(PEOPLE))
    )
    def somebody_acts(self, action: str, stage: str, person: str) -> None:
        right, move = ACTIONS[action]
        kind = StageKind(stage)
        roles = [Role(PEOPLE[person].replace(" ", "_"))] if PEOPLE[person] else []
        verdict = judge(roles, right, kind, self.statuses[kind])
        own = action == "approve" and self.model.submitters.get(stage) == person
        if not own:
            assert ANSWERS[verdict] == self.model.answer(action, stage, person)
        if verdict == Verdict.ALLOWED and not own:
            self._move(kind, move)
            self.model.act(action, stage, person)

    def _move(self, kind: StageKind, move: StageAction) -> None:
        self._step(kind, move)
        following = stage_after(kind)
        if move == StageAction.APPROVE and following is not None:
            self._step(following, StageAction.OPEN)
        for later in stages_after(kind) if move == StageAction.REOPEN else ():
            if self.statuses[later] != StageStatus.NOT_STARTED:
                self._step(later, StageAction.RESET)

    def _step(self, kind: StageKind, move: StageAction) -> None:
        self.statuses[kind] = next_status(self.statuses[kind], move)
        self.rounds[kind] += move in SUPERSEDING

    @invariant()
    def tables_and_model_agree(self) -> None:
        assert {k.value: s.value for k, s in self.statuses.items()} == self.model.statuses
        assert {k.value: r for k, r in self.rounds.items()} == self.model.rounds

    @invariant()
    def approved_first_then_one_present_stage_then_nothing(self) -> None:
        letters = "".join({"approved": "a", "not_started": "n"}.get(s.value, "p") for s in self.statuses.values())
        assert letters == letters.count("a") * "a" + letters.count("p") * "p" + letters.count("n") * "n"
        assert letters.count("p") == (0 if letters == "aaaaa" else 1)


PureMonth.TestCase.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)
TestPureMonth = PureMonth.TestCase
