"""Months that people drive at random on PostgreSQL, through the real services; what must hold is asked after each step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import zip_longest
from typing import Any, ClassVar

import numpy as np
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from catalog.models import Family, Item, Market, Site
from cycles.errors import DomainError
from cycles.models import Plan, Run, SignOff, Snapshot, User
from cycles.policy import Role
from cycles.selectors import latest_plan, present_stage, service_user
from cycles.services import stages
from cycles.services.cycles import open_next_cycle
from cycles.services.imports import request_import
from cycles.services.runs import drain_runs, finish_run, is_stale, latest_result, request_run
from cycles.workflow import StageKind, StageStatus
from demand.models import Edit, EditKind, Series
from demand.services.ledger import Gesture, Instruction, Mode, Node, record_edit, undo_edit
from finance.calc.bridge import Driver
from finance.models import AdjustmentKind, BridgeLeaf, Measure
from finance.selectors import summary_of
from finance.services.adjustments import Wording, name_adjustment
from sop_portal.headless.answers import answer_stage
from sop_portal.headless.rules import Rules
from supply.models import PinKind
from supply.services.ledger import PinEntry, record_pins
from tests.cast import Cast
from tests.faults.short_month import problems
from tests.flows.walks import RULES
from tests.headless import tiny_pack

UNIT = 1000
PLANNERS = ("demand_planner", "demand_planner2")
#: Who may stand in for a stage, in the order in which they are asked: submitters, approvers.
HANDS: dict[StageKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    StageKind.DATA: (PLANNERS, ("finance", "finance2")),
    StageKind.DEMAND: (PLANNERS, ("finance", "demand_planner2", "demand_planner")),
    StageKind.SUPPLY: (("supply_planner", "supply_planner2"), ("finance", "supply_planner2", "supply_planner")),
    StageKind.RECONCILIATION: (("finance", "finance2"), ("executive", "finance2", "finance")),
    StageKind.EXECUTIVE: (("finance", "finance2"), ("executive",)),
}
LEDGERS = {
    StageKind.DATA: (),
    StageKind.DEMAND: ("demand",),
    StageKind.SUPPLY: ("supply",),
    StageKind.RECONCILIATION: ("finance",),
    StageKind.EXECUTIVE: ("demand", "supply", "finance"),
}
PEOPLE = sorted({name for hands in HANDS.values() for names in hands for name in names} | {"viewer", "admin"})


Draw = tuple[Any, ...]
EDIT = st.tuples(
    st.sampled_from(PLANNERS),
    st.sampled_from([Mode.SET, Mode.CHANGE, Mode.SCALE, Mode.RESET, Mode.LAST_YEAR]),
    st.tuples(st.sampled_from(["", "CHAIR", "LAMP"]), st.sampled_from(["", "Chairs", "Lamps"]), st.booleans()),
    st.integers(0, 5),
    st.integers(-20, 400),
    st.integers(0, 3),
)
PIN = st.tuples(
    st.sampled_from(["supply_planner", "supply_planner2"]), st.integers(0, 5), st.none() | st.integers(0, 50)
)
ADJUSTMENT = st.tuples(st.sampled_from(["finance", "finance2"]), st.integers(-90_000_00, 90_000_00))
PINS, CENTS = st.lists(PIN, max_size=2), st.lists(ADJUSTMENT, max_size=1)


def while_open(kind: StageKind) -> Callable[[Any], bool]:
    """A rule's condition: the stage of the latest plan is open. That it is refused otherwise is tested elsewhere."""
    return lambda machine: machine.plan.stages.filter(kind=kind.value, status=StageStatus.OPEN.value).exists()


