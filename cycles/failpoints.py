"""Named points where a test lets a process die, fail or wait; they do nothing unless SOP_FAILPOINTS names them.

    SOP_FAILPOINTS="landing.half_written=kill, ledger.appended=sleep:2@3"

`kill` is SIGKILL to the own process, `raise` a defect, `sleep:S` a pause of S seconds, `note` only leaves a mark. `@N`:
at the N-th time that a process comes by, else at every time. With SOP_FAILPOINTS_DIR, a folder, each point acts once
over all processes, and the file named after it tells when.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

#: Every point, and how far things are when a process comes by.
POINTS: Mapping[str, str] = {
    "run.claimed": "a worker has taken a run and computed nothing yet",
    "run.computed": "the result is in memory, nothing of it is written",
    "run.published": "result and success are written, not committed",
    "run.committed": "the result is committed, the worker has not put the run down",
    "run.wake_up": "a request for a run is committed, no worker was told",
    "import.staged": "a file is checked and kept, its application is not asked for",
    "import.half_applied": "the tables of a file are written; audit row and rates revision are not",
    "baseline.half_written": "the old series are gone and the new ones there; baseline version and forecasts are not",
    "supply.half_written": "supply and shipments are written; loads and shortages are not",
    "landing.half_written": "dollars are written; bridge leaves, stock value and cash are not",
    "ledger.appended": "an edit has its lines, the consensus has not moved",
    "stage.half_approved": "a stage is approved; nothing follows yet, neither the next stage nor the snapshot",
    "snapshot.half_frozen": "a snapshot has its root and no rows",
    "cycle.half_carried": "the next cycle has taken over a part of the approved plan",
}
ORDER = re.compile(r"^(?P<action>kill|raise|note|sleep:(?P<seconds>\d+(\.\d+)?))(@(?P<reach>[1-9]\d*))?$")


class FailpointReached(RuntimeError):
    """What a point with the order `raise` does."""


@dataclass(frozen=True, slots=True)
class Order:
    """What happens at a point: `action` kill, raise, sleep or note; at the `reach`-th time, 0 for every time."""

    action: str
    seconds: float
    reach: int
    folder: Path | None


_orders: dict[str, Order] = {}
_reached: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Come by a point: one look into an empty dict, unless a test has given an order for it.

    Raises:
        FailpointReached: so ordered.
    """
    order = _orders.get(name)
    if order is not None:
        _obey(name, order)


def arm(orders: str, *, folder: str = "", in_production: bool = False) -> None:
    """Take the orders of SOP_FAILPOINTS, replacing earlier ones; empty text disarms every point.

    Raises:
        ImproperlyConfigured: an unknown point, an order that is none, `note` without a folder, or any order at all
            under production settings. A process with a wrong order does not start.
    """
    if orders and in_production:
        raise ImproperlyConfigured("SOP_FAILPOINTS kills processes on purpose; it has no place beside SOP_HTTPS.")
    read = [_order(part.strip(), folder) for part in orders.split(",") if part.strip()]
    _orders.clear()
    _orders.update(read)
    _reached.clear()


def _order(text: str, folder: str) -> tuple[str, Order]:
    name, _, words = text.partition("=")
    if name not in POINTS:
        raise ImproperlyConfigured(f"SOP_FAILPOINTS: there is no point {name!r}; there are {', '.join(POINTS)}.")
    match = ORDER.match(words)
    if match is None:
        raise ImproperlyConfigured(f"SOP_FAILPOINTS: {words!r} is none of kill, raise, sleep:SECONDS, note (with @N).")
    action = match["action"].partition(":")[0]
    if action == "note" and not folder:
        raise ImproperlyConfigured("SOP_FAILPOINTS: a note needs a folder, SOP_FAILPOINTS_DIR.")
    return name, Order(action, float(match["seconds"] or 0), int(match["reach"] or 0), Path(folder) if folder else None)


def _obey(name: str, order: Order) -> None:
    _reached[name] += 1
    if order.reach not in (0, _reached[name]) or not _is_first(name, order.folder):
        return
    if order.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if order.action == "raise":
        raise FailpointReached(name)
    time.sleep(order.seconds)


def _is_first(name: str, folder: Path | None) -> bool:
    """Leave the mark of a point; False when another process was here before."""
    if folder is None:
        return True
    try:
        (folder / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
