"""Random gestures, undos, baselines and editors at once on PostgreSQL: consensus is baseline + Σ lines after each of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, ClassVar
from unittest import mock

import numpy as np
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cycles.errors import DomainError
from cycles.models import Cycle, Plan, Stage, User
from cycles.services.plans import bump_revision, lock_plan
from cycles.workflow import StageKind, StageStatus
from demand.frames import SeriesBlock, load_baseline
from demand.models import Edit, EditKind, EditLine, Series
from demand.services.baseline_store import lay_beside, replace_baseline
from demand.services.ledger import EditResult, Gesture, Instruction, Mode, Node, record_edit, recording, undo_edit
from demand.services.series_store import load_values
from tests.demand.scene import FIRST, Scene, make_scene

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

HORIZON, STEP = 6, 10
EDITORS = ("demand_planner", "demand_planner2")
#: Where the stored consensus of a series and month is not its baseline plus the deltas of all its lines, in plain SQL.
BROKEN = """
SELECT s.item_id, s.market_id, k.n FROM demand_series s, generate_series(1, %s) AS k (n)
WHERE s.plan_id = %s AND s.consensus[k.n] <> s.baseline[k.n] + (
  SELECT COALESCE(SUM(l.delta[k.n]), 0) FROM demand_editline l
  WHERE l.plan_id = s.plan_id AND l.item_id = s.item_id AND l.market_id = s.market_id)
