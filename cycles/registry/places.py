"""Pages about the portal itself that a higher app adds to the rail, as data: a name, an address, who finds it there."""

from __future__ import annotations

from dataclasses import dataclass

from cycles.policy import Action
from cycles.registry import _add


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the rail under Records, for those whose roles allow `action`; `url_name` takes no argument."""

    name: str
    url_name: str
    icon: str
    action: Action


_places: dict[str, Place] = {}


def register_place(place: Place) -> None:
    """Add a line; a second one to the same address is a start-up error."""
    _add(_places, place.url_name, place, "Place")


def places() -> tuple[Place, ...]:
    """Return all places in the order of their names."""
    return tuple(sorted(_places.values(), key=lambda place: place.name))
