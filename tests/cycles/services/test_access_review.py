"""The access review: what it says of everybody, what a reviewer should look at, and that somebody has looked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing
from cycles.models import User
from cycles.policy import Role
from cycles.selectors import stage_of
from cycles.services.access_review import ReviewLine, access_review, last_access_review, sign_access_review
from cycles.services.accounts import switch_off
from cycles.services.cycles import open_cycle
from cycles.services.people import grant_membership
from cycles.services.stages import approve_stage, assign_stage, submit_stage
from cycles.workflow import StageKind
from integrations.models import Scope
from integrations.services.keys import KeyWish, issue_key
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _stand_ins() -> Iterator[None]:
    with alone():
        yield


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def line_of(user: User) -> ReviewLine:
    return next(line for line in access_review().lines if line.person == user)


def test_it_says_what_each_may_and_what_they_approved(cast: Cast) -> None:
    plan = open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)
    stage = stage_of(plan, StageKind.DATA)
    submit_stage(stage_id=stage.pk, actor=cast.demand_planner)
    approve_stage(stage_id=stage.pk, actor=cast.finance)
    line = line_of(cast.finance)
    assert (line.roles, line.approved, line.concerns) == ((("Finance", "all families × all markets"),), ("Data",), ())
    assert line.last_act is not None
    assert line_of(cast.viewer).last_act is None


def test_it_points_at_what_should_be_looked_at(cast: Cast) -> None:
    plan = open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)
    grant_membership(user=cast.executive, role=Role.FINANCE, actor=cast.admin)
    User.objects.filter(pk=cast.viewer.pk).update(date_joined=timezone.now() - timedelta(days=91))
    User.objects.filter(pk=cast.supply_planner.pk).update(
        date_joined=timezone.now() - timedelta(days=400), last_login=timezone.now() - timedelta(days=90)
    )
    assign_stage(stage_id=stage_of(plan, StageKind.SUPPLY).pk, actor=cast.finance, owner=cast.supply_planner2)
    switch_off(person_id=cast.supply_planner2.pk, reason="Left", actor=cast.admin)
    assert line_of(cast.executive).concerns == ("may edit and approve Pre-S&OP",)
    assert line_of(cast.viewer).concerns == ("unused for 91 days",)
    assert line_of(cast.supply_planner).concerns == ("unused for 90 days",)
    assert line_of(cast.supply_planner2).concerns == ("switched off, but still owns 1 open points",)
    assert line_of(cast.outsider).concerns == ("has no role",)


def test_keys_of_machines_are_ways_in_too(cast: Cast) -> None:
    soon = timezone.now() + timedelta(days=29)
    for name, ends in (("erp", None), ("bi", soon)):
        issue_key(wish=KeyWish(name, [Scope.READ_PLANS], expires_at=ends), actor=cast.admin)
    found = dict(access_review().others)["Keys of machines"]
    assert [(row.holder.split()[0], row.concern) for row in found] == [("bi", "ends soon"), ("erp", "")]
    assert found[0].may == "plans:read from any address"


def test_a_review_is_signed_by_somebody_who_does_not_set_people_up(cast: Cast) -> None:
    review = access_review()
    with pytest.raises(NotAllowedToYou):
        sign_access_review(digest=review.digest, comment="All well", actor=cast.admin)
    with pytest.raises(ReasonMissing):
        sign_access_review(digest=review.digest, comment="", actor=cast.finance)
    sign_access_review(digest=review.digest, comment="Looked at all", actor=cast.finance)
    last = last_access_review()
    assert last is not None
    assert (last.actor, last.reason) == (cast.finance, "Looked at all")
    assert last.after == {"people": len(review.lines), "concerns": review.concern_count, "state": review.digest}


def test_access_that_moved_meanwhile_is_not_signed(cast: Cast) -> None:
    digest = access_review().digest
    grant_membership(user=cast.outsider, role=Role.VIEWER, actor=cast.admin)
    with pytest.raises(NotAllowedNow, match="changed while you looked"):
        sign_access_review(digest=digest, comment="All well", actor=cast.finance)


def test_queries_do_not_grow_with_people(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            access_review()
        return len(seen)

    before = queries()
    for number in range(5):
        person = User.objects.create(username=f"more{number}")
        grant_membership(user=person, role=Role.VIEWER, actor=cast.admin)
    assert queries() == before
