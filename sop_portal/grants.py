"""What the application's database role may do, from one list: the models themselves say which are append-only."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.backends.utils import CursorWrapper

READ_ONLY_TABLES = {"django_migrations"}
REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused; record a new row instead', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$
"""


def append_only_tables() -> list[str]:
    """Tables of all models with ``append_only = True``: ledgers, audit, sign-offs, snapshots."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False))


def append_only_rows() -> dict[str, str]:
    """Tables of which only some rows are append-only: table → the condition on the old row, from ``append_only_where``."""
    where = {model._meta.db_table: getattr(model, "append_only_where", "") for model in apps.get_models()}
    return {table: condition for table, condition in sorted(where.items()) if condition}


def apply_grants(sender: object, using: str, **_: Any) -> None:
    """Give sop_app its rights and every append-only table its trigger; the same result at every call.

    Runs as the owner, after each migrate. A trigger refuses everybody, the owner included; rights refuse sop_app
    first. There is no variable that switches either off.
    """
    role: str = settings.DATABASES["default"]["USER"]
    connection = connections[using]
    quote = connection.ops.quote_name
    frozen = set(append_only_tables())
    with connection.cursor() as cursor:
        cursor.execute(REFUSE)
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM {quote(role)}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {quote(role)}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quote(role)}")
        relations = _relations(cursor)
        for table, kind in relations:
            cursor.execute(f"REVOKE ALL ON {quote(table)} FROM {quote(role)}")
            cursor.execute(f"GRANT {_rights(table, kind, frozen)} ON {quote(table)} TO {quote(role)}")
            if kind == "r":
                cursor.execute(f"DROP TRIGGER IF EXISTS refuse_change ON {quote(table)}")
        for table in sorted(frozen & {name for name, _ in relations}):
            cursor.execute(
                f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {quote(table)} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        partly = append_only_rows()
        for table in sorted(partly.keys() & {name for name, _ in relations}):
            cursor.execute(
                f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON {quote(table)} "
                f"FOR EACH ROW WHEN ({partly[table]}) EXECUTE FUNCTION refuse_change()"
            )


def _relations(cursor: CursorWrapper) -> list[tuple[str, str]]:
    """Tables ('r') and views ('v') of the schema."""
    cursor.execute(
        "SELECT relname, relkind::text FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') ORDER BY relname"
    )
    return list(cursor.fetchall())


def _rights(table: str, kind: str, frozen: set[str]) -> str:
    if kind == "v" or table in READ_ONLY_TABLES:
        return "SELECT"
    return "SELECT, INSERT" if table in frozen else "SELECT, INSERT, UPDATE, DELETE"
