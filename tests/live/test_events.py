"""What travels: ids, revisions and states in one line; and every signal of the cycle becomes such an event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction

from cycles.models import Membership, Plan, User
from cycles.policy import Role
from cycles.services.plans import bump_revision, lock_plan
from cycles.services.runs import drain_runs, request_run
from cycles.signals import commented, dataset_applied, notified, stage_changed
from cycles.workflow import StageKind, StageStatus
from sop_portal.live import publishing
from sop_portal.live.events import Event, EventName
from tests.cast import Cast


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, settings: Any, transactional_db: None) -> list[Event]:
    """What is published instead of being sent to Redis, after a trip through its packed form."""
    settings.SOP_LIVE = True
    settings.SOP_WAKE_WORKERS = False
    kept: list[Event] = []
    monkeypatch.setattr(publishing.PUBLISHER, "publish", lambda event: kept.append(Event.unpacked(event.packed())))
    return kept


def told(published: list[Event]) -> list[tuple[str, dict[str, Any]]]:
    """Name and detail of what was published since the last call."""
    found = [(event.name.value, event.detail) for event in published]
    published.clear()
    return found


def test_packed_and_unpacked_is_the_same() -> None:
    event = Event(EventName.EDITED, {"revision": 7, "by": None}, 3, frozenset({4, 5}))
    assert Event.unpacked(event.packed()) == event


@pytest.mark.parametrize("packed", [b"", b"[]", b"{}", b'{"n":"edited"}', b'{"n":"other","d":{},"p":1,"u":[],"k":""}'])
def test_what_is_not_ours_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError):
        Event.unpacked(packed)


def test_a_frame_is_one_event_in_one_line_whatever_its_detail_holds() -> None:
    frame = Event(EventName.COMMENTED, {"key": "a\nb\r\nevent: access"}, key="k").frame()
    lines = frame.decode().split("\n")
    assert lines[:2] == ["id: k", "event: commented"]
    assert json.loads(lines[2].removeprefix("data: ")) == {"key": "a\nb\r\nevent: access"}
    assert lines[3:] == ["", ""]


def test_an_edit_is_told_after_its_commit_with_person_and_revision(
    published: list[Event], plan: Plan, cast: Cast
) -> None:
    told(published)
    with transaction.atomic():
        revision = bump_revision(lock_plan(plan.pk), ledger="demand", actor=cast.demand_planner)
        assert told(published) == []
    detail = {"revision": revision, "ledger": "demand", "by": cast.demand_planner.pk}
    assert [e for e in told(published) if e[0] == "edited"] == [("edited", detail)]


def test_what_is_rolled_back_is_never_told(published: list[Event], plan: Plan, cast: Cast) -> None:
    told(published)
    with pytest.raises(RuntimeError), transaction.atomic():
        bump_revision(lock_plan(plan.pk), ledger="demand", actor=cast.demand_planner)
        raise RuntimeError
    assert told(published) == []


def test_a_run_is_told_from_queue_to_result(published: list[Event], cast: Cast) -> None:
    told(published)
    run = request_run(kind="cycles.canary", plan=None, actor=cast.finance)
    drain_runs()
    states = [(detail["run"], detail["state"], detail["percent"]) for _, detail in told(published)]
    assert states[0] == (run.pk, "queued", 0)
    assert states[1] == (run.pk, "running", 0)
    assert (run.pk, "running", 99) in states, "progress is told while it runs: 1 of 1 is 99 % until it is published"
    assert states[-1] == (run.pk, "succeeded", 100)


def test_a_stage_that_moved_is_told(published: list[Event], plan: Plan, cast: Cast) -> None:
    told(published)
    moved = {"plan_id": plan.pk, "stage": StageKind.DATA, "actor": cast.finance}
    with transaction.atomic():
        stage_changed.send(sender=None, before=StageStatus.OPEN, after=StageStatus.SUBMITTED, **moved)
    assert ("stage", {"stage": "data", "status": "submitted"}) in told(published)


def test_import_notification_and_comment_are_told(published: list[Event], plan: Plan, cast: Cast) -> None:
    told(published)
    with transaction.atomic():
        dataset_applied.send(sender=None, dataset="sales", batch_id=5, changed=True, actor=cast.finance)
        notified.send(sender=None, user_ids=(cast.viewer.pk,))
        notified.send(sender=None, user_ids=())
        commented.send(sender=None, plan_id=plan.pk, kind="assumption", key="fx")
    assert told(published) == [
        ("imported", {"dataset": "sales", "batch": 5, "changed": True}),
        ("notified", {}),
        ("commented", {"kind": "assumption", "key": "fx"}),
    ]


def disable(user: User) -> None:
    user.is_active = False
    user.save()


def narrow(user: User) -> None:
    user.memberships.get().families.set([])
    user.memberships.get().markets.add(*user.memberships.get().markets.all())
    Membership.objects.create(user=user, role=Role.VIEWER.value)


@pytest.mark.parametrize("change", [disable, narrow, lambda user: user.memberships.get().delete()])
def test_a_change_of_rights_is_told(published: list[Event], cast: Cast, change: Any) -> None:
    published.clear()
    change(cast.finance)
    assert {(event.name, event.user_ids) for event in published} == {(EventName.ACCESS, frozenset({cast.finance.pk}))}


def test_a_sign_in_and_a_choice_of_looks_change_no_rights(published: list[Event], cast: Cast) -> None:
    told(published)
    cast.finance.save(update_fields=["last_login"])
    cast.finance.save(update_fields=["theme"])
    assert told(published) == []


def test_nothing_is_published_where_live_pages_are_off(published: list[Event], plan: Plan, settings: Any) -> None:
    told(published)
    settings.SOP_LIVE = False
    with transaction.atomic():
        bump_revision(lock_plan(plan.pk), ledger="demand")
    assert published == []


def test_no_event_carries_a_value_or_a_text_of_the_plan(published: list[Event], plan: Plan, cast: Cast) -> None:
    """Whatever the small services above publish, the words and numbers of a person never travel."""
    with transaction.atomic():
        bump_revision(lock_plan(plan.pk), ledger="demand", actor=cast.demand_planner)
    drain_runs()
    allowed = {"revision", "ledger", "by", "run", "kind", "state", "percent", "stage", "status"}
    assert published
    for event in published:
        assert set(event.detail) <= allowed, event
        assert cast.demand_planner.username not in event.packed().decode()
