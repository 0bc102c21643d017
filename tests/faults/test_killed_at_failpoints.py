"""A month in which a process is killed, once, at each named point: nothing lost, nothing doubled, soon running again."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from cycles.failpoints import POINTS
from cycles.models import Plan
from demand.services.ledger import recording
from tests.faults.conftest import Make
from tests.faults.forked import PATIENCE_SECONDS, World, ended_as, ending_of, workers_compute
from tests.faults.short_month import edit, first_deed_after, problems, walk, write_outcome

pytestmark = pytest.mark.long

AT_ONCE = 3
RUNNING_AGAIN_SECONDS = 60.0
ROUNDS = 10
#: Points that a month must be killed at from its beginning; the others come after its baseline.
BEFORE_DEMAND = ("run.", "import.", "baseline.")


@dataclass
class Ending:
    """What came of one month: its outcome, how often its person was killed, and how soon it ran again."""

    outcome: dict[str, Any]
    person_deaths: int
    marks: set[str]
    seconds: float


class Month:
    """One month under way in a world of its own: a worker, and a person whose process is started again when killed."""

    def __init__(self, world: World, pack: Path, orders: str) -> None:
        self.world, self.pack, self.deaths = world, pack, 0
        world.orders = orders
        self.stack = ExitStack()
        self.stack.enter_context(world.worker())
        self.deadline = time.monotonic() + PATIENCE_SECONDS
        self.person = world.fork(self._walk_on, "person")

    def _walk_on(self) -> None:
        with workers_compute():
            walk(self.pack)
        again = [first_deed_after((self.world.folder / mark).stat().st_mtime) for mark in self.marks()]
        write_outcome(self.world.folder / "outcome.json", again=max((s for s in again if s is not None), default=0.0))

    def marks(self) -> set[str]:
        """The points that were reached."""
        return set(POINTS) & {path.name for path in self.world.folder.iterdir()}

    def is_over(self) -> bool:
        """Start a killed person again; True at the end of the month, which ends the worker too."""
        code = ending_of(self.person)
        if code is None:
            assert time.monotonic() < self.deadline, f"the month does not end:\n{self.world.said()}"
            return False
        if code == -signal.SIGKILL:
            self.deaths += 1
            assert self.deaths < 3, f"killed again and again:\n{self.world.said()}"
            self.person = self.world.fork(self._walk_on, "person")
            return False
        assert code == 0, self.world.said()
        self.stack.close()
        return True

    def ending(self) -> Ending:
        """What came of it."""
        outcome = json.loads((self.world.folder / "outcome.json").read_text())
        return Ending(outcome, self.deaths, self.marks(), outcome.pop("again"))


@pytest.fixture(scope="module")
def undisturbed(make: Make, pack: Path) -> Ending:
    """The month that nobody disturbs; it leaves a mark at every point that it comes by."""
    return _endings([Month(make(), pack, ", ".join(f"{point}=note" for point in POINTS))])[0]


@pytest.fixture(scope="module")
def disturbed(make: Make, pack: Path, in_demand: str) -> dict[str, Ending]:
    """By point: the month in which a process was killed there."""
    endings: dict[str, Ending] = {}
    points = list(POINTS)
    for first in range(0, len(points), AT_ONCE):
        wave = points[first : first + AT_ONCE]
        worlds = [make() if point.startswith(BEFORE_DEMAND) else make(in_demand) for point in wave]
        months = [Month(world, pack, f"{point}=kill") for world, point in zip(worlds, wave, strict=True)]
        endings |= dict(zip(wave, _endings(months), strict=True))
    return endings


def _endings(months: list[Month]) -> list[Ending]:
    waiting = list(months)
    try:
        while waiting:
            waiting = [month for month in waiting if not month.is_over()]
            time.sleep(0.05)
    finally:
        for month in waiting:
            month.stack.close()
    return [month.ending() for month in months]


def test_a_month_comes_by_every_point(undisturbed: Ending) -> None:
    assert undisturbed.marks == set(POINTS)
    assert undisturbed.outcome["problems"] == [] and undisturbed.outcome["unended"] == []


@pytest.mark.parametrize("point", POINTS)
def test_killed_there_the_month_is_the_same(point: str, undisturbed: Ending, disturbed: dict[str, Ending]) -> None:
    ending = disturbed[point]
    assert ending.marks == {point}, "nobody was killed"
    assert ending.outcome == undisturbed.outcome
    print(f"{point}: running again after {ending.seconds:.1f} s")
    assert ending.seconds < RUNNING_AGAIN_SECONDS


def without_the_transaction() -> None:
    """Every statement of a gesture for itself: the protection taken out, in this process."""
    mock.patch.object(recording.transaction, "atomic", nullcontext).start()
    mock.patch.object(recording, "lock_plan", lambda plan_id: Plan.objects.get(pk=plan_id)).start()


def _half_edited(world: World, protection: Callable[[], None]) -> bool:
    """Whether somebody killed in the middle of an edit, who looks and goes on, leaves a plan that does not verify."""
    world.orders = "ledger.appended=kill"

    def edit_and_die() -> None:
        protection()
        edit(Plan.objects.get())

    def look_and_go_on() -> None:
        edit(Plan.objects.get())
        (world.folder / "problems.json").write_text(json.dumps(problems()))

    assert ended_as(world.fork(edit_and_die, "person")) == -signal.SIGKILL, world.said()
    assert ended_as(world.fork(look_and_go_on, "person")) == 0, world.said()
    return bool(json.loads((world.folder / "problems.json").read_text()))


@pytest.mark.parametrize(
    ("protection", "least", "most"),
    [
        pytest.param(lambda: None, 0, 0, id="protected"),
        pytest.param(without_the_transaction, ROUNDS - 1, ROUNDS, id="negative control"),
    ],
)
def test_killed_in_the_middle_of_an_edit(
    make: Make, in_demand: str, protection: Callable[[], None], least: int, most: int
) -> None:
    broken = sum(_half_edited(make(in_demand), protection) for _ in range(ROUNDS))
    assert least <= broken <= most
