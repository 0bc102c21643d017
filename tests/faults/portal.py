"""A whole portal in processes of its own, on a port and in a home of its own, for tests that kill parts of it."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from sop_portal.embedded import locations
from sop_portal.embedded.processes import free_port, running_in, wait_until

COMPANY = """
import os, django
django.setup()
from django.core.management import call_command
from catalog.models import Company, Currency
call_command("migrate", verbosity=0)
dollar, _ = Currency.objects.get_or_create(code="USD")
Company.objects.get_or_create(pk=1, defaults={"name": "Fault & Sons", "currency": dollar, "history_start": "2024-01-01"})
"""
NAME = "from catalog.models import Company; print('name:', Company.objects.get().name)"


class Portal:
    """`manage.py demo` of one home; its company is made beforehand, so that a start is a warm one."""

    def __init__(self) -> None:
        """Make a home with a migrated database and a company in it."""
        self.port = free_port()
        self.home = locations.home(f"fault-{self.port}")
        self.process: subprocess.Popen[str] | None = None
        entry = f"from sop_portal.embedded.entry import use_servers; use_servers()\n{COMPANY}"
        subprocess.run([sys.executable, "-c", entry], cwd=locations.CHECKOUT, env=self.environment, check=True)

    @property
    def environment(self) -> dict[str, str]:
        """PATH, HOME and this portal's own switches: quick sweeps and leases."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        own = {"PORT": str(self.port), "SOP_HOME": self.home.name, "DJANGO_SETTINGS_MODULE": "sop_portal.settings"}
        quick = {"SOP_SWEEP_SECONDS": "2", "SOP_LEASE_SECONDS": "5", "SOP_CANARY_SECONDS": "3"}
        return {**kept, **own, **quick}

    def start(self, timeout_seconds: float = 120) -> None:
        """Start and wait until it serves."""
        command = [sys.executable, "manage.py", "demo"]
        with (self.home / "demo.log").open("a") as output:
            self.process = subprocess.Popen(
                command, cwd=locations.CHECKOUT, env=self.environment, stdout=output, stderr=output, text=True
            )
        assert wait_until(self.is_ready, timeout_seconds=timeout_seconds), (self.home / "demo.log").read_text()

    def stop(self, signum: int) -> None:
        """End it as a person would, and wait for the end."""
        assert self.process is not None
        self.process.send_signal(signum)
        self.process.wait(10)

    def is_ready(self) -> bool:
        """True when /readyz says so."""
        assert self.process is None or self.process.poll() is None, (self.home / "demo.log").read_text()
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}/readyz", timeout=3) as answer:
                return bool(json.load(answer)["status"] == "ok")
        except (urllib.error.URLError, OSError):
            return False

    def run(self, code: str) -> str:
        """Run a line of Python with the portal's own models and servers."""
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
        done = subprocess.run(
            command, cwd=locations.CHECKOUT, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def last_words(self) -> str:
        """The ends of all logs, for the message of a test that failed."""
        ends = [f"== {log.name}\n{log.read_text()[-1500:]}" for log in sorted(self.home.glob("*.log"))]
        return "\n".join(ends)

    def processes(self) -> list[psutil.Process]:
        """Every live process of this portal: its home or port is in its words, or its files are under its feet."""
        found = []
        for process in psutil.process_iter(["pid", "cmdline", "status", "environ"]):
            environ = process.info["environ"] or {}
            words = " ".join(process.info["cmdline"] or [])
            mine = environ.get("SOP_HOME") == self.home.name or str(self.home) in words
            if mine and process.info["status"] != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
                found.append(process)
        return [*found, *running_in(self.home / "pgdata"), *running_in(self.home)]

    def part(self, *words: str) -> psutil.Process:
        """The oldest process whose command line has all of ``words``."""
        found = [process for process in self.processes() if all(word in words_of(process) for word in words)]
        assert found, f"no process with {words}"
        return min(found, key=lambda process: process.create_time())

    def end_leftovers(self) -> None:
        """Kill what a failed test has left running, so that the next one does not meet it."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        wait_until(lambda: not self.processes(), timeout_seconds=20)

    def remove(self) -> None:
        """End whatever is left and delete the home."""
        self.end_leftovers()
        shutil.rmtree(Path(self.home))


def words_of(process: psutil.Process) -> str:
    """The command line of a process, nothing when it has ended meanwhile."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""
