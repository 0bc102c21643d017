"""What `manage.py check --deploy` says about the machine, besides Django's own checks (docs/operations.md, Checks)."""

import ipaddress
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

CLOCK_SECONDS = 5.0


def check_roles(**_: object) -> list[CheckMessage]:
    """Two roles in two addresses, and the owner's address only where migrations run."""
    owner = settings.DATABASES.get("owner")
    if owner is None:
        return []
    if owner["USER"] == settings.DATABASES["default"]["USER"]:
        said = f"DATABASE_URL and DATABASE_OWNER_URL name the same role, {owner['USER']}."
        return [Error(said, hint="DATABASE_URL names sop_app, DATABASE_OWNER_URL sop_owner.", id="sop_portal.E002")]
    said = "This process sees the address of the role that owns the schema."
    return [Warning(said, hint="Give DATABASE_OWNER_URL to `manage.py migrate` only.", id="sop_portal.W003")]


def check_hosts(**_: object) -> list[CheckMessage]:
    """The portal answers under its own names only: a link in a message must not lead elsewhere."""
    hosts = [host for host in settings.ALLOWED_HOSTS if host.strip()]
    if hosts and "*" not in hosts:
        return []
    said = "ALLOWED_HOSTS allows every host." if hosts else "ALLOWED_HOSTS names no host."
    return [Error(said, hint="Name the hosts under which people reach the portal.", id="sop_portal.E004")]


def check_redis(**_: object) -> list[CheckMessage]:
    """A Redis on another machine asks for a password: whoever writes to it can wake workers."""
    parts = urlsplit(settings.REDIS_URL)
    if parts.password or parts.scheme == "unix" or _is_here(parts.hostname or ""):
        return []
    hint = "Set requirepass, and the word in REDIS_URL: redis://:password@host:6379/0."
    return [Error(f"Redis on {parts.hostname} asks for no password.", hint=hint, id="sop_portal.E005")]


def check_static_files(**_: object) -> list[CheckMessage]:
    """Static files are collected, so that no process looks for them at each request."""
    root = settings.STATIC_ROOT
    if root and Path(root).is_dir() and any(Path(root).iterdir()):
        return []
    said = f"SOP_STATIC_ROOT, {root}, holds no file." if root else "SOP_STATIC_ROOT is not set."
    hint = "Set it to a folder and run `manage.py collectstatic`; the image has done so."
    return [Warning(said, hint=hint, id="sop_portal.W006")]


def check_https(**_: object) -> list[CheckMessage]:
    """Cookies, redirects, HSTS and JSON lines all hang on one switch."""
    if settings.HTTPS:
        return []
    said = "SOP_HTTPS is off: cookies travel in the clear and lines are not JSON."
    return [Warning(said, hint="Put a reverse proxy with TLS in front and set SOP_HTTPS=1.", id="sop_portal.W007")]


def check_clock(*, databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Leases of runs end by PostgreSQL's clock, keys and sessions by this machine's: they have to agree."""
    if "default" not in (databases or []):
        return []
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            apart = abs(float(cursor.fetchone()[0]) - time.time())
    except (DatabaseError, ImproperlyConfigured):
        return []  # E001 and the connection itself are judged elsewhere
    if apart <= CLOCK_SECONDS:
        return []
    said = f"The clocks of PostgreSQL and of this machine are {apart:.0f} s apart."
    return [Warning(said, hint="Run NTP on both.", id="sop_portal.W008")]


def register_deploy_checks() -> None:
    """Register all of them; they run with `check --deploy`, that of the clock with `--database default` besides."""
    for check in (check_roles, check_hosts, check_redis, check_static_files, check_https):
        register(check, Tags.security, deploy=True)
    register(check_clock, Tags.database, deploy=True)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
