"""Runs under real workers that are killed, real messages that are lost and doubled; each with its negative control."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from unittest import mock

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import connections, transaction
from kombu.exceptions import OperationalError

from cycles.models import AuditRow, Run, RunState
from cycles.services import runs as runs_module
from cycles.services.runs import request_run, sweep_runs
from tests.cast import make_cast
from tests.faults import slow_run
from tests.faults.forked import LEASE_SECONDS, World

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

RUNS = 10
RUNNING_AGAIN_SECONDS = 60.0
CONTROL_SECONDS = 3.0 * LEASE_SECONDS

Worker = Callable[..., AbstractContextManager[int]]


@pytest.fixture(autouse=True)
def worker(servers: dict[str, str], redis_url: str, tmp_path: Path, settings: object) -> Iterator[Worker]:
    """Starts real workers on this test's database and on a queue that is empty at the beginning."""
    settings.SOP_LEASE_SECONDS = LEASE_SECONDS  # type: ignore[attr-defined]
    world = World(servers, str(connections["default"].settings_dict["NAME"]), tmp_path)
    redis.Redis.from_url(redis_url).delete(world.queue)  # a test before it named runs with the same numbers
    with mock.patch.object(current_app, "send_task", partial(current_app.send_task, queue=world.queue)):
        yield partial(world.worker, processes=RUNS)


def queue_run(number: int) -> int:
    """Ask for a run in a transaction of its own."""
    with transaction.atomic():
        parameters = {"number": number}
        return request_run(kind=slow_run.KIND, plan=None, actor=make_cast().finance, parameters=parameters).pk


def queue_runs() -> list[int]:
    """Ask for ten runs, as ten people would."""
    return [queue_run(number) for number in range(RUNS)]


def wait_for(condition: Callable[[], bool], seconds: float, *, sweeping: bool, pause: float = 0.5) -> bool:
    """Wait for a condition, sweeping as beat would, or not."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        if sweeping:
            sweep_runs()
        time.sleep(pause)
    return True


def ended(runs: list[int]) -> int:
    """How many of the runs succeeded."""
    return Run.objects.filter(pk__in=runs, state=RunState.SUCCEEDED.value).count()


def published(runs: list[int]) -> Counter[int]:
    """How often each run published."""
    rows = AuditRow.objects.filter(code=slow_run.PUBLISHED).values_list("subject", flat=True)
    return Counter(int(subject) for subject in rows if int(subject) in runs)


def once_each(runs: list[int]) -> Counter[int]:
    """Every run once."""
    return Counter(dict.fromkeys(runs, 1))


def _die_in_mid_run(worker: Worker, number: int, done: int) -> int:
    """A run whose worker is killed, with all its pool, when `done` of its ten steps are behind it."""
    with worker(processes=1):
        run = queue_run(number)
        in_the_middle = Run.objects.filter(pk=run, state=RunState.RUNNING.value, done__gte=done)
        assert wait_for(lambda: in_the_middle.exists(), RUNNING_AGAIN_SECONDS, sweeping=False, pause=0.02)
    return run


def test_ten_workers_killed_in_mid_run(worker: Worker) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    runs = [_die_in_mid_run(worker, number, chance.randint(1, slow_run.STEPS - 4)) for number in range(RUNS)]
    with worker():
        wait_for(lambda: ended(runs) > 0, CONTROL_SECONDS, sweeping=False)
        taken_over_unasked = ended(runs)
        began = time.monotonic()
        assert wait_for(lambda: ended(runs) == RUNS, RUNNING_AGAIN_SECONDS, sweeping=True)
    print(f"seed {seed}: {RUNS} runs of killed workers ended {time.monotonic() - began:.1f} s after the sweep began")
    assert published(runs) == once_each(runs)
    assert taken_over_unasked <= 1, "negative control: without the sweep nobody takes the lost runs over"


@pytest.mark.parametrize("sweeping", [True, False])
def test_redis_flushed_before_a_worker_heard(worker: Worker, sweeping: bool) -> None:
    runs = queue_runs()
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.flushdb()
    with worker():
        wait_for(lambda: bool(broker.keys("_kombu*")), RUNNING_AGAIN_SECONDS, sweeping=False)
        broker.flushdb()
        whole = wait_for(
            lambda: ended(runs) == RUNS, RUNNING_AGAIN_SECONDS if sweeping else CONTROL_SECONDS, sweeping=sweeping
        )
    assert whole is sweeping
    assert published(runs) == (once_each(runs) if sweeping else Counter())


@pytest.mark.parametrize("sweeping", [True, False])
def test_the_broker_is_away_when_runs_are_asked_for(worker: Worker, sweeping: bool) -> None:
    with mock.patch.object(current_app, "send_task", side_effect=_away):
        runs = queue_runs()
    with worker():
        whole = wait_for(
            lambda: ended(runs) == RUNS, RUNNING_AGAIN_SECONDS if sweeping else CONTROL_SECONDS, sweeping=sweeping
        )
    assert whole is sweeping


def _away(*_: object, **__: object) -> None:
    raise OperationalError("connection refused")


def claim_blindly() -> None:
    """In this worker a claim asks for no condition: the protection taken out."""
    mock.patch.object(runs_module, "claim_run", slow_run.claim_blindly).start()


@pytest.mark.parametrize("blind", [False, True])
def test_every_message_delivered_three_times(worker: Worker, blind: bool) -> None:
    with worker(before=claim_blindly if blind else lambda: None):
        runs = queue_runs()
        for run in runs * 2:
            current_app.send_task("cycles.tasks.execute_run", args=[run], ignore_result=True)
        assert wait_for(lambda: ended(runs) == RUNS, RUNNING_AGAIN_SECONDS, sweeping=False) or blind
        time.sleep(4)
    doubled = [run for run, times in published(runs).items() if times > 1]
    if blind:
        assert len(doubled) >= RUNS - 1, "negative control: without the claim's condition results are doubled"
    else:
        assert published(runs) == once_each(runs)
