"""Accounts: made, switched off and on, signed out; the last admin stays, and nobody changes their own rights."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.test import Client

from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing, StatementUnfit
from cycles.models import AuditRow, Membership, User
from cycles.policy import Role, conflicts_of
from cycles.selectors import roles_of, service_user
from cycles.services.accounts import change_person, create_person, end_sessions, invite_again, switch_off, switch_on
from cycles.services.people import grant_membership, withdraw_membership
from tests.cast import PASSWORD, Cast, make_cast
from tests.small_company import small_company

pytestmark = pytest.mark.django_db
NAMES = {"first_name": "Nora", "last_name": "Lind", "email": "nora@example.com"}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def told() -> tuple[str, str, object, object]:
    row = AuditRow.objects.latest("id")
    return row.code, row.subject, row.before, row.after


def test_a_new_person_has_neither_password_nor_role(cast: Cast) -> None:
    person = create_person(username="nora", names=NAMES, actor=cast.admin).person
    assert not person.has_usable_password()
    assert roles_of(person) == frozenset()
    assert told() == ("cycles.person.created", "nora", None, {"username": "nora", **NAMES})
    with pytest.raises(StatementUnfit, match="signs in as “NORA” already"):
        create_person(username="NORA", names={}, actor=cast.admin)


@pytest.mark.parametrize("who", ["finance", "demand_planner", "executive", "viewer", "outsider"])
def test_only_an_admin_sets_people_up(cast: Cast, who: str) -> None:
    actor, person = getattr(cast, who), cast.viewer
    acts = (
        lambda: create_person(username="x", names={}, actor=actor),
        lambda: change_person(person_id=person.pk, names=NAMES, actor=actor),
        lambda: invite_again(person_id=person.pk, actor=actor),
        lambda: switch_off(person_id=person.pk, reason="Left", actor=actor),
        lambda: switch_on(person_id=person.pk, actor=actor),
        lambda: end_sessions(person_id=person.pk, actor=actor),
    )
    for act in acts:
        with pytest.raises(NotAllowedToYou):
            act()
    assert not AuditRow.objects.exists()


def test_names_are_changed_with_both_in_the_audit(cast: Cast) -> None:
    old = {"first_name": "Viewer", "last_name": "", "email": ""}
    change_person(person_id=cast.viewer.pk, names=NAMES, actor=cast.admin)
    assert told() == ("cycles.person.changed", "viewer", old, NAMES)
    change_person(person_id=cast.viewer.pk, names=NAMES, actor=cast.admin)
    assert AuditRow.objects.count() == 1


def test_switching_off_ends_sessions_and_roles_at_once(cast: Cast) -> None:
    client, other = Client(), Client()
    client.force_login(cast.viewer)
    other.force_login(cast.finance)
    with pytest.raises(ReasonMissing):
        switch_off(person_id=cast.viewer.pk, reason=" ", actor=cast.admin)
    switch_off(person_id=cast.viewer.pk, reason="Left the company", actor=cast.admin)
    switch_off(person_id=cast.viewer.pk, reason="Again", actor=cast.admin)
    assert client.get("/cycles/people/").status_code == 302
    assert other.get("/cycles/people/").status_code == 200
    assert roles_of(User.objects.get(pk=cast.viewer.pk)) == frozenset()
    assert authenticate(username="viewer", password=PASSWORD) is None
    row = AuditRow.objects.get(code="cycles.person.switched_off")
    assert (row.reason, row.after) == ("Left the company", {"is_active": False, "sessions_ended": 1})
    switch_on(person_id=cast.viewer.pk, actor=cast.admin)
    assert roles_of(User.objects.get(pk=cast.viewer.pk)) == {Role.VIEWER}


def test_the_last_admin_is_neither_switched_off_nor_demoted(cast: Cast) -> None:
    service = service_user(Role.ADMIN)
    with pytest.raises(NotAllowedNow, match="last admin"):
        switch_off(person_id=cast.admin.pk, reason="x", actor=service)
    with pytest.raises(NotAllowedNow, match="last admin"):
        withdraw_membership(user=cast.admin, role=Role.ADMIN, actor=service)
    grant_membership(user=cast.outsider, role=Role.ADMIN, actor=cast.admin)
    withdraw_membership(user=cast.admin, role=Role.ADMIN, actor=cast.outsider)
    assert not Membership.objects.filter(user=cast.admin).exists()
    with pytest.raises(NotAllowedNow, match="last admin"):
        switch_off(person_id=cast.outsider.pk, reason="x", actor=service)


def test_nobody_changes_their_own_rights_and_nobody_a_service_user(cast: Cast) -> None:
    service, me = service_user(Role.FINANCE), cast.admin
    for act in (
        lambda: grant_membership(user=me, role=Role.EXECUTIVE, actor=me),
        lambda: withdraw_membership(user=me, role=Role.ADMIN, actor=me),
        lambda: switch_on(person_id=me.pk, actor=me),
        lambda: invite_again(person_id=me.pk, actor=me),
        lambda: grant_membership(user=service, role=Role.EXECUTIVE, actor=me),
        lambda: switch_off(person_id=service.pk, reason="x", actor=me),
        lambda: invite_again(person_id=service.pk, actor=me),
    ):
        with pytest.raises(NotAllowedToYou):
            act()
    assert not AuditRow.objects.exists()


def test_limits_are_told_before_and_after(cast: Cast) -> None:
    company = small_company()
    chairs, lamps = company.families["CHAIRS"].pk, company.families["LAMPS"].pk
    for families in ([chairs], [lamps], [lamps]):
        grant_membership(user=cast.outsider, role=Role.DEMAND_PLANNER, actor=cast.admin, families=families)
    told_rows = list(AuditRow.objects.values_list("before", "after"))
    assert [after["families"] for _, after in told_rows] == [["CHAIRS"], ["LAMPS"]]
    assert told_rows[1][0] == told_rows[0][1]


def test_a_link_sets_the_password_once_and_ends_the_old_one(cast: Cast) -> None:
    Client().force_login(cast.viewer)
    invitation = invite_again(person_id=cast.viewer.pk, actor=cast.admin)
    assert authenticate(username="viewer", password=PASSWORD) is None
    assert not Session.objects.exists()
    client, path = Client(), f"/set-password/{invitation.uid}/{invitation.token}/"
    form = client.get(path)
    assert form.status_code == 302
    assert invitation.token not in form["Location"]
    new = "quite another battery staple"
    assert client.post(form["Location"], {"new_password1": new, "new_password2": new})["Location"] == "/login/"
    assert authenticate(username="viewer", password=new) == cast.viewer
    assert told() == ("cycles.person.password_set", "viewer", None, None)
    assert b"no longer works" in Client().get(path, follow=True).content


@pytest.mark.parametrize(
    ("roles", "conflicts"),
    [
        ((), ()),
        ((Role.FINANCE,), ()),
        ((Role.VIEWER, Role.EXECUTIVE), ()),
        ((Role.ADMIN, Role.VIEWER), ()),
        ((Role.ADMIN, Role.FINANCE), ("sets up people and plans or approves",)),
        ((Role.DEMAND_PLANNER, Role.FINANCE), ("may edit and approve Demand",)),
        ((Role.FINANCE, Role.EXECUTIVE), ("may edit and approve Pre-S&OP",)),
        (
            (Role.DEMAND_PLANNER, Role.SUPPLY_PLANNER, Role.FINANCE),
            ("may edit and approve Demand", "may edit and approve Supply"),
        ),
    ],
)
def test_two_sides_in_one_hand_are_named(roles: tuple[Role, ...], conflicts: tuple[str, ...]) -> None:
    assert conflicts_of(roles) == conflicts
