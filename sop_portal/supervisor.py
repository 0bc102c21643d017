"""Runs the parts of the portal together: starts them, starts a dead one again, ends all of them within five seconds."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from sop_portal.embedded.locations import CHECKOUT
from sop_portal.embedded.processes import child_ends_by, wait_until

POLL_SECONDS = 0.2
STOP_SECONDS = 3.0
RESTARTS_PER_MINUTE = 5


class PortInUse(RuntimeError):
    """Somebody listens on the port already."""


class PartKeepsDying(RuntimeError):
    """A part ended again and again; the message says which and where its log is."""


@dataclass
class Part:
    """One child process in a session of its own, with its log file."""

    name: str
    command: list[str]
    log: Path
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it; the kernel ends it when this process dies."""
        self.starts = [moment for moment in self.starts if time.monotonic() - moment < 60] + [time.monotonic()]
        if len(self.starts) > RESTARTS_PER_MINUTE:
            raise PartKeepsDying(f"{self.name} keeps dying:\n{self.log.read_text()[-1500:]}\n(log: {self.log})")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
                env=part_environment(),
                start_new_session=True,
                pass_fds=self.descriptors,
                preexec_fn=child_ends_by(signal.SIGKILL),
            )

    def is_running(self) -> bool:
        """True until the child has ended; reaps it."""
        return self.process is not None and self.process.poll() is None

    def signal_group(self, signum: int) -> None:
        """Send ``signum`` to the child and everything it started; fine when all of them are gone."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signum)
            except ProcessLookupError:
                return


def part_environment() -> dict[str, str]:
    """What the parts see: the addresses of the servers, but never that of the owner's role."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    return {**environment, "PYTHONUNBUFFERED": "1"}


def listening_socket(host: str, port: int) -> socket.socket:
    """Open the port that all web processes share, or raise ``PortInUse``."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
    except OSError as error:
        opened.close()
        raise PortInUse(
            f"Port {port} of {host} is taken ({error.strerror}). Another one: make demo PORT=8001"
        ) from error
    opened.set_inheritable(True)
    return opened


def portal_parts(*, opened: socket.socket, logs: Path, web_processes: int, worker_processes: int) -> list[Part]:
    """Web processes, the Celery worker and beat."""
    descriptor = opened.fileno()
    celery = ["-m", "celery", "-A", "sop_portal"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
    worker = [*celery, "worker", "--pool", "prefork", "--concurrency", str(worker_processes), *quiet]
    beat = [*celery, "beat", "--schedule", str(logs / "beat-schedule"), "--pidfile", "", "--loglevel", "INFO"]
    web = [
        Part(f"web{number}", ["-m", "sop_portal.web", str(descriptor)], logs / f"web{number}.log", (descriptor,))
        for number in range(1, web_processes + 1)
    ]
    return [*web, Part("worker", worker, logs / "worker.log"), Part("beat", beat, logs / "beat.log")]


class Supervisor:
    """Keeps parts running until it is told to end."""

    def __init__(self, parts: Sequence[Part], say: Callable[[str], None]) -> None:
        """Take the parts; ``say`` prints one line for the person at the terminal."""
        self.parts, self.say, self.ending = parts, say, False

    def run(self, *, is_ready: Callable[[], bool], when_ready: Callable[[], None]) -> None:
        """Start everything, call ``when_ready`` once, watch until SIGINT, SIGTERM or SIGHUP, then end everything."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._end)
        told = False
        try:
            for part in self.parts:
                part.start()
            while not self.ending:
                self._restart_dead()
                if not told and is_ready():
                    when_ready()
                    told = True
                time.sleep(POLL_SECONDS)
        finally:
            self._stop_all()

    def _end(self, signum: int, frame: FrameType | None) -> None:
        self.ending = True

    def _restart_dead(self) -> None:
        for part in self.parts:
            if not part.is_running() and not self.ending:
                code = part.process.returncode if part.process else None
                self.say(f"{part.name} ended ({code}); starting it again (log: {part.log})")
                part.start()

    def _stop_all(self) -> None:
        """SIGTERM, and SIGKILL for what is left; a run that is cut off is taken over by the next worker."""
        for part in self.parts:
            part.signal_group(signal.SIGTERM)
        ended = wait_until(lambda: not any(part.is_running() for part in self.parts), timeout_seconds=STOP_SECONDS)
        for part in self.parts:
            part.signal_group(signal.SIGKILL)
        if not ended:
            wait_until(lambda: not any(part.is_running() for part in self.parts), timeout_seconds=1)