"""
nodes = st.sampled_from(["CHAIRS", "LAMPS", "CHAIR-OAK", "LAMP-FLOOR", "NORTH/DIRECT", "leaf", "new", "all"])
months = st.lists(st.integers(0, HORIZON - 1), min_size=1, max_size=3, unique=True)


class Ledger(RuleBasedStateMachine):
    """One plan of the small company per example; two planners with two windows each, and baselines that come between."""

    scene: ClassVar[Scene]
    plans: ClassVar[list[int]] = []

    def __init__(self) -> None:
        super().__init__()
        self.plans.append(len(self.plans))
        planner, month = self.scene.cast.demand_planner, date(2030 + len(self.plans), 1, 1)
        self.plan = Plan.objects.create(
            cycle=Cycle.objects.create(month=month, opened_by=planner),
            number=f"x{len(self.plans)}",
            first_month=date(2014, 1, 1),
            horizon=HORIZON,
            baseline_version=1,
        )
        Stage.objects.create(
            plan=self.plan, kind=StageKind.DEMAND.value, position=1, due_on=month, status=StageStatus.OPEN.value
        )
        self.publish([30, 10, 60])

    def node(self, name: str) -> Node:
        """A place of the company by a name of `nodes`."""
        company = self.scene.company
        north = company.markets["NORTH/DIRECT"].pk
        places: dict[str, Callable[[], Node]] = {
            "leaf": lambda: Node(item_id=company.items["CHAIR-PINE"].pk, market_id=north),
            "new": lambda: Node(item_id=company.items["LAMP-DESK"].pk, market_id=north),
            "all": Node,
            "NORTH/DIRECT": lambda: Node(market_id=north),
        }
        if name in places:
            return places[name]()
        if name in company.families:
            return Node(family_id=company.families[name].pk)
        return Node(item_id=company.items[name].pk)

    def publish(self, units: list[int]) -> None:
        """Replace the baseline by a flat one of three series."""
        items, markets = self.scene.company.items, self.scene.company.markets
        keys = [("CHAIR-OAK", "NORTH/DIRECT"), ("CHAIR-OAK", "SOUTH/DIRECT"), ("CHAIR-PINE", "NORTH/DIRECT")]
        rows = sorted(
            (items[item].pk, markets[market].pk, value) for (item, market), value in zip(keys, units, strict=True)
        )
        flat = np.repeat(np.array([row[2] for row in rows])[:, None] * 1000, HORIZON, axis=1)
        block = SeriesBlock(*(np.array([row[k] for row in rows], np.int32) for k in (0, 1)), flat)
        with transaction.atomic():
            batch = lay_beside(self.plan, block)
            plan = lock_plan(self.plan.pk)
            replace_baseline(plan, block, batch=batch, actor=self.scene.cast.demand_planner)
            bump_revision(plan, ledger="demand", actor=self.scene.cast.demand_planner)

    def gesture(self, mode: Mode, instructions: list[Instruction], *, behind: int, session: str) -> Gesture:
        """A gesture of somebody who saw the plan `behind` revisions ago."""
        seen = max(Plan.objects.values_list("revision", flat=True).get(pk=self.plan.pk) - behind, 0)
        return Gesture(mode, tuple(instructions), "random", seen, session, EditKind.OVERRIDE)

    def total(self, edit: Edit) -> int:
        """Units that stand in the cells of an edit now."""
        values = load_values(self.plan, EditLine.objects.filter(edit=edit).values_list("item_id", flat=True))
        rows = {key: row for row, key in enumerate(values.keys.tolist())}
        return sum(
            int((values.consensus[rows[line.item_id * 2**31 + line.market_id]] * np.array(line.touched)).sum())
            for line in edit.lines.all()
        )

    @rule(
        mode=st.sampled_from(Mode), where=nodes, at=months, value=st.integers(-50, 900), behind=st.integers(0, 3),
        who=st.sampled_from(EDITORS), session=st.sampled_from("ab"),
    )  # fmt: skip
    def somebody_edits(
        self, mode: Mode, where: str, at: list[int], value: int, behind: int, who: str, session: str
    ) -> None:
        instruction = Instruction((self.node(where),), tuple(FIRST + month for month in at), value * STEP)
        wish = self.gesture(mode, [instruction], behind=behind, session=session)
        result = attempt(self.plan, wish, getattr(self.scene.cast, who))
        if result and result.edit and mode == Mode.SET:
            assert self.total(result.edit) == value * STEP, "a spread keeps its sum"

    @rule(
        who=st.sampled_from(EDITORS), which=st.integers(0, 20), behind=st.integers(0, 3), session=st.sampled_from("ab")
    )
    def somebody_takes_back(self, who: str, which: int, behind: int, session: str) -> None:
        actor = getattr(self.scene.cast, who)
        edits = list(Edit.objects.filter(plan=self.plan, author=actor, undone_by=None).order_by("-id")[: which + 1])
        if edits:
            seen = max(Plan.objects.get(pk=self.plan.pk).revision - behind, 0)
            with contextlib.suppress(DomainError):
                undo_edit(edit_id=edits[-1].pk, base_revision=seen, session=session, actor=actor)

    @rule(units=st.lists(st.integers(0, 90), min_size=3, max_size=3))
    def a_baseline_is_published(self, units: list[int]) -> None:
        self.publish(units)

    @rule(
        wishes=st.lists(st.tuples(nodes, months, st.integers(1, 90)), min_size=2, max_size=3), publishes=st.booleans()
    )
    def some_edit_at_once(self, wishes: list[tuple[str, list[int], int]], publishes: bool) -> None:
        gestures = [
            self.gesture(
                Mode.CHANGE,
                [Instruction((self.node(where),), tuple(FIRST + month for month in at), value * STEP)],
                behind=0,
                session=str(number),
            )
            for number, (where, at, value) in enumerate(wishes)
        ]
        actor = self.scene.cast.demand_planner
        works: list[Callable[[], Any]] = [lambda wish=wish: attempt(self.plan, wish, actor) for wish in gestures]
        works += [lambda: self.publish([7, 8, 9])] if publishes else []
        with ThreadPoolExecutor(len(works)) as pool:
            list(pool.map(apart, works))

    @invariant()
    def consensus_is_baseline_plus_edits(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(BROKEN, [HORIZON, self.plan.pk])
            assert cursor.fetchall() == []
        values = load_values(self.plan, Series.objects.filter(plan=self.plan).values_list("item_id", flat=True))
        assert (values.consensus % STEP == 0).all()
        assert len(np.unique(values.keys)) == len(values.keys), "no series stands twice"
        assert load_baseline(self.plan).units.shape == values.baseline.shape


def attempt(plan: Plan, wish: Gesture, actor: User) -> EditResult | None:
    """Record a gesture; None when the ledger refuses it as a whole."""
    try:
        return record_edit(plan_id=plan.pk, gesture=wish, actor=actor)
    except DomainError:
        return None


def apart(work: Callable[[], Any]) -> None:
    """Do a piece of work on a connection of its own."""
    try:
        work()
    finally:
        connection.close()


def drive(examples: int, steps: int) -> None:
    Ledger.scene = make_scene()
    Ledger.plans = []
    quick = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Ledger, settings=quick)


def test_consensus_is_baseline_plus_edits_after_anything() -> None:
    drive(8, 15)
    assert EditLine.objects.exists() and Edit.objects.filter(undoes__isnull=False).exists()
    assert Edit.objects.filter(kind=EditKind.SYSTEM.value).exists()


def test_a_ledger_that_loses_a_move_is_found() -> None:
    store = recording.store_consensus

    def forgetful(plan: Plan, keys: Any, consensus: Any) -> None:
        store(plan, keys[1:], consensus[1:])

    with mock.patch.object(recording, "store_consensus", forgetful), pytest.raises(AssertionError):
        drive(4, 10)
