"""Threads and comments: who may write, who is told, that a gesture is whole and counts once, and what stays."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.db import transaction

from catalog.models import Family, Market
from cycles.errors import MentionRefused, NotAllowedNow, NotAllowedToYou, ReasonMissing, UnknownEntry
from cycles.models import AuditRow, Comment, Mention, Notification, Plan, Thread, User
from cycles.registry import subjects as registry
from cycles.registry.subjects import Place, Subject
from cycles.services.conversations import (
    About,
    Words,
    correct_comment,
    open_thread,
    reopen_thread,
    reply,
    resolve_thread,
    withdraw_comment,
)
from cycles.services.cycles import open_cycle
from cycles.services.threads import Turn, conversations_of, open_threads_for
from cycles.signals import commented, notified
from tests.cast import Cast, make_cast
from tests.small_company import small_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def plan(cast: Cast, settings: object) -> Plan:
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    small_company()
    plan = open_cycle(month=date(2014, 1, 1), actor=cast.finance)
    Notification.objects.all().delete()
    return plan


@pytest.fixture
def chairs_north(monkeypatch: pytest.MonkeyPatch, plan: Plan) -> About:
    """A subject that lies in the chairs of NORTH/DIRECT: only who plans those may see it."""
    family, market = Family.objects.get(code="CHAIRS"), Market.objects.get(code="NORTH/DIRECT")
    place = Place("CHAIRS in NORTH/DIRECT", "/", frozenset({family.pk}), frozenset({market.pk}))
    monkeypatch.setitem(registry._subjects, "test", Subject("test", "Test", lambda plan, key: place))
    return About(plan, "test", "1")


def words(text: str) -> Words:
    return Words(text, uuid4())


def stage(plan: Plan) -> About:
    return About(plan, "stage", "demand")


def limit(user: User, *, market: str) -> None:
    user.memberships.get().markets.set([Market.objects.get(code=market)])


def told(user: User) -> list[str]:
    return list(user.notifications.order_by("id").values_list("kind", flat=True))


def test_one_gesture_keeps_comment_mention_notification_and_audit_row(plan: Plan, cast: Cast) -> None:
    comment = open_thread(about=stage(plan), words=words("@finance is the gap real?"), actor=cast.demand_planner)
    assert (comment.thread.about, comment.revision) == ("Demand · 2014-01", 1)
    assert list(Mention.objects.values_list("user__username", flat=True)) == ["finance"]
    row = cast.finance.notifications.get()
    assert (row.kind, row.about, row.actor, row.thread) == (
        "conversation.mention", "Demand · 2014-01", cast.demand_planner, comment.thread,
    )  # fmt: skip
    audit = AuditRow.objects.get(code="cycles.comment.written")
    assert audit.after == {"comment": comment.pk, "thread": comment.thread_id, "named": ["finance"], "told": 1}
    assert "gap" not in row.about + str(audit.after)


def test_the_same_gesture_twice_writes_once(plan: Plan, cast: Cast) -> None:
    once = words("@finance?")
    first = open_thread(about=stage(plan), words=once, actor=cast.demand_planner)
    assert open_thread(about=stage(plan), words=once, actor=cast.demand_planner) == first
    counts = (Thread.objects.count(), Comment.objects.count(), Notification.objects.count())
    assert counts == (1, 1, 1)


@pytest.mark.parametrize("name", ["supply_planner", "outsider", "nobody.at.all", "service.finance"])
def test_naming_somebody_who_may_not_see_it_keeps_nothing(chairs_north: About, cast: Cast, name: str) -> None:
    limit(cast.supply_planner, market="SOUTH/DEALER")
    with pytest.raises(MentionRefused, match=f"@{name} may see CHAIRS in NORTH/DIRECT, so nothing was sent"):
        open_thread(about=chairs_north, words=words(f"@finance and @{name}"), actor=cast.demand_planner)
    counts = (Thread.objects.count(), Comment.objects.count(), Notification.objects.count())
    assert counts == (0, 0, 0)
    assert not AuditRow.objects.filter(code="cycles.comment.written").exists()


def test_a_scope_hides_a_subject_from_its_writer_too(chairs_north: About, cast: Cast) -> None:
    limit(cast.supply_planner, market="SOUTH/DEALER")
    with pytest.raises(UnknownEntry):
        open_thread(about=chairs_north, words=words("Hello"), actor=cast.supply_planner)
    first = open_thread(about=chairs_north, words=words("Hello"), actor=cast.demand_planner)
    for act in (resolve_thread, reopen_thread):
        with pytest.raises(UnknownEntry):
            act(thread_id=first.thread_id, actor=cast.supply_planner)
    with pytest.raises(UnknownEntry):
        reply(thread_id=first.thread_id, words=words("Me too"), actor=cast.supply_planner)


@pytest.mark.parametrize("name", ["outsider"])
def test_a_stranger_may_not_write(plan: Plan, cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowedToYou):
        open_thread(about=stage(plan), words=words("Hello"), actor=getattr(cast, name))


@pytest.mark.parametrize(("kind", "key"), [("nothing", "1"), ("stage", "sixth"), ("decision", "7"), ("decision", "x")])
def test_an_unknown_subject_is_refused(plan: Plan, cast: Cast, kind: str, key: str) -> None:
    with pytest.raises(UnknownEntry):
        open_thread(about=About(plan, kind, key), words=words("Hello"), actor=cast.finance)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4_001])
def test_a_comment_needs_words_and_not_too_many(plan: Plan, cast: Cast, text: str) -> None:
    with pytest.raises(ReasonMissing):
        open_thread(about=stage(plan), words=words(text), actor=cast.finance)


def test_a_reply_tells_those_who_take_part_once_each(plan: Plan, cast: Cast) -> None:
    first = open_thread(about=stage(plan), words=words("@finance @viewer see"), actor=cast.demand_planner)
    Notification.objects.all().delete()
    reply(thread_id=first.thread_id, words=words("Yes, @demand_planner"), actor=cast.finance)
    assert told(cast.demand_planner) == ["conversation.mention"]
    assert told(cast.viewer) == ["conversation.reply"]
    assert told(cast.finance) == []


def test_naming_oneself_tells_nobody(plan: Plan, cast: Cast) -> None:
    open_thread(about=stage(plan), words=words("Note to @finance"), actor=cast.finance)
    assert (Mention.objects.count(), Notification.objects.count()) == (0, 0)


def test_a_question_is_work_until_it_is_answered_and_resolved(plan: Plan, cast: Cast) -> None:
    first = open_thread(about=stage(plan), words=words("@finance really?"), actor=cast.demand_planner)
    waiting = open_threads_for(cast.finance, plan)
    assert [(one.thread, one.turn) for one in waiting] == [(first.thread, Turn.ASKED)]
    assert open_threads_for(cast.demand_planner, plan) == []
    reply(thread_id=first.thread_id, words=words("Yes"), actor=cast.finance)
    assert open_threads_for(cast.finance, plan) == []
    assert [one.turn for one in open_threads_for(cast.demand_planner, plan)] == [Turn.ANSWERED]
    resolve_thread(thread_id=first.thread_id, actor=cast.demand_planner)
    resolve_thread(thread_id=first.thread_id, actor=cast.demand_planner)
    assert open_threads_for(cast.demand_planner, plan) == []
    assert told(cast.finance) == ["conversation.mention", "conversation.resolved"]
    assert AuditRow.objects.filter(code="cycles.thread.resolved").count() == 1


def test_a_reply_opens_a_resolved_thread_again(plan: Plan, cast: Cast) -> None:
    first = open_thread(about=stage(plan), words=words("So?"), actor=cast.demand_planner)
    resolve_thread(thread_id=first.thread_id, actor=cast.finance)
    reply(thread_id=first.thread_id, words=words("@finance not yet"), actor=cast.demand_planner)
    first.thread.refresh_from_db()
    assert first.thread.is_open
    assert [one.turn for one in open_threads_for(cast.finance, plan)] == [Turn.ASKED]


def test_a_correction_keeps_the_earlier_wording_and_tells_only_who_is_new(plan: Plan, cast: Cast) -> None:
    first = open_thread(about=stage(plan), words=words("@finance 1"), actor=cast.demand_planner)
    correct_comment(comment_id=first.pk, words=words("@finance @viewer 2"), actor=cast.demand_planner)
    correct_comment(comment_id=first.pk, words=words("@viewer 3"), actor=cast.demand_planner)
    (told_now,) = conversations_of(plan, "stage", "demand")
    (remark,) = told_now.remarks
    assert (remark.wording.text, [one.text for one in remark.earlier]) == (
        "@viewer 3",
        ["@finance 1", "@finance @viewer 2"],
    )
    assert (told(cast.finance), told(cast.viewer)) == (["conversation.mention"], ["conversation.mention"])
    assert open_threads_for(cast.finance, plan) == []
    assert [one.turn for one in open_threads_for(cast.viewer, plan)] == [Turn.ASKED]


def test_only_the_author_changes_a_comment_and_a_withdrawn_one_stays_withdrawn(plan: Plan, cast: Cast) -> None:
    first = open_thread(about=stage(plan), words=words("@viewer wrong"), actor=cast.demand_planner)
    with pytest.raises(NotAllowedToYou, match="Only its author"):
        correct_comment(comment_id=first.pk, words=words("x"), actor=cast.finance)
    with pytest.raises(NotAllowedToYou, match="Only its author"):
        withdraw_comment(comment_id=first.pk, reason="x", actor=cast.admin)
    with pytest.raises(ReasonMissing):
        withdraw_comment(comment_id=first.pk, reason=" ", actor=cast.demand_planner)
    withdraw_comment(comment_id=first.pk, reason="Wrong item", actor=cast.demand_planner)
    with pytest.raises(NotAllowedNow, match="withdrawn already"):
        withdraw_comment(comment_id=first.pk, reason="Again", actor=cast.demand_planner)
    with pytest.raises(NotAllowedNow, match="withdrawn already"):
        correct_comment(comment_id=first.pk, words=words("x"), actor=cast.demand_planner)
    row = AuditRow.objects.get(code="cycles.comment.withdrawn")
    assert (row.before, row.reason) == ({"text": "@viewer wrong"}, "Wrong item")
    assert open_threads_for(cast.viewer, plan) == []


def test_a_closed_cycle_takes_no_new_words_but_lets_go_of_old_ones(plan: Plan, cast: Cast) -> None:
    first = open_thread(about=stage(plan), words=words("Last words"), actor=cast.finance)
    cycle = type(plan.cycle).objects.create(month=date(2014, 2, 1), opened_by=cast.finance)
    Plan.objects.create(cycle=cycle, number="2014-02", first_month=date(2014, 2, 1), previous=plan)
    for write in (
        lambda: open_thread(about=stage(plan), words=words("New"), actor=cast.finance),
        lambda: reply(thread_id=first.thread_id, words=words("New"), actor=cast.finance),
        lambda: correct_comment(comment_id=first.pk, words=words("New"), actor=cast.finance),
    ):
        with pytest.raises(NotAllowedNow, match="cycle of 2014-01 is closed"):
            write()
    assert resolve_thread(thread_id=first.thread_id, actor=cast.finance).resolved_by == cast.finance
    with pytest.raises(NotAllowedNow):
        reopen_thread(thread_id=first.thread_id, actor=cast.finance)
    withdraw_comment(comment_id=first.pk, reason="Private", actor=cast.finance)


def test_an_approved_plan_may_still_be_talked_about(plan: Plan, cast: Cast) -> None:
    plan.stages.update(
        status="approved",
        submitted_by=cast.finance,
        submitted_at="2014-01-20T00:00Z",
        approved_by=cast.executive,
        approved_at="2014-01-20T00:00Z",
    )
    assert open_thread(about=stage(plan), words=words("Well done"), actor=cast.executive).pk


def test_a_gesture_that_fails_half_way_leaves_nothing(plan: Plan, cast: Cast) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("the process dies here")

    commented.connect(fail)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            open_thread(about=stage(plan), words=words("@finance?"), actor=cast.demand_planner)
    finally:
        commented.disconnect(fail)
    counts = (Thread.objects.count(), Comment.objects.count(), Mention.objects.count(), Notification.objects.count())
    assert counts == (0, 0, 0, 0)


def test_signals_name_people_and_subject(plan: Plan, cast: Cast) -> None:
    heard: list[object] = []

    def hear(signal: object, sender: object, **said: object) -> None:
        heard.append(said)

    for signal in (commented, notified):
        signal.connect(hear)
    try:
        open_thread(about=stage(plan), words=words("@viewer @finance"), actor=cast.demand_planner)
    finally:
        for signal in (commented, notified):
            signal.disconnect(hear)
    people = tuple(sorted((cast.viewer.pk, cast.finance.pk)))
    assert heard == [{"user_ids": people}, {"plan_id": plan.pk, "kind": "stage", "key": "demand"}]
