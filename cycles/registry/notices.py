"""What people are told, as data: each kind of notification with its sentence and whether it may be switched off."""

from __future__ import annotations

from dataclasses import dataclass

from cycles.errors import UnknownEntry
from cycles.registry import _add


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of notification. `sentence` may use %(actor)s and %(about)s: people and names, never values of a plan.

    `icon` is a file of static/icons. One that is not `is_optional` comes always.
    """

    code: str
    title: str
    sentence: str
    icon: str = "bell"
    is_optional: bool = True


_kinds: dict[str, NoticeKind] = {}


def register_notice(kind: NoticeKind) -> None:
    """Add a kind of notification; a duplicate code is a start-up error."""
    _add(_kinds, kind.code, kind, "Notification kind")


def notice_named(code: str) -> NoticeKind:
    """Return a kind of notification.

    Raises:
        UnknownEntry: no app registered it.
    """
    try:
        return _kinds[code]
    except KeyError:
        raise UnknownEntry(f"There is no notification named {code!r}.") from None


def notices() -> tuple[NoticeKind, ...]:
    """Return all kinds of notifications in the order in which the apps registered them."""
    return tuple(_kinds.values())
