"""Kill -9 of any part, then `make demo` again: it comes up with everything there, and nothing runs after its end."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import psutil
import psycopg2
import pytest

from sop_portal.embedded.processes import is_running, wait_until
from tests.faults.portal import NAME, Portal

pytestmark = pytest.mark.long
PARTS = {
    "postgres": ("bin/postgres", "-D"),
    "redis": ("redis-server",),
    "worker": ("celery", "worker"),
    "web": ("sop_portal.web",),
    "beat": ("celery", "beat"),
}


@pytest.fixture(scope="module")
def home() -> Iterator[Portal]:
    """One home for the whole file."""
    made = Portal()
    yield made
    made.remove()


@pytest.fixture
def portal(home: Portal) -> Iterator[Portal]:
    """The portal of that home, stopped; what a failed test leaves running is ended."""
    yield home
    home.end_leftovers()


def slowness() -> float:
    """How much longer things may take because others keep the processors busy; 1 on an idle machine."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def canaries(portal: Portal) -> int:
    """How many runs the workers have finished so far."""
    urls = json.loads((portal.home / "addresses.json").read_text())
    with closing(psycopg2.connect(urls["DATABASE_URL"])) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cycles_run WHERE kind = 'cycles.canary' AND state = 'succeeded'")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_the_portal_ends_within_five_seconds_and_leaves_no_process(portal: Portal, signum: int) -> None:
    portal.start()
    began = time.monotonic()
    portal.stop(signum)
    assert time.monotonic() - began < 5 * slowness()
    assert portal.processes() == []


def test_a_second_start_is_warm(portal: Portal) -> None:
    began = time.monotonic()
    portal.start()
    took = time.monotonic() - began
    portal.stop(signal.SIGTERM)
    print(f"warm start: {took:.1f} s")
    assert took < 10 * slowness()


def test_killed_parts_come_back_by_themselves_and_runs_go_on(portal: Portal) -> None:
    portal.start()
    for name, words in PARTS.items():
        victim = portal.part(*words)
        victim.send_signal(signal.SIGKILL)
        assert wait_until(lambda pid=victim.pid: not is_running(pid), timeout_seconds=5), name
        assert wait_until(portal.is_ready, timeout_seconds=60), name
        before = canaries(portal)
        assert wait_until(lambda past=before: canaries(portal) > past, timeout_seconds=90), (
            f"no run after the end of {name}:\n{portal.last_words()}"
        )
    portal.stop(signal.SIGTERM)
    assert portal.processes() == []
    portal.start()
    assert "name: Fault & Sons" in portal.run(NAME)
    portal.stop(signal.SIGTERM)


def test_a_killed_keeper_takes_its_servers_along_and_the_next_start_has_everything(portal: Portal) -> None:
    portal.start()
    portal.part("sop_portal.embedded.keeper").send_signal(signal.SIGKILL)
    portal.stop(signal.SIGTERM)
    assert wait_until(lambda: portal.processes() == [], timeout_seconds=10)
    portal.start()
    assert "name: Fault & Sons" in portal.run(NAME)
    portal.stop(signal.SIGTERM)


def test_a_killed_supervisor_takes_everything_along_and_the_next_start_has_everything(portal: Portal) -> None:
    portal.start()
    portal.stop(signal.SIGKILL)
    assert wait_until(lambda: portal.processes() == [], timeout_seconds=10)
    portal.start()
    assert "name: Fault & Sons" in portal.run(NAME)
    portal.stop(signal.SIGTERM)


def test_everything_killed_at_once(portal: Portal) -> None:
    portal.start()
    for process in portal.processes():
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    assert portal.process is not None
    portal.process.wait(5)
    portal.start()
    assert "name: Fault & Sons" in portal.run(NAME)
    portal.stop(signal.SIGTERM)


def test_a_command_shares_the_servers_of_a_running_portal(portal: Portal) -> None:
    portal.start()
    assert "name: Fault & Sons" in portal.run(NAME)
    assert portal.is_ready(), "the end of a command must not end servers that others use"
    portal.stop(signal.SIGTERM)
    assert "name: Fault & Sons" in portal.run(NAME)  # alone it starts and ends its own
    assert portal.processes() == []
