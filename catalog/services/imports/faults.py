"""The faults of one step: the first ones in full, all of them counted, however many rows are wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from catalog.registry import Fault

KEPT_FAULTS = 200
Place = TypeVar("Place")


class FaultList(list[Fault]):
    """The first faults of a step; `hidden` more were found and only counted."""

    def __init__(self, faults: Iterable[Fault] = (), hidden: int = 0) -> None:
        super().__init__(faults)
        self.hidden = hidden

    @property
    def total(self) -> int:
        """How many faults there are in all."""
        return len(self) + self.hidden


def faults_at(places: Sequence[Place], fault_of: Callable[[Place], Fault]) -> FaultList:
    """One fault per place, built for the first `KEPT_FAULTS` places only."""
    return FaultList((fault_of(place) for place in places[:KEPT_FAULTS]), max(0, len(places) - KEPT_FAULTS))


def united(lists: Iterable[list[Fault]]) -> FaultList:
    """The faults of several lists in the order of their rows, cut to the first `KEPT_FAULTS`."""
    found = list(lists)
    every = sorted((fault for faults in found for fault in faults), key=lambda fault: fault.row)
    hidden = sum(faults.hidden for faults in found if isinstance(faults, FaultList))
    return FaultList(every[:KEPT_FAULTS], hidden + max(0, len(every) - KEPT_FAULTS))
