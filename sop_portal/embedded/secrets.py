"""Passwords of the embedded servers and the local signing key, in files that only their owner reads."""

import json
import os
import secrets
from pathlib import Path

from sop_portal.embedded.locations import base

ROLES = ("sop_root", "sop_owner", "sop_app", "redis")


def local_secret() -> str:
    """Django's SECRET_KEY of a checkout without one; production sets the variable instead."""
    path = base() / "secret_key"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text()


def passwords(home: Path) -> dict[str, str]:
    """One password per role of the servers in ``home``, made at the first call."""
    path = home / "passwords.json"
    if not path.exists():
        write_private(path, json.dumps({role: secrets.token_urlsafe(24) for role in ROLES}))
    found: dict[str, str] = json.loads(path.read_text())
    return found


def write_private(path: Path, text: str) -> None:
    """Write ``path`` whole or not at all, readable by its owner only (0600 from its first moment)."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
