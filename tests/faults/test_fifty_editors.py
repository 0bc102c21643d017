"""Editors on one cell, all at once: one wins, the others are told by whom, when and what; with a negative control."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from threading import Barrier
from unittest import mock

import pytest
from django.db import connection

from cycles.models import Membership, Plan, User
from cycles.policy import Role
from demand.models import Edit, EditKind, EditLine
from demand.sections import consensus_problems
from demand.services.ledger import EditResult, Gesture, Instruction, Mode, Node, record_edit, recording
from tests.demand.scene import FIRST, Scene, make_scene, one

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

ROUNDS = 10
EDITORS = 50
UNIT = 1000


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def editors(count: int) -> list[User]:
    """Demand planners of the same rights."""
    people = [User.objects.create_user(username=f"editor{number}", first_name=f"Ed{number}") for number in range(count)]
    Membership.objects.bulk_create(Membership(user=person, role=Role.DEMAND_PLANNER.value) for person in people)
    return people


def gesture(mode: Mode, instruction: Instruction, base: int, reason: str = "agreed") -> Gesture:
    """What an editor sends who saw the plan at revision `base`."""
    kind = EditKind.OVERRIDE
    return Gesture(mode=mode, instructions=(instruction,), reason=reason, base_revision=base, session="x", kind=kind)


def all_at_once(plan: Plan, people: list[User], gestures: list[Gesture]) -> list[EditResult]:
    """Every editor on a connection of their own, starting at the same moment; an error is an error of the test."""
    barrier = Barrier(len(people))

    def save(person: User, wish: Gesture) -> EditResult:
        try:
            connection.ensure_connection()
            barrier.wait(60)
            return record_edit(plan_id=plan.pk, gesture=wish, actor=person)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(save, people, gestures))


def race(scene: Scene, people: list[User], turn: int) -> list[EditResult]:
    """All of them set the first cell, each to a value of their own, from the same revision."""
    scene.plan.refresh_from_db()
    node, base = scene.node(item="CHAIR-OAK", market="NORTH/DIRECT"), scene.plan.revision
    values = [UNIT * (1000 * turn + number + 100) for number in range(len(people))]
    return all_at_once(scene.plan, people, [gesture(Mode.SET, one(node, value), base) for value in values])


def faults_of(scene: Scene, people: list[User], results: list[EditResult], turn: int) -> list[str]:
    """What is wrong: not exactly one winner, its value not the cell's, or a loser not told value, person and time."""
    winners = [number for number, result in enumerate(results) if result.saved]
    if len(winners) != 1:
        return [f"{len(winners)} winners"]
    value, edit = UNIT * (1000 * turn + winners[0] + 100), results[winners[0]].edit
    assert edit is not None
    told = [(r.value_now, r.by, r.at) for result in results for r in result.refused]
    right = (value, people[winners[0]].get_full_name(), edit.created_at)
    faults = [f"told {other}, not {right}" for other in told if other != right]
    faults += [] if len(told) == len(people) - 1 else [f"{len(told)} were told"]
    return faults + ([] if scene.cell("CHAIR-OAK", "NORTH/DIRECT") == value else ["the cell is not the winner's"])


@pytest.mark.parametrize("count", [2, 10, EDITORS])
def test_one_wins_and_the_others_are_told_by_whom_when_and_what(scene: Scene, count: int) -> None:
    people = editors(count)
    for turn in range(3):
        assert faults_of(scene, people, race(scene, people, turn), turn) == []
    assert Edit.objects.count() == 3 and list(consensus_problems()) == []


def test_without_the_look_for_conflicts_silent_overrides_are_found(scene: Scene) -> None:
    people = editors(10)
    with mock.patch.object(recording, "winners_of", lambda plan, gesture, cells, actor: {}):
        found = [turn for turn in range(ROUNDS) if faults_of(scene, people, race(scene, people, turn), turn)]
    assert len(found) >= ROUNDS - 1


def test_one_editor_saving_a_hundred_times_has_no_conflict_with_himself(scene: Scene) -> None:
    person = editors(1)[0]
    scene.plan.refresh_from_db()
    base, node = scene.plan.revision, scene.node(item="CHAIR-OAK", market="NORTH/DIRECT")
    wishes = [gesture(Mode.SET, one(node, UNIT * (200 + number)), base) for number in range(100)]
    results = [record_edit(plan_id=scene.plan.pk, gesture=wish, actor=person) for wish in wishes]
    assert [result.refused for result in results] == [()] * 100
    assert scene.cell("CHAIR-OAK", "NORTH/DIRECT") == UNIT * (200 + 99)
    assert EditLine.objects.count() == 100


def spreads(scene: Scene, count: int, seed: int) -> list[Gesture]:
    """Changes over families, markets and everything, overlapping, from the present revision."""
    chance = random.Random(seed)
    scene.plan.refresh_from_db()
    nodes = [scene.node(family="CHAIRS"), scene.node(market="NORTH/DIRECT"), scene.node(market="SOUTH/DIRECT"), Node()]
    return [
        gesture(
            Mode.CHANGE,
            Instruction(
                (chance.choice(nodes),), (FIRST + chance.randrange(3), FIRST + 5), UNIT * chance.randint(1, 90)
            ),
            scene.plan.revision,
        )
        for _ in range(count)
    ]


@contextmanager
def without_the_lock() -> Iterator[None]:
    """Each gesture reads and writes as it likes: the protection taken out."""
    with mock.patch.object(recording, "lock_plan", lambda plan_id: Plan.objects.get(pk=plan_id)):
        yield


@pytest.mark.parametrize(
    ("protection", "least", "most"),
    [
        pytest.param(nullcontext, 0, 0, id="protected"),
        pytest.param(without_the_lock, ROUNDS - 1, ROUNDS, id="negative control"),
    ],
)
def test_overlapping_spreads_lose_nothing_and_meet_no_deadlock(
    scene: Scene, protection: type, least: int, most: int
) -> None:
    people, seed = editors(10), random.randrange(10**6)
    print(f"seed {seed}")
    broken = 0
    for turn in range(ROUNDS):
        with protection():
            broken += _breaks(scene, people, spreads(scene, len(people), seed + turn))
    assert least <= broken <= most


def _breaks(scene: Scene, people: list[User], wishes: list[Gesture]) -> bool:
    """Whether an error reached a person, or the consensus newly differs from baseline plus edits."""
    before = len(list(consensus_problems()))
    try:
        results = all_at_once(scene.plan, people, wishes)
    except Exception as error:  # noqa: BLE001 - whatever reaches a person is what is looked for
        print(f"reached a person: {type(error).__name__}: {error}")
        return True
    assert all(result.saved or result.refused for result in results)
    return len(list(consensus_problems())) > before
