"""The application works as sop_app and refuses to work as anybody stronger."""

import os
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction

from sop_portal.embedded.locations import CHECKOUT
from sop_portal.grants import append_only_tables
from sop_portal.roles import refuse_wrong_role

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def answer(question: str, *values: Any) -> Any:
    """The first row of a question asked as the application."""
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchone()


def test_tests_run_as_the_application_role() -> None:
    assert answer("SELECT current_user, session_user") == ("sop_app", "sop_app")


def test_there_are_append_only_tables() -> None:
    assert {"cycles_auditrow", "cycles_signoff", "cycles_snapshot"} <= set(append_only_tables())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET id = id",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "ALTER TABLE {table} DISABLE TRIGGER refuse_change",
        "ALTER TABLE {table} ADD COLUMN note text",
        "DROP TABLE {table}",
        "DROP TRIGGER refuse_change ON {table}",
        "SET session_replication_role = replica",
        "SET ROLE sop_owner",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TABLE mine (id int)",
    ],
)
def test_the_application_cannot_change_history(statement: str) -> None:
    for table in append_only_tables():
        with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table=table))
        assert refusal.value.__cause__.pgcode == "42501", refusal.value  # insufficient_privilege, nothing else


def test_an_ordinary_table_can_be_changed() -> None:
    """The control of the test above: the same statement on a table that is not append-only is answered."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cycles_run SET id = id")


@pytest.mark.parametrize("operation", ["UPDATE {table} SET id = id", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"])
def test_the_trigger_tells_even_the_owner_why(operation: str) -> None:
    for table in append_only_tables():
        refused = pytest.raises(DatabaseError, match="is append-only")
        with refused, transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute(operation.format(table=table))


def test_migrate_without_an_owner_says_what_is_missing(settings: Any) -> None:
    settings.DATABASES = {"default": settings.DATABASES["default"]}
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("migrate")


@pytest.mark.parametrize("variable", ["DATABASE_OWNER_URL", "superuser"])
def test_the_application_refuses_a_stronger_role(variable: str, stronger: dict[str, dict[str, Any]]) -> None:
    stranger = connection.copy("default")
    stranger.settings_dict = {**stranger.settings_dict, **stronger[variable]}
    with pytest.raises(ImproperlyConfigured, match="must name the role sop_app"):
        stranger.ensure_connection()
    assert stranger.connection is None or stranger.connection.closed


def test_the_owners_connection_is_for_migrations_only() -> None:
    refuse_wrong_role(sender=None, connection=connections["owner"])


@pytest.fixture
def stronger(servers: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Settings of a connection as owner and as superuser (the latter in the embedded cluster only)."""
    owner = urlsplit(servers["DATABASE_OWNER_URL"])
    found = {"DATABASE_OWNER_URL": {"USER": owner.username, "PASSWORD": owner.password}}
    if "root_password" not in servers:
        pytest.skip("the superuser's password of an external server is not known here")
    found["superuser"] = {"USER": "sop_root", "PASSWORD": servers["root_password"]}
    psycopg2.connect(servers["DATABASE_OWNER_URL"]).close()
    return found


@pytest.mark.long
@pytest.mark.parametrize(
    "entry", ["import sop_portal.asgi", "from sop_portal.celery import refuse_wrong_role as r; r()"]
)
@pytest.mark.parametrize("stronger_role", [True, False])
def test_web_and_worker_refuse_to_start_as_the_owner(entry: str, stronger_role: bool, servers: dict[str, str]) -> None:
    """With its control: the application's own role passes by the same check."""
    urls = {name: url for name, url in servers.items() if name in {"DATABASE_URL", "REDIS_URL"}}
    owner = urlsplit(servers["DATABASE_OWNER_URL"])
    app = urlsplit(servers["DATABASE_URL"])
    database = f"/{connection.settings_dict['NAME']}"
    urls["DATABASE_URL"] = (owner if stronger_role else app)._replace(path=database).geturl()
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {entry}"],
        cwd=CHECKOUT,
        env={**os.environ, **urls, "DJANGO_SETTINGS_MODULE": "sop_portal.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) is stronger_role, done.stderr
    assert ("must name the role sop_app" in done.stderr) is stronger_role
