"""How far answers reach: what is left of a gap after named adjustments and expected actions. Plain integers, cents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reach:
    """A node's gap and what answers it by amount. Cents, signed as gap = landing − reference.

    `limit` is the threshold of the node; a gap of exactly the limit is within it.
    """

    gap: int
    adjusted: int
    expected: int
    limit: int

    @property
    def left(self) -> int:
        """gap + adjustments + expected actions: what nothing answers yet."""
        return self.gap + self.adjusted + self.expected

    @property
    def needs_answer(self) -> bool:
        """Whether the gap of the operating landing is over the limit."""
        return abs(self.gap) > self.limit

    @property
    def is_reached(self) -> bool:
        """Whether the amounts bring the node within its limit."""
        return abs(self.left) <= self.limit


def threshold_cents(*, amount: int, fraction_ppm: int, reference: int) -> int:
    """max(amount, fraction × |reference|) in cents, the fraction in millionths, rounded down (FORMULAS §2)."""
    return max(amount, fraction_ppm * abs(reference) // 1_000_000)


def is_decision_current(*, gap: int, decided: int | None, limit: int) -> bool:
    """Whether a decision about `decided` cents still covers a gap: it has not moved by more than the limit since.

    A decision without an amount was about the node as such and covers it.
    """
    return decided is None or abs(gap - decided) <= limit
