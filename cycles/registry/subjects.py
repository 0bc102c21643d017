"""What people may talk about, told by the apps that hold it: kind of a subject, and how a key finds its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cycles.errors import UnknownEntry
from cycles.registry import _add

if TYPE_CHECKING:
    from cycles.models import Plan


@dataclass(frozen=True, slots=True)
class Place:
    """What a subject's key leads to. `label` names it by codes and names, never by values; `path` is its page.

    `families`, `markets`: ids in which it lies, None = not narrowed. Whoever has a role and a scope that meets both
    may see it and its conversation.
    """

    label: str
    path: str
    families: frozenset[int] | None = None
    markets: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Something people may talk about.

    `find` turns a plan and a key into its place; None for a key that names nothing in this plan. It judges no rights:
    the place says where it lies, and `cycles.services.subjects` compares that with a person's scope.
    """

    kind: str
    title: str
    find: Callable[[Plan, str], Place | None]


_subjects: dict[str, Subject] = {}


def register_subject(subject: Subject) -> None:
    """Add something that people may talk about; a duplicate kind is a start-up error."""
    _add(_subjects, subject.kind, subject, "Subject")


def subject_named(kind: str) -> Subject:
    """Return the subject of a kind.

    Raises:
        UnknownEntry: no app registered it.
    """
    try:
        return _subjects[kind]
    except KeyError:
        raise UnknownEntry(f"Nobody registered {kind!r} as something to talk about.") from None


def subjects() -> tuple[Subject, ...]:
    """Return all subjects by kind."""
    return tuple(_subjects[kind] for kind in sorted(_subjects))
