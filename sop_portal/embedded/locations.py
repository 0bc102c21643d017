"""Where the embedded servers of one checkout keep their files."""

import hashlib
import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LOCAL = CHECKOUT / ".data"
STATE = Path("/var/lib/sop-portal")  # as root: PostgreSQL runs as another user, who may not enter the checkout


def base() -> Path:
    """The folder of all homes of this checkout; as root in the system's state directory, noted in ``.data/where``."""
    LOCAL.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() != 0:
        return LOCAL
    STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder = STATE / hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
    folder.mkdir(mode=0o711, exist_ok=True)
    note = LOCAL / "where"
    if not note.exists() or note.read_text().strip() != str(folder):
        note.write_text(f"{folder}\n")
    return folder


def home(name: str) -> Path:
    """The folder of one pair of servers: ``name`` is the port of the portal, or ``test``."""
    folder = base() / name
    folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
    return folder


def own_home() -> Path:
    """The home that this process belongs to: ``SOP_HOME`` when a supervisor or a test says so, else that of ``PORT``."""
    return home(os.environ.get("SOP_HOME") or os.environ.get("PORT") or "8000")
