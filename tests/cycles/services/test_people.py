"""Who people are: roles, scopes, service users that cannot log in, memberships with audit."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from catalog.models import Family, Market
from cycles.errors import NotAllowedNow, NotAllowedToYou, UnknownEntry
from cycles.models import AuditRow, Membership, User
from cycles.policy import Action, Role
from cycles.selectors import Scope, roles_of, scope_of, service_user, visible_to
from cycles.services.access import authorise, is_allowed
from cycles.services.audit import record_audit
from cycles.services.cycles import open_cycle
from cycles.services.people import ensure_service_users, grant_membership, withdraw_membership
from tests.cast import PASSWORD, Cast, make_cast
from tests.cycles.stand_ins import alone
from tests.small_company import small_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_one_service_user_per_role_and_none_can_log_in(cast: Cast) -> None:
    ensure_service_users()
    assert User.objects.filter(is_service=True).count() == len(Role)
    for role in Role:
        user = service_user(role)
        assert roles_of(user) == {role}
        assert not user.has_usable_password()
        assert authenticate(username=user.username, password="") is None
    with pytest.raises(IntegrityError, match="user_service_has_no_password"), transaction.atomic():
        user.set_password(PASSWORD)
        user.save()


def test_a_disabled_user_has_no_role_at_once(cast: Cast) -> None:
    cast.finance.is_active = False
    cast.finance.save()
    assert roles_of(User.objects.get(pk=cast.finance.pk)) == frozenset()
    with pytest.raises(NotAllowedToYou):
        authorise(actor=User.objects.get(pk=cast.finance.pk), action=Action.VIEW)


def test_strangers_see_no_plan(cast: Cast) -> None:
    with alone():
        plan = open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)
    assert list(visible_to(cast.viewer)) == [plan]
    assert not visible_to(cast.outsider).exists()
    assert not visible_to(AnonymousUser()).exists()
    assert is_allowed(actor=cast.finance, action=Action.SUBMIT_STAGE, plan=plan)
    with pytest.raises(NotAllowedNow, match="Demand stage is not started"):
        authorise(actor=cast.demand_planner, action=Action.EDIT_DEMAND, plan=plan)


def test_a_scoped_membership_opens_a_rectangle(cast: Cast) -> None:
    small_company()
    family, market = Family.objects.earliest("pk"), Market.objects.earliest("pk")
    grant_membership(
        user=cast.outsider, role=Role.DEMAND_PLANNER, actor=cast.admin, families=[family.pk], markets=[market.pk]
    )
    scope = scope_of(cast.outsider)
    assert not scope.is_everything
    assert scope.allows(family.pk, market.pk)
    assert not scope.allows(family.pk, market.pk + 1)
    inside = scope.mask(np.array([family.pk, family.pk, -1]), np.array([market.pk, -1, market.pk]))
    assert inside.tolist() == [True, False, False]
    assert Family.objects.filter(scope_of(cast.viewer).condition()).count() == Family.objects.count()
    assert not Family.objects.filter(Scope(()).condition()).exists()


def test_scopes_add_up_and_nothing_is_nothing() -> None:
    families, markets = np.array([1, 2, 3]), np.array([7, 8, 9])
    two = Scope(((frozenset({1}), None), (None, frozenset({9}))))
    assert two.mask(families, markets).tolist() == [True, False, True]
    assert Scope(()).mask(families, markets).tolist() == [False, False, False]
    assert Scope(((None, None),)).is_everything


def test_memberships_are_given_and_taken_by_an_admin_with_audit(cast: Cast) -> None:
    with pytest.raises(NotAllowedToYou):
        grant_membership(user=cast.outsider, role=Role.FINANCE, actor=cast.finance)
    grant_membership(user=cast.outsider, role=Role.FINANCE, actor=cast.admin)
    withdraw_membership(user=cast.outsider, role=Role.FINANCE, actor=cast.admin)
    withdraw_membership(user=cast.outsider, role=Role.FINANCE, actor=cast.admin)
    codes = AuditRow.objects.filter(subject="outsider").values_list("code", flat=True)
    assert list(codes) == ["cycles.membership.granted", "cycles.membership.withdrawn"]
    assert not Membership.objects.filter(user=cast.outsider).exists()


def test_an_unregistered_audit_code_is_refused(cast: Cast) -> None:
    with pytest.raises(UnknownEntry):
        record_audit(actor=cast.finance, code="cycles.never.heard")
    with pytest.raises(UnknownEntry):
        record_audit(actor=cast.finance, code="cycles.cycle.opened", during={"x": 1})
