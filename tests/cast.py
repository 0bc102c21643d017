"""The fixed cast of the tests: one person per role, seconds where four eyes are needed, a viewer and an outsider."""

from __future__ import annotations

from dataclasses import dataclass, fields

from cycles.models import Membership, User
from cycles.policy import Role
from cycles.services.people import ensure_service_users

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Cast:
    """Everybody who acts in tests; usernames are the field names, the password is PASSWORD."""

    demand_planner: User
    demand_planner2: User
    supply_planner: User
    supply_planner2: User
    finance: User
    finance2: User
    executive: User
    admin: User
    viewer: User
    outsider: User


ROLES = {
    "demand_planner": Role.DEMAND_PLANNER,
    "demand_planner2": Role.DEMAND_PLANNER,
    "supply_planner": Role.SUPPLY_PLANNER,
    "supply_planner2": Role.SUPPLY_PLANNER,
    "finance": Role.FINANCE,
    "finance2": Role.FINANCE,
    "executive": Role.EXECUTIVE,
    "admin": Role.ADMIN,
    "viewer": Role.VIEWER,
}


def make_cast() -> Cast:
    """Create the cast (and the service users, should a test have lost them); a second call returns the same people."""
    names = [field.name for field in fields(Cast)]
    found = {user.username: user for user in User.objects.filter(username__in=names)}
    if len(found) < len(names) or Membership.objects.count() < len(ROLES) + len(Role):
        ensure_service_users()
        found = {name: _person(name) for name in names}
    return Cast(**{name: found[name] for name in names})


def _person(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        user = User.objects.create_user(username=name, password=PASSWORD, first_name=name.replace("_", " ").title())
    if name in ROLES:
        Membership.objects.get_or_create(user=user, role=ROLES[name].value)
    return user
