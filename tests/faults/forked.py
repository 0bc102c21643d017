"""Processes forked from this warm one: a real worker, a person at work; each with a database and a queue of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

import psutil
from celery import current_app
from django.conf import settings
from django.db import connections

from cycles import failpoints
from cycles.models import Run
from cycles.services import runs
from cycles.services.runs import sweep_runs
from sop_portal.embedded.processes import die_with_parent, is_running
from sop_portal.testing.databases import use_database

LEASE_SECONDS = 2
PATIENCE_SECONDS = 120.0


class World:
    """A database, a queue and a folder that some processes share; `orders` arm the failpoints in all of them.

    `broker` is the address of a Redis of this world's own; without it the tests' one is used.
    """

    def __init__(self, servers: dict[str, str], database: str, folder: Path, *, broker: str = "") -> None:
        self.servers, self.database, self.folder, self.broker, self.orders = servers, database, folder, broker, ""
        self.queue = f"sop-test-{database}"  # another test run may share the broker

    def fork(self, work: Callable[[], None], name: str) -> int:
        """Do `work` in a process of its own; returns its id. What it prints is in the folder."""
        connections.close_all()
        child = os.fork()
        if not child:
            self._be(work, self.folder / f"{name}.log")
        return child

    def _be(self, work: Callable[[], None], log: Path) -> None:
        code = 1
        try:
            os.setsid()
            die_with_parent()
            for signum in (signal.SIGINT, signal.SIGTERM):
                signal.signal(signum, signal.SIG_DFL)
            output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for stream in (1, 2):
                os.dup2(output, stream)
            sys.stdout, sys.stderr = (os.fdopen(stream, "w", buffering=1) for stream in (1, 2))
            self._settle_in()
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - the end of a forked process: pytest's own frames must not run on
            traceback.print_exc()
        finally:
            os._exit(code)

    def _settle_in(self) -> None:
        current_app._after_fork()
        if self.broker:
            settings.REDIS_URL = settings.CELERY_BROKER_URL = current_app.conf.broker_url = self.broker
        current_app.send_task = partial(current_app.send_task, queue=self.queue)
        settings.SOP_LEASE_SECONDS = LEASE_SECONDS
        use_database(self.database, self.servers)
        failpoints.arm(self.orders, folder=str(self.folder) if self.orders else "")

    @contextmanager
    def worker(self, *, processes: int = 1, before: Callable[[], None] = lambda: None) -> Iterator[int]:
        """A real Celery worker with its pool on this world's queue; gone at the end."""
        words = ["worker", "-c", str(processes), "-Q", self.queue, "-l", "ERROR", "--without-gossip"]

        def work() -> None:
            before()
            current_app.worker_main([*words, "--without-mingle", "--without-heartbeat"])

        child = self.fork(work, "worker")
        try:
            yield child
        finally:
            end_session(child)

    def said(self) -> str:
        """The ends of what the processes printed."""
        return "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in sorted(self.folder.glob("*.log")))


def ending_of(child: int) -> int | None:
    """How a forked process ended: its exit code, or minus the signal that killed it; None while it runs."""
    pid, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if pid else None


def ended_as(child: int, seconds: float = PATIENCE_SECONDS) -> int:
    """Wait for a forked process and return its ending.

    Raises:
        TimeoutError: it did not end; it was killed.
    """
    deadline = time.monotonic() + seconds
    while (ending := ending_of(child)) is None:
        if time.monotonic() > deadline:
            end_session(child)
            raise TimeoutError(f"process {child} did not end within {seconds} s")
        time.sleep(0.02)
    return ending


def end_session(leader: int) -> None:
    """SIGKILL for a forked process and all it started; waits until none of them holds a connection."""
    members = [process for process in psutil.process_iter() if _session_of(process) == leader]
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    with contextlib.suppress(ChildProcessError):
        os.waitpid(leader, 0)
    psutil.wait_procs([member for member in members if is_running(member.pid)], timeout=10)


def _session_of(process: psutil.Process) -> int:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return -1


@contextmanager
def workers_compute() -> Iterator[None]:
    """Whoever waits for a run only waits, and sweeps as beat would: the computing is left to workers."""

    def look(run_id: int) -> Run:
        sweep_runs()
        time.sleep(0.1)
        return Run.objects.select_related("plan").get(pk=run_id)

    with mock.patch.object(runs, "execute_run", look):
        yield
