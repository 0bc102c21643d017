"""The application never works as the owner of its tables or as a superuser: history would be only a promise."""

import logging
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)
QUESTION = """
SELECT current_user,
       r.rolsuper,
       EXISTS (SELECT FROM pg_class c
               WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                 AND pg_has_role(current_user, c.relowner, 'MEMBER')),
       r.rolcreaterole OR r.rolbypassrls
FROM pg_roles r WHERE r.rolname = current_user
"""


def wrong_role(connection: BaseDatabaseWrapper) -> str:
    """Why the role of this connection may not run the application, or an empty text."""
    with connection.cursor() as cursor:
        cursor.execute(QUESTION)
        role, is_superuser, owns_tables, has_power = cursor.fetchone()
    if is_superuser:
        return f"The database role {role} is a superuser."
    if owns_tables:
        return f"The database role {role} owns tables of the portal, or is a member of the role that owns them."
    if has_power:
        return f"The database role {role} may create roles or pass by row security."
    return ""


def refuse_wrong_role(sender: object, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Close a new application connection that could switch the protection off, and say so."""
    if connection.alias != "default":
        return
    fault = wrong_role(connection)
    if fault:
        connection.close()
        raise ImproperlyConfigured(f"{fault} DATABASE_URL must name the role sop_app (docs/operations.md).")


def refuse_to_start() -> None:
    """Raise ``ImproperlyConfigured`` when the configured role is too strong; a database that is away is not judged."""
    try:
        connections["default"].ensure_connection()
    except OperationalError as error:
        logger.warning("The database does not answer yet: %s", error)
    finally:
        connections.close_all()


def check_role(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """The same as a system check, for `migrate` and `check --database default`."""
    if "default" not in (databases or []):
        return []
    try:
        connections["default"].ensure_connection()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="sop_portal.E001")]
    return []
