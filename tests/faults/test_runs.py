"""Runs under real workers that are killed, real messages that are lost and doubled; each with its negative control."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO
from unittest import mock

import psutil
import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from cycles.models import AuditRow, Run, RunState
from cycles.services.runs import request_run, sweep_runs
from tests.cast import make_cast
from tests.faults import slow_run

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

CHECKOUT = Path(__file__).resolve().parents[2]
RUNS = 10
QUEUE = f"sop-test-{os.getpid()}"  # another test run may share the broker; its workers must not eat these messages
LEASE_SECONDS = 2
PATIENCE_SECONDS = 40.0
CONTROL_SECONDS = 8.0


def url_of(alias: str) -> str:
    """Address of a connection of this test, for a process of its own."""
    at = settings.DATABASES[alias]
    return f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


@contextmanager
def worker(**more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker on this test's database and broker, with the slow kind; gone at the end."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "DATABASE_URL": url_of("default"),
        "DATABASE_OWNER_URL": url_of("owner"),
        "REDIS_URL": settings.REDIS_URL,
        "SOP_LEASE_SECONDS": str(LEASE_SECONDS),
        **more,
    }
    command = [sys.executable, "-m", "celery", "-A", "sop_portal", "worker", "-c", str(RUNS), "-l", "ERROR"]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [*command, "-Q", QUEUE, "-I", "tests.faults.slow_run", "--without-gossip", "--without-mingle"],
            cwd=CHECKOUT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
            assert process.poll() in (None, -signal.SIGKILL), _told(output)
        finally:
            kill_with_children(process)


def kill_with_children(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for a worker and its pool, and wait until none of them holds a connection."""
    members = [p for p in psutil.process_iter() if _session_of(p) == process.pid]
    for member in members:
        member.kill()
    process.wait(10)
    psutil.wait_procs(members, timeout=10)


def _session_of(process: psutil.Process) -> int:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return -1


def _told(output: IO[bytes]) -> str:
    output.seek(0)
    return f"the worker ended by itself: {output.read()[-3000:].decode()}"


@pytest.fixture(autouse=True)
def _quick_lease(settings: object) -> None:
    settings.SOP_LEASE_SECONDS = LEASE_SECONDS  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _own_queue(redis_url: str) -> Iterator[None]:
    redis.Redis.from_url(redis_url).delete(QUEUE)  # wake-ups left by the test before name runs with the same numbers
    with mock.patch.object(current_app, "send_task", partial(current_app.send_task, queue=QUEUE)):
        yield


def queue_runs() -> list[int]:
    """Ask for ten runs, each in a transaction of its own, as ten people would."""
    actor = make_cast().finance
    runs = []
    for number in range(RUNS):
        with transaction.atomic():
            runs.append(request_run(kind=slow_run.KIND, plan=None, actor=actor, parameters={"number": number}).pk)
    return runs


def wait_for(condition: Callable[[], bool], seconds: float, *, sweeping: bool) -> bool:
    """Wait for a condition, sweeping as beat would, or not."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        if sweeping:
            sweep_runs()
        time.sleep(0.5)
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


def _kill_in_mid_run(runs: list[int]) -> None:
    in_the_middle = Run.objects.filter(pk__in=runs, state=RunState.RUNNING.value, done__gte=2)
    with worker() as first:
        assert wait_for(lambda: in_the_middle.exists(), PATIENCE_SECONDS, sweeping=False)
        kill_with_children(first)


@pytest.mark.parametrize("sweeping", [True, False])
def test_a_worker_killed_in_mid_run(sweeping: bool) -> None:
    runs = queue_runs()
    _kill_in_mid_run(runs)
    lost = [run for run in runs if not ended([run])]
    assert lost
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    with worker():
        whole = wait_for(
            lambda: ended(runs) == RUNS, PATIENCE_SECONDS if sweeping else CONTROL_SECONDS, sweeping=sweeping
        )
    assert whole is sweeping
    if sweeping:
        assert published(runs) == once_each(runs)
    else:
        assert ended(lost) == 0, "negative control: without the sweep nobody takes the lost runs over"


@pytest.mark.parametrize("sweeping", [True, False])
def test_redis_flushed_before_a_worker_heard(sweeping: bool) -> None:
    runs = queue_runs()
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.flushdb()
    with worker():
        wait_for(lambda: bool(broker.keys("_kombu*")), PATIENCE_SECONDS, sweeping=False)
        broker.flushdb()
        whole = wait_for(
            lambda: ended(runs) == RUNS, PATIENCE_SECONDS if sweeping else CONTROL_SECONDS, sweeping=sweeping
        )
    assert whole is sweeping
    assert published(runs) == (once_each(runs) if sweeping else Counter())


@pytest.mark.parametrize("sweeping", [True, False])
def test_the_broker_is_away_when_runs_are_asked_for(sweeping: bool) -> None:
    with mock.patch.object(current_app, "send_task", side_effect=_away):
        runs = queue_runs()
    with worker():
        whole = wait_for(
            lambda: ended(runs) == RUNS, PATIENCE_SECONDS if sweeping else CONTROL_SECONDS, sweeping=sweeping
        )
    assert whole is sweeping


def _away(*_: object, **__: object) -> None:
    raise OperationalError("connection refused")


@pytest.mark.parametrize("blind", [False, True])
def test_every_message_delivered_three_times(blind: bool) -> None:
    with worker(**({"TESTS_BLIND_CLAIM": "1"} if blind else {})):
        runs = queue_runs()
        for run in runs * 2:
            current_app.send_task("cycles.tasks.execute_run", args=[run], ignore_result=True)
        assert wait_for(lambda: ended(runs) == RUNS, PATIENCE_SECONDS, sweeping=False) or blind
        time.sleep(4)
    doubled = [run for run, times in published(runs).items() if times > 1]
    if blind:
        assert len(doubled) >= RUNS - 1, "negative control: without the claim's condition results are doubled"
    else:
        assert published(runs) == once_each(runs)
