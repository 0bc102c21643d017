"""The right to use the embedded servers of one home, for as long as this process lives or until it is given back."""

import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import IO

from sop_portal.embedded import locations
from sop_portal.embedded.postgres import ServerDidNotStart
from sop_portal.embedded.processes import wait_until

START_TIMEOUT_SECONDS = 90
STOP_TIMEOUT_SECONDS = 20


class Lease:
    """A shared lock on ``home/in_use.lock``: the servers run while anybody holds one."""

    def __init__(self, home: Path) -> None:
        """Take the lock, starting the servers when they do not run."""
        self.home = home
        self._keeper = 0
        with (home / "door.lock").open("a") as door:
            fcntl.flock(door, fcntl.LOCK_EX)  # one comer at a time: no two keepers
            self._lock: IO[str] | None = self._enter()
            self.urls = self._addresses()

    def release(self) -> None:
        """Give the servers back; the last user waits until they have ended."""
        if self._lock is None:
            return
        last = _try_lock(self._lock, fcntl.LOCK_EX)
        self._lock.close()
        self._lock = None
        if last:
            wait_until(lambda: not self._is_kept() or self._is_used(), timeout_seconds=STOP_TIMEOUT_SECONDS)

    def _enter(self) -> IO[str]:
        """Hold the shared lock, after waiting for a keeper that is already leaving."""
        end = time.monotonic() + STOP_TIMEOUT_SECONDS
        while time.monotonic() < end:
            lock = (self.home / "in_use.lock").open("a")
            if _try_lock(lock, fcntl.LOCK_SH):
                return lock
            lock.close()
            time.sleep(0.03)
        raise ServerDidNotStart(f"The servers in {self.home} neither run nor end.")

    def _addresses(self) -> dict[str, str]:
        """The URLs of the running servers; starts a keeper when there is none and waits for its word."""
        path = self.home / "addresses.json"
        if not self._is_kept():
            path.unlink(missing_ok=True)
            self._start_keeper()
        urls: dict[str, str] = json.loads(path.read_text())
        return urls

    def _start_keeper(self) -> None:
        """Start the keeper in a session of its own; nobody waits for it, the last user sees it go by its lock."""
        log, path = self.home / "keeper.log", self.home / "addresses.json"
        passed = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
        self._keeper = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "sop_portal.embedded.keeper", str(self.home)],
            {**passed, "PYTHONPATH": str(locations.CHECKOUT)},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
        told = wait_until(lambda: path.exists() or self._has_ended(), timeout_seconds=START_TIMEOUT_SECONDS)
        if not told or not path.exists():
            raise ServerDidNotStart(log.read_text().strip() or f"The servers in {self.home} did not start in time.")

    def _has_ended(self) -> bool:
        """Reap the keeper if it was our child and has ended, so that no zombie stays."""
        if self._keeper and os.waitpid(self._keeper, os.WNOHANG)[0]:
            self._keeper = 0
        return not self._keeper

    def _is_kept(self) -> bool:
        with (self.home / "keeper.lock").open("a") as lock:
            kept = not _try_lock(lock, fcntl.LOCK_SH)
        self._has_ended()
        return kept

    def _is_used(self) -> bool:
        """True when somebody else came meanwhile: the lock is held, and not by a keeper that is leaving."""
        for _ in range(2):
            with (self.home / "in_use.lock").open("a") as lock:
                if _try_lock(lock, fcntl.LOCK_EX) or not (self.home / "addresses.json").exists():
                    return False
            time.sleep(0.2)
        return True


def _try_lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
