"""Who works at the demo company: one login per role, with a password that is printed."""

from __future__ import annotations

from cycles.models import User
from cycles.policy import Role
from cycles.selectors import service_user
from cycles.services.people import ensure_service_users, grant_membership

PASSWORD = "hearthside-demo"
PEOPLE: tuple[tuple[Role, str, str, str], ...] = (
    (Role.DEMAND_PLANNER, "demand.planner", "Dana", "Novak"),
    (Role.SUPPLY_PLANNER, "supply.planner", "Sam", "Okafor"),
    (Role.FINANCE, "finance", "Fiona", "Meyer"),
    (Role.EXECUTIVE, "executive", "Erik", "Lindqvist"),
    (Role.ADMIN, "admin", "Ada", "Ruiz"),
    (Role.VIEWER, "viewer", "Vera", "Chen"),
)


def logins() -> list[tuple[str, str, str]]:
    """Role, user name and password of everybody, as they are printed."""
    return [(role.label, username, PASSWORD) for role, username, _, _ in PEOPLE]


def create_people() -> dict[Role, User]:
    """The people of the demo company by role; created with their membership when absent."""
    ensure_service_users()
    found: dict[Role, User] = {}
    for role, username, first, last in PEOPLE:
        user = User.objects.filter(username=username).first()
        if user is None:
            user = User.objects.create_user(username=username, password=PASSWORD, first_name=first, last_name=last)
        grant_membership(user=user, role=role, actor=service_user(Role.ADMIN))
        found[role] = user
    return found
