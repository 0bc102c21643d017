"""One exception of a demand plan as people see it: where, why, how many dollars, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlencode

from demand.models import ExceptionAnswer, ExceptionKind


class ExceptionState(StrEnum):
    """How far the answering is; only the last needs nothing more."""

    OPEN = "open"
    ASKED = "asked"
    CHANGING = "changing"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Spot:
    """Where an exception lies: a family or an item of it, in a market, by id and code. `item_id` is None for a family.

    `lead_id`, `lead`: the item with the most dollars in it, where the plan would be changed first.
    """

    family_id: int
    market_id: int
    family: str
    market: str
    item_id: int | None = None
    item: str = ""
    lead_id: int | None = None
    lead: str = ""

    @property
    def subject(self) -> str:
        """The place in codes; with the kind it names the exception through all runs of the plan."""
        return f"{self.item or self.family} · {self.market}"


@dataclass(frozen=True)
class Stake:
    """Dollars at stake: signed cents of the reporting currency at the plan's net prices, positive = plan is higher.

    `unpriced_milli` have no price and are not in `cents`: then the dollars cannot be said as a whole.
    """

    cents: int
    unpriced_milli: int = 0

    @property
    def whole_cents(self) -> int | None:
        """The dollars, None while part of them is not known."""
        return None if self.unpriced_milli else self.cents


@dataclass(frozen=True)
class DemandException:
    """Something a planner should look at.

    `why` compares in one sentence; `months` are the month numbers meant, () for the year as a whole. `is_asked`: large
    enough (or without a price) that the stage waits for an answer. `answer` is the last word given, `state` what it is
    worth now; `answered_by`, `answer_text` say who settled it and how.
    """

    kind: ExceptionKind
    spot: Spot
    title: str
    why: str
    stake: Stake
    months: tuple[int, ...] = ()
    is_asked: bool = False
    state: ExceptionState = ExceptionState.OPEN
    answer: ExceptionAnswer | None = None
    answered_by: str = ""
    answer_text: str = ""

    @property
    def code(self) -> str:
        """The kind as answers keep it."""
        return self.kind.value

    @property
    def subject(self) -> str:
        """The place in codes."""
        return self.spot.subject

    @property
    def key(self) -> str:
        """The exception in an address and as a subject of conversations: kind, family, item (0 = none), market."""
        spot = self.spot
        return f"{self.kind.name.lower()}-{spot.family_id}-{spot.item_id or 0}-{spot.market_id}"

    @property
    def query(self) -> str:
        """The exception as the query of an address."""
        return urlencode({"code": self.code, "subject": self.subject, "key": self.key})

    @property
    def money_cents(self) -> int:
        """The known dollars at stake, signed."""
        return self.stake.cents

    @property
    def item(self) -> str:
        """Code of the item, '' where the exception is about a family."""
        return self.spot.item

    @property
    def is_open(self) -> bool:
        """Whether it still needs somebody's word."""
        return self.state != ExceptionState.ANSWERED

    def settled(
        self, state: ExceptionState, answer: ExceptionAnswer | None, *, by: str = "", text: str = ""
    ) -> DemandException:
        """The same exception in another state of answering."""
        return replace(self, state=state, answer=answer, answered_by=by, answer_text=text)