class LongMonths(RuleBasedStateMachine):
    """The tiny company from its open demand stage on; everything is rolled back at the end of the example."""

    cast: ClassVar[Cast]
    counts: ClassVar[dict[str, int]] = {}
    most_moves_ahead: ClassVar[int] = 12

    def __init__(self) -> None:
        super().__init__()
        self.authors: set[tuple[str, str, str]] = set()
        self.signed: list[tuple[Any, ...]] = []
        self.roots: list[str] = []
        self.outer = transaction.atomic()
        self.outer.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    @property
    def plan(self) -> Plan:
        plan = latest_plan()
        assert plan is not None
        return plan

    def attempt(self, what: str, deed: Callable[[], Any]) -> Any:
        """Do it; a refusal is an answer, anything else a defect. Counts what was done and what was refused."""
        try:
            with transaction.atomic():
                done = deed()
        except DomainError as error:
            what, done = f"{what}: {type(error).__name__}", None
        self.counts[what] = self.counts.get(what, 0) + 1
        return done

    def person(self, name: str) -> User:
        """Somebody of the cast."""
        return getattr(self.cast, name)  # type: ignore[no-any-return]

    def wrote(self, ledger: str, person: str) -> None:
        """Remember an author."""
        self.authors.add((self.plan.number, ledger, person))

    @initialize(
        edits=st.lists(EDIT, min_size=2, max_size=4), pins=PINS, cents=CENTS, moves=st.sampled_from([12, 9, 6, 3, 0])
    )
    def the_month_has_begun(self, edits: list[Draw], pins: list[Draw], cents: list[Draw], moves: int) -> None:
        for edit in edits:
            self.edit(*edit)
        if min(moves, self.most_moves_ahead):
            self.the_month_goes_on([], pins, cents, min(moves, self.most_moves_ahead))

    @precondition(while_open(StageKind.DEMAND))
    @rule(edit=EDIT)
    def somebody_edits(self, edit: Draw) -> None:
        self.edit(*edit)

    def edit(self, person: str, mode: Mode, place: tuple[str, str, bool], month: int, value: int, behind: int) -> None:
        """One gesture of a planner who saw the plan some revisions ago."""
        item, family, in_north = place
        node = Node(
            family_id=Family.objects.get(name=family).pk if family and not item else None,
            item_id=Item.objects.get(code=item).pk if item else None,
            market_id=Market.objects.get(code="NORTH/DIRECT").pk if in_north else None,
        )
        plan = self.plan
        gesture = Gesture(
            mode=mode,
            instructions=(Instruction((node,), (plan.first_month_index + month,), value * UNIT),),
            reason="drawn",
            base_revision=max(plan.revision - behind, 0),
            session="machine",
            kind=EditKind.OVERRIDE,
        )
        result = self.attempt(
            f"edit {mode}", lambda: record_edit(plan_id=plan.pk, gesture=gesture, actor=self.person(person))
        )
        if result is not None and result.edit is not None:
            self.wrote("demand", person)

    @precondition(while_open(StageKind.DEMAND))
    @rule(person=st.sampled_from(PLANNERS), back=st.integers(0, 2))
    def somebody_takes_back(self, person: str, back: int) -> None:
        edits = list(Edit.objects.filter(plan=self.plan, author=self.person(person)).order_by("-revision")[: back + 1])
        if edits:
            self.attempt(
                "undo",
                lambda: undo_edit(
                    edit_id=edits[-1].pk,
                    base_revision=self.plan.revision,
                    session="machine",
                    actor=self.person(person),
                ),
            )

    @rule()
    def the_calculations_run(self) -> None:
        drain_runs()

    @rule(number=st.integers(0, 10**6))
    def the_baseline_runs_again(self, number: int) -> None:
        request_run(
            kind="demand.baseline", plan=self.plan, actor=self.cast.demand_planner, parameters={"drawn": number}
        )
        drain_runs()

    @precondition(while_open(StageKind.SUPPLY))
    @rule(pin=PIN)
    def somebody_pins(self, pin: Draw) -> None:
        self.pin(*pin)

    def pin(self, person: str, month: int, quantity: int | None) -> None:
        """Fix (or release) what is bought of lamps in a month."""
        plan, item = self.plan, Item.objects.get(code="LAMP")
        entry = PinEntry(
            PinKind.BUY, _month(plan, month), None if quantity is None else quantity * UNIT, item.pk, _main_site()
        )
        done = self.attempt(
            "pin",
            lambda: record_pins(
                plan_id=plan.pk,
                entries=[entry],
                reason="drawn",
                base_revision=plan.revision,
                actor=self.person(person),
            ),
        )
        if done is not None and done.saved:
            self.wrote("supply", person)

    @precondition(while_open(StageKind.RECONCILIATION))
    @rule(drawn=ADJUSTMENT)
    def somebody_adjusts(self, drawn: Draw) -> None:
        self.adjust(*drawn)

    def adjust(self, person: str, cents: int) -> None:
        """Name a risk of the first two months."""
        plan = self.plan
        wording = Wording(
            AdjustmentKind.RISK,
            Measure.REVENUE,
            "Risk",
            "drawn",
            plan.first_month,
            (cents,),
            _month(plan, 1),
        )
        if self.attempt("adjust", lambda: name_adjustment(plan=plan, wording=wording, actor=self.person(person))):
            self.wrote("finance", person)

    @precondition(while_open(StageKind.DATA))
    @rule(units=st.integers(50, 300))
    def last_months_sales_are_restated(self, units: int) -> None:
        text = tiny_pack._sales().replace(
            "2014-02-01,CHAIR,NORTH,DIRECT,100,", f"2014-02-01,CHAIR,NORTH,DIRECT,{units},"
        )
        plan_cells = list(Series.objects.order_by("pk").values_list("pk", "baseline", "consensus"))
        self.attempt(
            "import",
            lambda: request_import(
                dataset="sales_monthly",
                file_name="sales_monthly.csv",
                content=text.encode(),
                actor=self.cast.demand_planner,
            ),
        )
        for run in Run.objects.filter(kind="cycles.import", state="queued"):
            finish_run(run.pk)
        assert plan_cells == list(Series.objects.order_by("pk").values_list("pk", "baseline", "consensus"))

    @rule(
        action=st.sampled_from(["submit", "approve", "return", "reopen"]),
        kind=st.sampled_from(list(StageKind)),
        person=st.sampled_from(PEOPLE),
    )
    def somebody_moves_a_stage(self, action: str, kind: StageKind, person: str) -> None:
        self.move(action, kind, person)

    @rule(kind=st.sampled_from(list(StageKind)))
    def an_approved_stage_is_reopened(self, kind: StageKind) -> None:
        if self.plan.stages.filter(kind=kind.value, status=StageStatus.APPROVED.value).exists():
            self.move("reopen", kind, HANDS[kind][1][0])

    @rule(edits=st.lists(EDIT, max_size=3), pins=PINS, cents=CENTS, moves=st.integers(1, 6))
    def the_month_goes_on(self, edits: list[Draw], pins: list[Draw], cents: list[Draw], moves: int) -> None:
        """People do what their stage is for, then somebody who may submits or approves it."""
        work = {StageKind.DEMAND: (self.edit, edits), StageKind.SUPPLY: (self.pin, pins)}
        work[StageKind.RECONCILIATION] = (self.adjust, cents)
        for _ in range(moves):
            stage = present_stage(self.plan)
            if stage is None:
                self.attempt("next cycle", lambda: open_next_cycle(actor=service_user(Role.DEMAND_PLANNER)))
                return
            kind, is_open = StageKind(stage.kind), stage.status == StageStatus.OPEN
            drain_runs()
            if is_open:
                deed, drawn = work.get(kind, (self.edit, []))
                for one in drawn:
                    deed(*one)
                drain_runs()
                self.attempt("answers", partial(answer_stage, stage, rules=Rules(RULES)))
                drain_runs()
            names = HANDS[kind][0 if is_open else 1]
            if not any(self.move("submit" if is_open else "approve", kind, name) for name in names):
                return

    def move(self, action: str, kind: StageKind, person: str) -> bool:
        """Try a move; an approval that was allowed was nobody's own work."""
        deeds = {
            "submit": stages.submit_stage,
            "approve": stages.approve_stage,
            "return": stages.return_stage,
            "reopen": stages.reopen_stage,
        }
        words: dict[str, Any] = {"reason": "drawn"} if action in ("return", "reopen") else {}
        stage = self.plan.stages.get(kind=kind.value)
        submitter = stage.submitted_by
        done = self.attempt(
            f"{action} {kind}", lambda: deeds[action](stage_id=stage.pk, actor=self.person(person), **words)
        )
        if done is not None and action == "approve":
            assert submitter is not None and submitter.username != person
            own = {(self.plan.number, ledger, person) for ledger in LEDGERS[kind]}
            assert not own & self.authors, f"{person} approved {kind} of their own"
        return done is not None

    @invariant()
    def everything_verifies(self) -> None:
        assert problems() == []

    @invariant()
    def a_fresh_landing_is_closed(self) -> None:
        plan = self.plan
        landing = latest_result(plan, "finance.landing")
        if landing is None or is_stale(landing, plan):
            return
        for leaf in BridgeLeaf.objects.filter(plan=plan):
            moved = np.sum([getattr(leaf, driver.value) for driver in Driver], axis=0)
            assert (np.array(leaf.landing_cents) - np.array(leaf.budget_cents) == moved).all()
        assert summary_of(plan)["unexplained"] == 0

    @invariant()
    def what_was_signed_and_frozen_stays(self) -> None:
        signed = list(SignOff.objects.order_by("pk").values_list("pk", "stage_id", "round", "action", "actor_id"))
        roots = list(Snapshot.objects.order_by("sequence").values_list("root", flat=True))
        assert all(old in (None, new) for old, new in zip_longest(self.signed, signed))
        assert all(old in (None, new) for old, new in zip_longest(self.roots, roots))
        self.signed, self.roots = signed, roots
        self.counts["most snapshots"] = max(self.counts.get("most snapshots", 0), len(roots))


def _month(plan: Plan, ahead: int) -> date:
    number = plan.first_month_index + ahead
    return date(number // 12, number % 12 + 1, 1)


def _main_site() -> int:
    return int(Site.objects.get(code=Site.MAIN).pk)
