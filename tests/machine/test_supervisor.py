"""Parts start, come back, and end with the supervisor, however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sop_portal.embedded.locations import CHECKOUT
from sop_portal.embedded.processes import free_port, is_running, wait_until
from sop_portal.supervisor import Part, PartKeepsDying, PortInUse, listening_socket, part_environment

PROGRAM = """
import sys
from pathlib import Path
from sop_portal.supervisor import Part, Supervisor
log = Path(sys.argv[1]) / "part.log"
sleeper = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
Supervisor([Part("sleeper", ["-c", sleeper], log)], lambda line: print(line, flush=True)).run(
    is_ready=lambda: log.exists() and log.read_text().strip() != "", when_ready=lambda: print("ready", flush=True)
)
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> subprocess.Popen[str]:
    """A real supervisor of one sleeping part, ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def part_pids(folder: Path) -> list[int]:
    """Process ids in the order in which the parts started."""
    return [int(line) for line in (folder / "part.log").read_text().split()]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_parts_end_with_their_supervisor(signum: int, supervisor: subprocess.Popen[str], tmp_path: Path) -> None:
    (pid,) = part_pids(tmp_path)
    supervisor.send_signal(signum)
    supervisor.communicate(timeout=5)
    assert wait_until(lambda: not is_running(pid), timeout_seconds=2)


def test_a_dead_part_comes_back(supervisor: subprocess.Popen[str], tmp_path: Path) -> None:
    os.kill(part_pids(tmp_path)[0], signal.SIGKILL)
    assert wait_until(lambda: len(part_pids(tmp_path)) == 2, timeout_seconds=5)
    supervisor.terminate()
    told, _ = supervisor.communicate(timeout=5)
    assert "sleeper ended (-9)" in told


def test_a_part_that_always_dies_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    part = Part("crasher", ["-c", "raise SystemExit('no such thing')"], tmp_path / "log")
    with pytest.raises(PartKeepsDying, match="no such thing"):
        for _ in range(10):
            part.start()
            assert part.process is not None
            part.process.wait()


def test_a_taken_port_is_told_at_once() -> None:
    port = free_port()
    with listening_socket("127.0.0.1", port) as first:
        first.listen()
        with pytest.raises(PortInUse, match=f"Port {port} .* make demo PORT="):
            listening_socket("127.0.0.1", port)


def test_parts_never_see_the_owners_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://sop_owner@x/y")
    monkeypatch.setenv("DATABASE_URL", "postgresql://sop_app@x/y")
    assert "DATABASE_OWNER_URL" not in part_environment()
    assert part_environment()["DATABASE_URL"] == "postgresql://sop_app@x/y"
