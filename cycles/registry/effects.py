"""What a taken decision does, as data: some codes of decisions have an effect inside the transaction that takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cycles.registry import _add

if TYPE_CHECKING:
    from cycles.models import Decision, User


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens when a decision of this code is taken: `apply(decision, actor)`, after it was saved.

    It runs in the transaction that takes the decision, under the plan's lock; a `DomainError` leaves the decision open.
    """

    code: str
    apply: Callable[[Decision, User], None]


_effects: dict[str, Effect] = {}


def register_effect(effect: Effect) -> None:
    """Add an effect; a second one of the same code is a start-up error."""
    _add(_effects, effect.code, effect, "Effect of a decision")


def effect_of(code: str) -> Effect | None:
    """Return the effect of decisions of this code; most have none."""
    return _effects.get(code)
