"""Two portals beside each other on two ports, each with servers of its own; RESET=1 throws one away and not the other."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sop_portal.embedded.locations import CHECKOUT
from tests.faults.portal import NAME, Portal

pytestmark = pytest.mark.long
RENAME = "from catalog.models import Company; Company.objects.update(name='Second & Daughters')"


@pytest.fixture
def portals() -> Iterator[tuple[Portal, Portal]]:
    """Two homes with a company each; the second bears another name."""
    first, second = Portal(), Portal()
    second.run(RENAME)
    yield first, second
    first.remove()
    second.remove()


def reset(portal: Portal) -> subprocess.CompletedProcess[str]:
    """What `make demo RESET=1` does before it starts."""
    command = [sys.executable, "-m", "sop_portal.embedded.reset"]
    return subprocess.run(command, cwd=CHECKOUT, env=portal.environment, capture_output=True, text=True, check=False)


def test_two_run_at_once_and_one_starts_over_alone(portals: tuple[Portal, Portal]) -> None:
    first, second = portals
    first.start()
    second.start()
    assert first.is_ready() and second.is_ready()
    assert "name: Fault & Sons" in first.run(NAME)
    assert "name: Second & Daughters" in second.run(NAME)
    used = reset(second)
    assert used.returncode != 0 and "are in use. Stop the portal first." in used.stderr
    assert "name: Second & Daughters" in second.run(NAME)

    second.stop(signal.SIGINT)
    assert reset(second).returncode == 0
    assert not (second.home / "pgdata").exists()
    second.home.mkdir(exist_ok=True)
    assert first.is_ready() and "name: Fault & Sons" in first.run(NAME)
    first.stop(signal.SIGINT)
