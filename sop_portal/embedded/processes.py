"""What the operating system says about processes: alive, dead or a zombie, and who dies with whom."""

import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1


def is_running(pid: int) -> bool:
    """True for a live process; a zombie that nobody reaped counts as dead."""
    try:
        return bool(psutil.Process(pid).status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD})
    except psutil.NoSuchProcess:
        return False


def running_in(folder: Path) -> list[psutil.Process]:
    """Live processes whose working directory is ``folder``, which is true of every process of a PostgreSQL server."""
    found = []
    for process in psutil.process_iter(["cwd", "status"]):
        if process.info["cwd"] == str(folder) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def die_with_parent(signum: int = signal.SIGKILL) -> None:
    """Ask the kernel to send ``signum`` to this process when its parent dies (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signum))


def child_ends_by(signum: int) -> Callable[[], None]:
    """A ``preexec_fn`` for a child that must not outlive this process, even if it died before the child said so."""
    parent = os.getpid()

    def prepare() -> None:
        die_with_parent(signum)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(condition: Callable[[], bool], *, timeout_seconds: float, pause_seconds: float = 0.03) -> bool:
    """Poll ``condition`` until it is true; False when the time is over first."""
    end = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause_seconds)
    return True
