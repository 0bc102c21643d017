"""As the application's role: nothing that was written in a ledger, the log or a snapshot can be changed."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

APPEND_ONLY = sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False))
ATTEMPTS = {
    "update": "UPDATE {table} SET id = id",
    "update nothing": "UPDATE {table} SET id = id WHERE false",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table}",
    "truncate cascade": "TRUNCATE {table} CASCADE",
    "alter": "ALTER TABLE {table} ADD COLUMN extra integer",
    "disable the trigger": "ALTER TABLE {table} DISABLE TRIGGER refuse_change",
    "disable all triggers": "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "drop the trigger": "DROP TRIGGER refuse_change ON {table}",
    "drop the table": "DROP TABLE {table} CASCADE",
    "grant": "GRANT ALL ON {table} TO PUBLIC",
    "lock rows to change them": "SELECT * FROM {table} FOR UPDATE",
}


def test_the_cycle_keeps_its_memory_append_only() -> None:
    kept = {"cycles_auditrow", "cycles_signoff", "cycles_waiver", "cycles_findingrecord"}
    assert kept | {"cycles_snapshot", "cycles_snapshotrow"} <= set(APPEND_ONLY)


@pytest.mark.django_db
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_sop_app_is_refused(table: str, attempt: str) -> None:
    with connection.cursor() as cursor, transaction.atomic():
        if attempt == "grant":  # PostgreSQL only warns when somebody grants what they do not hold
            cursor.execute(ATTEMPTS[attempt].format(table=table))
            cursor.execute("SELECT has_table_privilege('public', %s, 'UPDATE')", [table])
            assert cursor.fetchone() == (False,)
            return
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner|append-only"), transaction.atomic():
            cursor.execute(ATTEMPTS[attempt].format(table=table))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "SET LOCAL session_replication_role = replica",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "SET ROLE sop_owner",
        "CREATE TABLE public.mine (id integer)",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ],
)
def test_sop_app_cannot_get_around_it(statement: str) -> None:
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user")
        assert cursor.fetchone() == ("sop_app", False)
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
            cursor.execute(statement)
