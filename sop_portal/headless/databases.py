"""Another database on the same server: chosen, created when new, migrated by the owner."""

from __future__ import annotations

import re

from django.core.management import call_command
from django.db import connections
from psycopg2 import sql

from cycles.errors import DomainError
from cycles.models import Cycle

NAME = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


class DatabaseRefused(DomainError):
    """The database asked for cannot be used as asked."""


def use_database(name: str, *, create: bool) -> None:
    """Point every connection at database `name` of the same server; create it (owner's connection) when asked to.

    Raises:
        DatabaseRefused: the name is not lower-case letters, digits and '_', or the database is absent.
    """
    if not NAME.match(name):
        raise DatabaseRefused(f"--database {name!r}: use lower-case letters, digits and _, starting with a letter.")
    if "owner" not in connections.databases:
        raise DatabaseRefused("--database needs DATABASE_OWNER_URL: only the owner may create and migrate.")
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        exists = cursor.fetchone() is not None
        if not exists and not create:
            raise DatabaseRefused(f"There is no database {name!r}; --new creates it.")
        if not exists:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    for alias in connections.databases:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
    call_command("migrate", verbosity=0, interactive=False)


def refuse_used_database() -> None:
    """Stop `--new` where a cycle exists.

    Raises:
        DatabaseRefused: the database holds cycles.
    """
    last = Cycle.objects.order_by("-month").first()
    if last is not None:
        raise DatabaseRefused(
            f"--new needs an empty database; this one holds cycles up to {last}. Leave --new out to roll forward."
        )
