"""Who still owes what: limits, families looked at, reminders; each word once."""

from __future__ import annotations

import pytest

from cycles.errors import NotAllowedNow, NotAllowedToYou
from cycles.models import Assumption, AuditRow, Notification
from cycles.selectors import Scope
from cycles.services.notifications import sentence_of
from cycles.workflow import StageKind, StageStatus
from demand.models import FamilyConfirmation
from demand.services.owed import owed_in, unseen_families
from demand.services.review_words import confirm_family, remind
from tests.demand.scene import Scene, make_scene, one, sell

pytestmark = pytest.mark.django_db
OAK, NORTH = "CHAIR-OAK", "NORTH/DIRECT"
ALL = Scope(((None, None),))


@pytest.fixture
def scene() -> Scene:
    """20 oak chairs a month were sold, 100 chairs are planned: one exception of the chairs in the north."""
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24})
    made.company.company.exception_amount_cents = 100_00
    made.company.company.save()
    return made


def test_each_planner_owes_what_lies_in_their_limits(scene: Scene) -> None:
    second = scene.cast.demand_planner2
    second.memberships.get().families.add(scene.company.families["LAMPS"])
    Assumption.objects.create(plan=scene.plan, code="a", text="No strike", owner=second, recorded_by=second)
    owed = owed_in(scene.plan, scope=ALL)
    first, other = owed.people
    assert (str(first.person), first.limits, first.exceptions) == ("Demand Planner", "everything", 1)
    assert first.exception_cents == owed.exception_cents and first.families == ("CHAIRS", "LAMPS")
    assert (other.limits, other.exceptions, other.families, other.assumptions) == ("LAMPS", 0, ("LAMPS",), ("a",))
    assert (owed.exceptions, owed.orphans) == (1, 0)
    scene.cast.demand_planner.memberships.get().families.add(scene.company.families["LAMPS"])
    assert owed_in(scene.plan, scope=ALL).orphans == 1  # nobody is left for chairs


def test_a_family_is_seen_by_an_edit_or_a_word_until_the_baseline_moves(scene: Scene) -> None:
    lamps = scene.company.families["LAMPS"]
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000))
    assert unseen_families(scene.plan) == [(lamps.pk, "LAMPS")]
    scene.plan.refresh_from_db()
    for _ in range(2):
        confirm_family(plan=scene.plan, family_id=lamps.pk, actor=scene.cast.demand_planner)
    assert FamilyConfirmation.objects.count() == 1 and unseen_families(scene.plan) == []
    assert AuditRow.objects.filter(code="demand.family.confirmed").count() == 1
    scene.plan.baseline_version += 1
    assert unseen_families(scene.plan) == [(lamps.pk, "LAMPS")]


def test_only_planners_confirm_and_only_inside_their_limits_while_the_stage_is_open(scene: Scene) -> None:
    lamps, planner = scene.company.families["LAMPS"].pk, scene.cast.demand_planner
    with pytest.raises(NotAllowedToYou):
        confirm_family(plan=scene.plan, family_id=lamps, actor=scene.cast.finance)
    planner.memberships.get().families.add(scene.company.families["CHAIRS"])
    with pytest.raises(NotAllowedToYou):
        confirm_family(plan=scene.plan, family_id=lamps, actor=planner)
    scene.plan.stages.filter(kind=StageKind.DEMAND.value).update(status=StageStatus.NOT_STARTED.value)
    with pytest.raises(NotAllowedNow):
        confirm_family(plan=scene.plan, family_id=lamps, actor=scene.cast.demand_planner2)
    with pytest.raises(NotAllowedNow):
        remind(plan=scene.plan, person=planner, actor=scene.cast.finance)


def test_a_reminder_is_told_once_a_day_and_only_to_who_owes(scene: Scene) -> None:
    planner = scene.cast.demand_planner
    assert [remind(plan=scene.plan, person=planner, actor=scene.cast.finance) for _ in range(2)] == [True, False]
    told = Notification.objects.get(recipient=planner)
    assert sentence_of(told) == "Finance reminds you of what you still owe in the demand review of 2014-01"
    assert AuditRow.objects.get(code="demand.review.reminded").subject == "demand_planner"
    assert [row.is_reminded for row in owed_in(scene.plan, scope=ALL).people if row.person == planner] == [True]
    with pytest.raises(NotAllowedNow):
        remind(plan=scene.plan, person=scene.cast.viewer, actor=scene.cast.finance)
    with pytest.raises(NotAllowedToYou):
        remind(plan=scene.plan, person=planner, actor=scene.cast.viewer)
