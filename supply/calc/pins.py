"""Judge a pin against what may be fixed: pure rules, no database."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PinTarget:
    """What a pin is about: ``made`` and ``bought`` whether the item can be made at the site and is bought;
    ``month`` number from 0 and ``horizon`` of the plan; ``quantity`` milli-units or milli-hours, None to release;
    ``quantum`` the planning step in the same unit."""

    made: bool
    bought: bool
    month: int
    horizon: int
    quantity: int | None
    quantum: int


def pin_fault(kind: str, target: PinTarget) -> str:
    """Why the pin is refused, '' when it may be recorded."""
    if not 0 <= target.month < target.horizon:
        return "the month is outside the plan"
    if target.quantity is not None and target.quantity < 0:
        return "a quantity cannot be negative"
    if target.quantity is not None and target.quantity % target.quantum:
        return f"the item is planned in steps of {target.quantum / 1000:g}"
    if kind == "make" and not target.made:
        return "the item cannot be made at this site"
    if kind == "buy" and not target.bought:
        return "the item is not bought"
    return ""
