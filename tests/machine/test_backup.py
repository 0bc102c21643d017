"""Backup and restore as docs/operations.md says: dump, empty database, roles' rights, and the same hash."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import connection, transaction

from cycles.models import Snapshot
from cycles.services.snapshots import freeze_snapshot
from sop_portal.embedded.locations import CHECKOUT
from sop_portal.embedded.postgres import _wheel_binaries
from sop_portal.testing.databases import drop_database
from tests.finance.sample_plan import land, open_reconciliation, sample_plan

pytestmark = pytest.mark.long
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"


def in_database(url: str, name: str) -> str:
    """The same server and role, another database."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def answers(url: str, question: str) -> list[tuple[object, ...]]:
    """The rows of a question."""
    with closing(psycopg2.connect(url)) as found, found.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())


def contents(url: str) -> dict[object, tuple[object, ...]]:
    """Count and digest of every table."""
    digest = "SELECT count(*), md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM \"{}\" AS t"
    return {table: answers(url, digest.format(table))[0] for (table,) in answers(url, TABLES)}


def client(name: str, *arguments: str) -> None:
    """Run a client program of the embedded PostgreSQL."""
    subprocess.run([_wheel_binaries() / name, *arguments], check=True, capture_output=True, text=True)


def manage(servers: dict[str, str], name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a management command on a database."""
    urls = {key: in_database(servers[key], name) for key in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env={"PATH": os.defpath, **urls, "REDIS_URL": servers["REDIS_URL"]},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def approved(transactional_db: None, settings: object) -> Snapshot:
    """The small company with a landed, frozen plan."""
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    with transaction.atomic():
        return freeze_snapshot(plan=sample.plan, actor=sample.cast.executive)


@pytest.fixture
def empty(servers: dict[str, str]) -> Iterator[str]:
    """The name of a new, empty database of the owner."""
    name = f"sop_test_{os.getpid()}_restored"
    drop_database(servers, name)
    with closing(psycopg2.connect(servers["DATABASE_OWNER_URL"])) as owner:
        owner.autocommit = True
        with owner.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
    yield name
    drop_database(servers, name)


def test_a_restored_database_is_the_same_and_verifies(
    approved: Snapshot, empty: str, servers: dict[str, str], tmp_path: Path
) -> None:
    original, restored = str(connection.settings_dict["NAME"]), empty
    dump = tmp_path / "sop.dump"
    owner = servers["DATABASE_OWNER_URL"]
    client("pg_dump", "--format=custom", f"--file={dump}", in_database(owner, original))
    client(
        "pg_restore", "--no-owner", "--single-transaction", "--exit-on-error",
        f"--dbname={in_database(owner, restored)}", str(dump),
    )  # fmt: skip
    assert contents(in_database(owner, restored)) == contents(in_database(owner, original))
    migrated = manage(servers, restored, "migrate", "--no-input")
    assert migrated.returncode == 0, migrated.stderr
    verified = manage(servers, restored, "verify", "--expect", approved.root)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "Everything is as it was approved." in verified.stdout
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        answers(in_database(servers["DATABASE_URL"], restored), "DELETE FROM cycles_snapshot RETURNING id")


def test_another_hash_or_a_lost_row_is_told(approved: Snapshot, servers: dict[str, str]) -> None:
    """The control: what the restore above passes is refused when something differs."""
    name = str(connection.settings_dict["NAME"])
    other = manage(servers, name, "verify", "--expect", "0" * 64)
    assert (other.returncode, "problems found" in other.stderr) == (1, True)
    with closing(psycopg2.connect(in_database(servers["DATABASE_OWNER_URL"], name))) as owner:
        owner.autocommit = True
        with owner.cursor() as cursor:
            cursor.execute("ALTER TABLE cycles_snapshotrow DISABLE TRIGGER refuse_change")
            cursor.execute("DELETE FROM cycles_snapshotrow WHERE id = (SELECT min(id) FROM cycles_snapshotrow)")
    assert manage(servers, name, "verify", "--expect", approved.root).returncode == 1
