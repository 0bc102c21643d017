"""The services of docker-compose.yml as plain processes: its commands, its variables, its health checks, our servers."""

from __future__ import annotations

import contextlib
import os
import string
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import redis

from sop_portal.embedded.locations import CHECKOUT
from sop_portal.embedded.processes import free_port, wait_until
from sop_portal.testing.databases import drop_database
from tests.machine.compose import complete_variables, services

REDIS_DATABASE = 15


class Stack:
    """An empty database, a port, and the environment that compose would give each service."""

    def __init__(self, servers: dict[str, str], folder: Path) -> None:
        self.servers, self.folder, self.port = servers, folder, free_port()
        self.name = f"sop_test_{os.getpid()}_stack"
        self.running: dict[str, subprocess.Popen[str]] = {}
        drop_database(servers, self.name)
        self._as_owner(f"CREATE DATABASE {self.name}")
        self.redis_url = f"{servers['REDIS_URL'].rsplit('/', 1)[0]}/{REDIS_DATABASE}"
        with contextlib.closing(redis.Redis.from_url(self.redis_url)) as client:
            client.flushdb()

    def environment(self, name: str) -> dict[str, str]:
        """What the service sees: compose's own names and values, with the addresses of the test servers put in."""
        secret = {"SECRET_KEY": "".join(sorted(string.ascii_letters + string.digits))}
        described = services({**complete_variables(), **secret})[name]["environment"]
        given = {key: str(value) for key, value in described.items()}
        given["REDIS_URL"] = self.redis_url
        for variable in {"DATABASE_URL", "DATABASE_OWNER_URL"} & set(given):
            given[variable] = urlsplit(self.servers[variable])._replace(path=f"/{self.name}").geturl()
        if "SOP_ALIVE_FILE" in given:
            given["SOP_ALIVE_FILE"] = str(self.folder / f"{name}.alive")
        image = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        quick = {"SOP_SWEEP_SECONDS": "1", "SOP_CANARY_SECONDS": "1", "SOP_STATIC_ROOT": str(self.folder / "static")}
        return {**image, **quick, **given}

    def run(self, command: Sequence[str], name: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the place of a service until it ends."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=CHECKOUT,
            env=self.environment(name),
            capture_output=True,
            text=True,
            check=False,
        )

    def migrate(self) -> subprocess.CompletedProcess[str]:
        """Run the one-off service."""
        return self.run(services()["migrate"]["command"][1:], "migrate")

    def start(self, name: str) -> None:
        """Start a service that stays."""
        with self.log(name).open("w") as output:
            self.running[name] = subprocess.Popen(
                [sys.executable, *services()[name]["command"][1:]],
                cwd=CHECKOUT,
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                text=True,
                start_new_session=True,
            )

    def log(self, name: str) -> Path:
        """Where the lines of a service go."""
        return self.folder / f"{name}.log"

    def health(self, name: str) -> int:
        """Exit code of the service's own health check."""
        test = services()[name]["healthcheck"]["test"]
        return self.run(test[2:], name).returncode

    def becomes(self, name: str, code: int, *, timeout_seconds: float = 90) -> bool:
        """Whether the health check comes to answer `code`."""
        return wait_until(lambda: self.health(name) == code, timeout_seconds=timeout_seconds, pause_seconds=0.5)

    def stop(self, name: str, *, seconds: float) -> int:
        """End a service as `docker stop` does and return its exit code."""
        process = self.running.pop(name)
        process.terminate()
        return process.wait(seconds)

    def close(self) -> None:
        """End what is left and drop the database."""
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait(10)
        drop_database(self.servers, self.name)

    def ask(self, question: str) -> list[tuple[object, ...]]:
        """The rows of a question, as the application."""
        url = urlsplit(self.servers["DATABASE_URL"])._replace(path=f"/{self.name}").geturl()
        with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute(question)
            return list(cursor.fetchall())

    def _as_owner(self, *statements: str) -> None:
        with contextlib.closing(psycopg2.connect(self.servers["DATABASE_OWNER_URL"])) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
