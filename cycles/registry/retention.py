"""What is not kept for ever, as data: after how many days it may go, and who lets it go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cycles.registry import _add


@dataclass(frozen=True, slots=True)
class Retention:
    """Rows that are kept for some days. `forget` deletes those that ended before a moment and returns how many.

    It takes a bounded bite and leaves whatever something kept still points to. Ledgers, audit, sign-offs and snapshots
    are no such rows: they are kept for ever.
    """

    name: str
    days: int
    forget: Callable[[datetime], int]


_retentions: dict[str, Retention] = {}


def register_retention(retention: Retention) -> None:
    """Add rows to forget; a duplicate name is a start-up error."""
    _add(_retentions, retention.name, retention, "Retention")


def retentions() -> tuple[Retention, ...]:
    """Return all retentions by name."""
    return tuple(_retentions[name] for name in sorted(_retentions))
