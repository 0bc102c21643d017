"""Other ways into the portal than a person's roles, told by the apps that open them: keys of machines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from cycles.registry import _add


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One way in, as the access review lists it. `concern` says what a reviewer should look at, '' when nothing."""

    holder: str
    may: str
    given_by: str
    ends_at: datetime | None
    last_used_at: datetime | None
    is_open: bool
    concern: str = ""


@dataclass(frozen=True, slots=True)
class AccessSource:
    """A list of ways in: its title and its lines, now."""

    name: str
    title: str
    lines: Callable[[], Iterable[AccessLine]]


_sources: dict[str, AccessSource] = {}


def register_access_source(source: AccessSource) -> None:
    """Add a list to the access review; a duplicate name is a start-up error."""
    _add(_sources, source.name, source, "Access source")


def access_sources() -> tuple[AccessSource, ...]:
    """Return the lists by name."""
    return tuple(_sources[name] for name in sorted(_sources))
