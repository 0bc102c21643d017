"""Subjects as people see them: where a key leads, who may look at it, who may be named there."""

from __future__ import annotations

from django.db.models import Prefetch

from cycles.calc.mentions import normal_name
from cycles.errors import UnknownEntry
from cycles.models import Membership, Plan, User
from cycles.policy import Role
from cycles.registry.subjects import Place, subject_named
from cycles.selectors import scope_from, scope_of

MEMBERSHIPS = Prefetch("memberships", Membership.objects.prefetch_related("families", "markets"))


def find_place(plan: Plan, kind: str, key: str) -> Place | None:
    """Return where a subject's key leads in a plan; None for a kind nobody registered or a key that names nothing."""
    try:
        subject = subject_named(kind)
    except UnknownEntry:
        return None
    return subject.find(plan, key)


def place_for(user: User, *, plan: Plan, kind: str, key: str) -> Place | None:
    """Return the place of a subject if this person may see it; an unknown and a hidden one are both None."""
    place = find_place(plan, kind, key)
    return place if place is not None and scope_of(user).meets(place.families, place.markets) else None


def people_who_see(place: Place) -> list[User]:
    """Return the people who may see a place, by name: active, with a role, their scope meeting it; no service users.

    Four queries however many people there are.
    """
    people = User.objects.filter(is_active=True, is_service=False, memberships__isnull=False).distinct()
    seen = people.prefetch_related(MEMBERSHIPS).order_by("first_name", "last_name", "username")
    return [user for user in seen if scope_from(user.memberships.all()).meets(place.families, place.markets)]


def by_name(people: list[User]) -> dict[str, User]:
    """Return people by their username as mentions compare it."""
    return {normal_name(user.username): user for user in people}


def role_names(user: User) -> str:
    """Return the roles of a person in words; memberships that were prefetched are not read again."""
    return ", ".join(Role(membership.role).label for membership in user.memberships.all())
