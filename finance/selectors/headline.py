"""The sentence that states the gap: how much, why, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass

from cycles.models import Decision, Plan
from finance.calc.bridge import Driver
from finance.models import Action
from finance.selectors.answers import GAP_CODE, open_actions
from finance.selectors.position import Position

TOP_DRIVERS = 3
TOP_ACTIONS = 3

DRIVER_WORDS = {
    Driver.VOLUME: "volume",
    Driver.MIX: "mix",
    Driver.PRICE: "price",
    Driver.FX: "exchange rates",
    Driver.NEW: "new products",
    Driver.DISCONTINUED: "discontinued products",
    Driver.CONSTRAINT: "supply constraint",
}


@dataclass(frozen=True)
class Headline:
    """The gap in cents and as a fraction (None without a budget), the drivers that make it, and what answers it.

    `drivers` (words, cents), largest first; `actions` the largest three of `action_count`, `recovered` cents of
    revenue that all of them would bring; `decision` is the recorded answer when there are none (to reforecast, for example).
    """

    gap: int | None
    share: float | None
    fiscal_year: int
    currency: str
    drivers: tuple[tuple[str, int], ...]
    actions: tuple[Action, ...]
    action_count: int
    recovered: int
    decision: Decision | None

    @property
    def further_actions(self) -> int:
        """How many open actions the sentence does not name."""
        return self.action_count - len(self.actions)

    @property
    def size(self) -> int:
        """The gap without its sign, cents."""
        return abs(self.gap or 0)

    @property
    def share_size(self) -> float | None:
        """The gap's share of the budget without its sign."""
        return None if self.share is None else abs(self.share)

    @property
    def is_above(self) -> bool:
        """Whether the landing lies above the budget."""
        return (self.gap or 0) > 0

    @property
    def side(self) -> str:
        """Below, above or on budget."""
        if self.gap is None:
            return "without a budget"
        return "on budget" if self.gap == 0 else "above budget" if self.gap > 0 else "below budget"

    @property
    def text(self) -> str:
        """The sentence in plain words, amounts in whole millions with one decimal."""
        if self.gap is None:
            return f"FY{self.fiscal_year} has no budget to compare with."
        share = f" ({abs(self.share):.1%})" if self.share is not None else ""
        first = f"Landing is {_millions(abs(self.gap), self.currency)}{share} {self.side} for FY{self.fiscal_year}"
        why = ", ".join(f"{words} {_signed(cents, self.currency)}" for words, cents in self.drivers)
        return f"{first}: {why}. {self.answer}" if why else f"{first}. {self.answer}"

    @property
    def answer(self) -> str:
        """What is done about it."""
        if self.actions:
            titles = "; ".join(action.title for action in self.actions)
            more = f"; {self.further_actions} more" if self.further_actions else ""
            return f"Open actions worth {_signed(self.recovered, self.currency)}: {titles}{more}."
        if self.decision is not None:
            return f"Decision: {self.decision.choice or self.decision.question}."
        return "No action and no decision yet."


def headline(plan: Plan, position: Position) -> Headline:
    """The headline of a plan whose position is known."""
    largest = sorted(position.drivers.items(), key=lambda entry: -abs(entry[1]))[:TOP_DRIVERS]
    actions = list(open_actions(plan))
    first = sorted(actions, key=lambda action: -abs(action.revenue_cents))[:TOP_ACTIONS]
    return Headline(
        gap=position.gap,
        share=position.gap_share,
        fiscal_year=position.fiscal_year,
        currency=position.currency,
        drivers=tuple((DRIVER_WORDS[driver], cents) for driver, cents in largest if cents),
        actions=tuple(first),
        action_count=len(actions),
        recovered=sum(action.revenue_cents for action in actions),
        decision=plan.decisions.filter(code=GAP_CODE).order_by("subject").first(),
    )


def _millions(cents: int, currency: str) -> str:
    return f"{currency} {cents / 100_000_000:,.1f} M"


def _signed(cents: int, currency: str) -> str:
    return f"{'−' if cents < 0 else '+'}{_millions(abs(cents), currency)}"
