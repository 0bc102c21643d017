"""What a live event says: ids, revisions, states and who is there; never a value or a text of the plan."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import uuid4

from django.conf import settings

Detail = dict[str, int | str | bool | None]


class EventName(StrEnum):
    """Kinds of events. `access` and `mark` stay between processes, a browser never gets them."""

    EDITED = "edited"
    RUN = "run"
    STAGE = "stage"
    IMPORTED = "imported"
    COMMENTED = "commented"
    NOTIFIED = "notified"
    PRESENT = "present"
    ACCESS = "access"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        name: what kind of thing.
        detail: ids, revisions and states that the browser gets.
        plan_id: whom it concerns: those who look at this plan; None = everybody.
        user_ids: only these people; empty = everybody. Not sent to browsers.
        key: the same in every process, so that a reader who reconnects elsewhere can say where it was.
    """

    name: EventName
    detail: Detail = field(default_factory=dict)
    plan_id: int | None = None
    user_ids: frozenset[int] = frozenset()
    key: str = field(default_factory=lambda: uuid4().hex[:16])

    def packed(self) -> bytes:
        """The event as it travels through Redis."""
        body = {"n": self.name, "d": self.detail, "p": self.plan_id, "u": sorted(self.user_ids), "k": self.key}
        return json.dumps(body, separators=(",", ":")).encode()

    @classmethod
    def unpacked(cls, packed: bytes) -> Event:
        """The event of a message.

        Raises:
            ValueError: it is not one of ours, or of another version.
        """
        try:
            body = json.loads(packed)
            return cls(EventName(body["n"]), body["d"], body["p"], frozenset(body["u"]), body["k"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"Not a live event: {packed[:80]!r}") from error

    def concerns(self, *, plan_id: int, user_id: int) -> bool:
        """Whether somebody who looks at this plan is to hear of it."""
        if self.name in (EventName.ACCESS, EventName.MARK):
            return False
        return self.plan_id in (None, plan_id) and (not self.user_ids or user_id in self.user_ids)

    def frame(self) -> bytes:
        """The event as a server-sent event."""
        return frame(self.name, self.detail, key=self.key)


def frame(name: str, detail: Detail, *, key: str = "") -> bytes:
    """One server-sent event: its id when it has one, its name, its detail as JSON in one line."""
    head = f"id: {key}\n" if key else ""
    return f"{head}event: {name}\ndata: {json.dumps(detail, separators=(',', ':'))}\n\n".encode()


def channel() -> str:
    """Name of the channel: one per database, because Redis publishes across its numbered databases."""
    database = settings.DATABASES["default"]
    return f"sop-live:{database.get('HOST', '')}:{database.get('PORT', '')}:{database['NAME']}"
