"""A baseline published on a plan of 1,000,000 cells while ten people edit it: how long their saves take."""

from __future__ import annotations

import multiprocessing
import threading
import time
from dataclasses import dataclass, field

import numpy as np
import pytest
from django.db import connection, transaction

from benchmarks.plans import BenchPlan
from benchmarks.whole_plans import make_demand_plan
from cycles.models import Membership, User
from cycles.policy import Role
from cycles.services.plans import bump_revision, lock_plan
from demand.frames import SeriesBlock, load_baseline
from demand.sections import consensus_problems
from demand.services.baseline_store import lay_beside, replace_baseline
from demand.services.ledger import Gesture, Instruction, Mode, Node, record_edit

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

EDITORS, WARM_SECONDS = 10, 3.0
#: Two cells a second each: far quicker than people, slow enough that saves do not queue for the interpreter alone.
THINKING_SECONDS = 0.5


@dataclass
class Saves:
    """Seconds of every save, and how long the plan was locked by the baseline."""

    seconds: list[float] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def keep_saving(self, bench: BenchPlan, person: User, place: int, rows: np.ndarray) -> None:
        """Change one cell after another until the end, with a moment between."""
        self.ended.wait(THINKING_SECONDS * place / EDITORS)
        try:
            for number, row in enumerate(np.resize(rows, 100_000).tolist()):
                if self.ended.is_set():
                    return
                start = time.perf_counter()
                record_edit(plan_id=bench.plan.pk, gesture=wish(bench, row, number), actor=person)
                self.seconds.append(time.perf_counter() - start)
                self.ended.wait(THINKING_SECONDS)
        finally:
            connection.close()


def wish(bench: BenchPlan, row: int, number: int) -> Gesture:
    node = Node(item_id=int(bench.items[row]), market_id=int(bench.markets[row]))
    month = bench.plan.first_month_index + number % 24
    return Gesture(Mode.SET, (Instruction((node,), (month,), 1000 * (number + 1)),), "bench", 2**30, "w")


def publish(bench: BenchPlan, person: User) -> float:
    """Replace the baseline; seconds during which the plan was locked."""
    before = load_baseline(bench.plan)
    moved = SeriesBlock(before.item_ids, before.market_ids, before.units + 10)
    with transaction.atomic():
        batch = lay_beside(bench.plan, moved)
        plan = lock_plan(bench.plan.pk)
        start = time.perf_counter()
        replace_baseline(plan, moved, batch=batch, actor=person)
        bump_revision(plan, ledger="demand", actor=person)
    return time.perf_counter() - start


class Worker:
    """The publishing run in a process of its own, as in the portal: there it shares no interpreter with people's saves."""

    def __init__(self, bench: BenchPlan, person: User) -> None:
        """Fork before any thread starts and while no connection is open."""
        connection.close()
        fork = multiprocessing.get_context("fork")
        self._go, self._told = fork.Event(), fork.SimpleQueue()
        self._process = fork.Process(target=self._run, args=(bench, person), daemon=True)
        self._process.start()

    def _run(self, bench: BenchPlan, person: User) -> None:
        connection.ensure_connection()
        self._go.wait()
        self._told.put(publish(bench, person))
        connection.close()

    def publish(self) -> float:
        """Publish now; seconds during which the plan was locked."""
        self._go.set()
        locked: float = self._told.get()
        self._process.join()
        return locked


def test_publish_while_ten_people_edit() -> None:
    bench = make_demand_plan(1_000_000)
    people = User.objects.bulk_create(User(username=f"editor{number}") for number in range(EDITORS))
    Membership.objects.bulk_create(Membership(user=person, role=Role.DEMAND_PLANNER.value) for person in people)
    saves, chance = Saves(), np.random.default_rng(3)
    rows = chance.choice(len(bench.items), (EDITORS, 200), replace=False)
    worker = Worker(bench, people[0])
    threads = [
        threading.Thread(target=saves.keep_saving, args=(bench, person, number, rows[number]))
        for number, person in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    time.sleep(WARM_SECONDS)
    before = max(saves.seconds)
    locked = worker.publish()
    time.sleep(WARM_SECONDS)
    saves.ended.set()
    for thread in threads:
        thread.join()
    assert list(consensus_problems()) == []
    slowest, half = max(saves.seconds), float(np.quantile(saves.seconds, 0.5))
    print(
        f"\n{len(saves.seconds)} saves of {EDITORS} people while a baseline of {len(bench.items):,} series was published"
        f" in {locked * 1000:.0f} ms: median {half * 1000:.0f} ms, slowest {slowest * 1000:.0f} ms"
        f" ({before * 1000:.0f} ms before it began)"
    )
