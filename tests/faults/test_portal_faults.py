"""Kill -9 of any part, then `make demo` again: it comes up with everything there, and nothing runs after its end."""

import os
import signal
import time
from collections.abc import Iterator

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
    "keeper": ("sop_portal.embedded.keeper",),
}
CANARIES = (
    "from cycles.models import Run; print('done:', Run.objects.filter(kind='cycles.canary', state='succeeded').count())"
)


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """One portal for the whole file; each test leaves it stopped."""
    made = Portal()
    yield made
    made.remove()


def slowness() -> float:
    """How much longer things may take because others keep the processors busy; 1 on an idle machine."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def canaries(portal: Portal) -> int:
    """How many runs the workers have finished so far."""
    return int(portal.run(CANARIES).rsplit("done:", 1)[1])


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


@pytest.mark.parametrize("name", PARTS)
def test_a_killed_part_comes_back_by_itself(portal: Portal, name: str) -> None:
    portal.start()
    victim = portal.part(*PARTS[name])
    victim.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not is_running(victim.pid), timeout_seconds=5)
    if name != "keeper":  # without its keeper the portal has no servers until the next start
        assert wait_until(portal.is_ready, timeout_seconds=30)
        before = canaries(portal)
        assert wait_until(lambda: canaries(portal) > before, timeout_seconds=60, pause_seconds=1), "no run was done"
    portal.stop(signal.SIGTERM)
    assert portal.processes() == []
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
        if process.is_running():
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
