"""Test databases: one template per state of the models, one clone per test worker."""

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from sop_portal.embedded.locations import CHECKOUT, base
from sop_portal.embedded.processes import is_running
from sop_portal.kept_connections import KEPT

PREFIX = "sop_test"
APPS = ("catalog", "cycles", "demand", "supply", "finance", "integrations", "sop_portal")


def models_digest() -> str:
    """Hash of every file that shapes the schema: migrations, models and grants."""
    files = [Path("sop_portal/grants.py"), Path("requirements.txt")]
    for app in APPS:
        folder = CHECKOUT / app
        found = [*folder.glob("migrations/*.py"), *folder.glob("models.py"), *folder.glob("models/*.py")]
        files += sorted(path.relative_to(CHECKOUT) for path in found)
    digest = hashlib.sha256()
    for path in files:
        if (CHECKOUT / path).exists():
            digest.update(str(path).encode() + (CHECKOUT / path).read_bytes())
    return digest.hexdigest()[:12]


def use_database(name: str, servers: dict[str, str]) -> None:
    """Point Django's two connections of this thread at database ``name`` of the test servers; none is kept."""
    KEPT.close()
    for alias, variable in (("default", "DATABASE_URL"), ("owner", "DATABASE_OWNER_URL")):
        connection = connections[alias]
        connection.close()
        connection.settings_dict.update(_address(servers[variable]), NAME=name)
        settings.DATABASES[alias].update(_address(servers[variable]), NAME=name)


def build_template(servers: dict[str, str]) -> str:
    """Name of the migrated template; the first worker builds it, the others wait for it."""
    return _built_once(servers, f"{PREFIX}_template_{models_digest()}", _migrate)


def build_peopled_template(servers: dict[str, str], fill: Callable[[], object], *sources: Path) -> str:
    """Name of a template like the migrated one with what ``fill`` writes; built anew when one of ``sources`` changed."""
    empty = build_template(servers)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    return _built_once(servers, f"{empty}_{digest}", fill, like=empty)


def _migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)


def _built_once(servers: dict[str, str], name: str, fill: Callable[[], object], *, like: str = "template1") -> str:
    with (base() / "template.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if name not in _database_names(servers):
            draft = f"{PREFIX}_draft_{os.getpid()}"
            drop_database(servers, draft)
            _as_owner(servers, f"CREATE DATABASE {draft} TEMPLATE {like}")
            use_database(draft, servers)
            fill()
            connections.close_all()
            _as_owner(servers, f"ALTER DATABASE {draft} RENAME TO {name}")
    return name


class Clone:
    """A database of one test worker, as new after every transactional test."""

    def __init__(self, servers: dict[str, str], template: str, worker: int) -> None:
        """Name the clone after the process, so that a later session can tell whether it is still in use."""
        self.servers, self.template = servers, template
        self.name = f"{PREFIX}_{os.getpid()}_{worker}"

    def create(self) -> None:
        """Drop what is there and copy the template."""
        use_database(self.name, self.servers)
        drop_database(self.servers, self.name)
        _as_owner(self.servers, f"CREATE DATABASE {self.name} TEMPLATE {self.template}")

    def drop(self) -> None:
        """Remove the clone."""
        connections.close_all()
        KEPT.close()
        drop_database(self.servers, self.name)


def drop_leftovers(servers: dict[str, str]) -> None:
    """Remove clones and drafts of processes that are gone, and templates of other states when nobody may need them."""
    for name in _database_names(servers):
        parts = name.split("_")
        owner = parts[3] if parts[2] == "draft" else parts[2]
        if owner.isdigit() and not is_running(int(owner)):
            drop_database(servers, name)


def drop_database(servers: dict[str, str], name: str) -> None:
    """Drop a database with its sessions.

    FORCE is refused while somebody is in it whom the owner may not end: PostgreSQL's own vacuum, or the application's
    last session on its way out. A plain DROP asks the vacuum to leave and waits 5 s for the others; the owner's own
    sessions are ended before it.
    """
    own = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND usename = current_user"
    for turns_left in reversed(range(5)):
        KEPT.close()  # a request that was on its way when the test ended leaves its connection afterwards
        with contextlib.suppress(psycopg2.errors.InsufficientPrivilege):
            _as_owner(servers, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            return
        _let_go(servers, name)
        try:
            _as_owner(servers, own, f"DROP DATABASE IF EXISTS {name}")
            return
        except psycopg2.errors.ObjectInUse:
            if not turns_left:
                raise


def _let_go(servers: dict[str, str], name: str) -> None:
    """Wait, a second at most, for late requests of a live server, and close the connections that they leave behind."""
    others = f"SELECT 1 FROM pg_stat_activity WHERE datname = '{name}' AND usename IS DISTINCT FROM current_user"
    for _turn in range(20):
        KEPT.close()
        if not _as_owner(servers, others):
            return
        time.sleep(0.05)


def _address(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {"HOST": parts.hostname, "PORT": parts.port, "USER": parts.username, "PASSWORD": parts.password}


def _as_owner(servers: dict[str, str], *statements: str) -> list[Any]:
    rows: list[Any] = []
    with closing(psycopg2.connect(servers["DATABASE_OWNER_URL"])) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                rows = cursor.fetchall() if cursor.description else []
    return rows


def _database_names(servers: dict[str, str]) -> list[str]:
    rows = _as_owner(servers, f"SELECT datname FROM pg_database WHERE datname LIKE '{PREFIX}\\_%'")
    return [name for (name,) in rows]
