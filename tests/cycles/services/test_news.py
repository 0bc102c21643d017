"""Who is told what: moves of stages, due and late days, stopped calculations, refused files; each once."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import ImportBatch
from cycles.errors import UnknownEntry
from cycles.models import Notification, Plan, Run, RunState, Stage, User
from cycles.registry.notices import notices
from cycles.services.answers import Question, record_decision
from cycles.services.assumptions import Statement, record_assumption
from cycles.services.conversations import About, Words, correct_comment, open_thread, reply
from cycles.services.cycles import open_cycle
from cycles.services.imports import stage_import
from cycles.services.leases import claim_run
from cycles.services.notifications import News, mark_read, sentence_of, tell
from cycles.services.run_news import tell_import_refused, tell_run_stopped
from cycles.services.runs import request_run
from cycles.services.stage_news import remind_stages
from cycles.services.stages import approve_stage, reopen_stage, return_stage, submit_stage
from cycles.services.threads import standing_mentions
from cycles.tasks import remind_stages as remind_task
from cycles.workflow import StageKind
from tests.cast import Cast, make_cast
from tests.small_company import small_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def plan(cast: Cast, settings: object, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The plan of January 2014 without gates: the moves of its stages are what is looked at."""
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    monkeypatch.setattr("cycles.services.stages.pass_gates", lambda stage, action: None)
    small_company()
    return open_cycle(month=date(2014, 1, 1), actor=cast.finance)


def stage(plan: Plan, kind: StageKind) -> Stage:
    return plan.stages.get(kind=kind.value)


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def test_an_open_stage_is_told_to_its_owner_else_to_those_who_submit_it(plan: Plan, cast: Cast) -> None:
    assert told("stage.opened") == {"demand_planner", "demand_planner2", "finance2"}  # finance opened it and knows
    Stage.objects.filter(plan=plan, kind="demand").update(owner=cast.demand_planner2)
    data = stage(plan, StageKind.DATA)
    submit_stage(stage_id=data.pk, actor=cast.demand_planner)
    approve_stage(stage_id=data.pk, actor=cast.finance)
    opened = Notification.objects.filter(kind="stage.opened", subject_key="demand")
    assert [row.recipient for row in opened] == [cast.demand_planner2]
    assert sentence_of(opened.get()) == "Open for you: Demand · 2014-01"


def test_a_submission_is_told_to_approvers_but_not_to_its_submitter(plan: Plan, cast: Cast) -> None:
    submit_stage(stage_id=stage(plan, StageKind.DATA).pk, actor=cast.finance)
    assert told("stage.submitted") == {"supply_planner", "supply_planner2", "finance2"}


def test_an_approver_with_entries_of_their_own_is_not_asked(
    plan: Plan, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cycles.services.access.authorship", lambda name: lambda plan, user: user == cast.finance2)
    demand = stage(plan, StageKind.DEMAND)
    Stage.objects.filter(pk=demand.pk).update(status="open")
    submit_stage(stage_id=demand.pk, actor=cast.demand_planner)
    assert told("stage.submitted") == {"finance", "demand_planner2"}


def test_a_return_and_a_reopening_are_told_to_those_whose_word_ceases(plan: Plan, cast: Cast) -> None:
    data = stage(plan, StageKind.DATA)
    submit_stage(stage_id=data.pk, actor=cast.demand_planner)
    return_stage(stage_id=data.pk, actor=cast.finance, reason="A file is missing")
    assert told("stage.returned") == {"demand_planner"}
    submit_stage(stage_id=data.pk, actor=cast.demand_planner2)
    approve_stage(stage_id=data.pk, actor=cast.finance)
    demand = stage(plan, StageKind.DEMAND)
    submit_stage(stage_id=demand.pk, actor=cast.demand_planner)
    reopen_stage(stage_id=data.pk, actor=cast.finance, reason="Restated")
    assert {"demand_planner2", "demand_planner"} <= told("stage.reopened")
    assert told("stage.reset") == {"demand_planner"}
    assert "missing" not in " ".join(Notification.objects.values_list("about", flat=True))


def test_the_second_round_is_told_again_and_a_repeated_move_is_not(plan: Plan, cast: Cast) -> None:
    data = stage(plan, StageKind.DATA)
    for _ in range(2):
        submit_stage(stage_id=data.pk, actor=cast.demand_planner)
        return_stage(stage_id=data.pk, actor=cast.finance, reason="Again")
    assert Notification.objects.filter(kind="stage.submitted", recipient=cast.finance2).count() == 2
    before = Notification.objects.count()
    with transaction.atomic():
        same = Notification.objects.filter(kind="stage.submitted").latest("id")
        tell(News(same.kind, same.event_key, ("stage", "data"), "x", plan), [cast.finance2, cast.supply_planner])
    assert Notification.objects.count() == before


def test_due_and_late_are_told_once_per_stage_and_person(plan: Plan) -> None:
    due = stage(plan, StageKind.DATA).due_on
    day = timedelta(days=1)
    counts = [remind_stages(due + step * day) for step in (-2, -1, -1, 0, 1, 1, 2)]
    submitters = 4  # two demand planners, two of finance
    assert counts == [0, submitters, 0, 0, submitters, 0, 0]
    assert (len(told("stage.due")), len(told("stage.late"))) == (submitters, submitters)


def test_a_late_submission_reminds_those_who_approve(plan: Plan, cast: Cast) -> None:
    data = stage(plan, StageKind.DATA)
    submit_stage(stage_id=data.pk, actor=cast.finance)
    remind_stages(data.due_on + timedelta(days=3))
    assert told("stage.late") == {"supply_planner", "supply_planner2", "finance2"}


def stopped(plan: Plan, actor: User) -> Run:
    run = request_run(kind="demand.baseline", plan=plan, actor=actor)
    lease = claim_run(run.pk)
    assert lease is not None
    lease.settle(RunState.FAILED, "No actuals before 2014-01; hand in the sales file")
    return run


def test_a_stopped_calculation_is_told_to_who_asked_for_it(plan: Plan, cast: Cast) -> None:
    run = stopped(plan, cast.demand_planner)
    row = cast.demand_planner.notifications.get(kind="run.stopped")
    assert (row.about, row.subject_key) == (f"Demand baseline #{run.pk}", str(run.pk))
    assert tell_run_stopped(run.pk) == ()


def test_a_service_user_is_told_nothing(plan: Plan) -> None:
    stopped(plan, User.objects.get(username="service.demand_planner"))
    assert told("run.stopped") == set()


def test_a_refused_file_is_told_to_who_handed_it_in_and_to_the_owner_of_the_data(plan: Plan, cast: Cast) -> None:
    Stage.objects.filter(plan=plan, kind="data").update(owner=cast.finance)
    batch = ImportBatch.objects.create(
        dataset="prices", file_name="prices.csv", sha256="0" * 64, size_bytes=1, content=b"", status="refused",
        fault_count=1, staged_by="demand_planner",
    )  # fmt: skip
    for _ in range(2):
        with transaction.atomic():
            tell_import_refused(batch=batch, plan=plan, actor=cast.demand_planner)
    assert told("import.refused") == {"demand_planner", "finance"}
    assert Notification.objects.filter(kind="import.refused").count() == 2


def test_a_decision_and_an_assumption_are_told_to_their_owner(plan: Plan, cast: Cast) -> None:
    for _ in range(2):
        question = Question("a.b", "Road Bikes", "Promote?", owner=cast.executive)
        record_decision(plan=plan, question=question, actor=cast.finance)
        statement = Statement(code="steel", text="Steel stays", owner=cast.supply_planner)
        record_assumption(plan=plan, statement=statement, actor=cast.finance)
    rows = Notification.objects.filter(kind__endswith=".assigned").order_by("kind")
    assert [(row.kind, row.about, row.recipient) for row in rows] == [
        ("assumption.assigned", "steel", cast.supply_planner),
        ("decision.assigned", "Road Bikes", cast.executive),
    ]


def test_a_file_with_faults_is_told_when_it_is_handed_in(plan: Plan, cast: Cast) -> None:
    stage_import(dataset="products", file_name="products.csv", content=b"nothing\n1\n", actor=cast.finance)
    assert (told("import.refused"), Notification.objects.latest("id").about) == ({"finance"}, "products · products.csv")


def test_the_beat_reminds_of_today(plan: Plan) -> None:
    Stage.objects.filter(plan=plan, kind="data").update(due_on=timezone.localdate() - timedelta(days=1))
    assert (remind_task(), remind_task()) == (4, 0)


def test_news_need_a_registered_kind_and_leave_the_inactive_out(plan: Plan, cast: Cast) -> None:
    with pytest.raises(UnknownEntry), transaction.atomic():
        tell(News("nothing.happened", "x", ("stage", "data"), "x", plan), [cast.finance])
    User.objects.filter(pk=cast.viewer.pk).update(is_active=False)
    cast.viewer.refresh_from_db()
    with transaction.atomic():
        assert tell(News("stage.opened", "x", ("stage", "data"), "x", plan), [cast.viewer]) == ()


def test_reading_is_for_oneself_and_happens_once(plan: Plan, cast: Cast) -> None:
    count = cast.finance2.notifications.count()
    assert (mark_read(actor=cast.finance2), mark_read(actor=cast.finance2)) == (count, 0)
    other = cast.demand_planner.notifications.latest("id")
    assert mark_read(actor=cast.finance2, notification_ids=[other.pk]) == 0


@pytest.mark.parametrize("kind", notices(), ids=lambda kind: kind.code)
def test_every_sentence_takes_names_only(kind: object) -> None:
    assert kind.sentence % {"actor": "Ann", "about": "Demand"}  # type: ignore[attr-defined]
    assert "Demand" in kind.sentence % {"actor": "Ann", "about": "Demand"}  # type: ignore[attr-defined]


NAMES = ("demand_planner", "supply_planner", "finance", "executive", "viewer", "admin")
GESTURES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["open", "reply", "correct"]), st.sets(st.sampled_from(NAMES))),
    min_size=1,
    max_size=6,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(GESTURES)
def test_every_visible_mention_is_exactly_one_notification(
    plan: Plan, cast: Cast, gestures: list[tuple[str, str, set[str]]]
) -> None:
    with transaction.atomic():
        for author, verb, named in gestures:
            act(plan, getattr(cast, author), verb, f"See {' '.join(f'@{name}' for name in sorted(named))}!")
        shown = {
            (mention.user_id, f"mention:{mention.comment.corrects_id or mention.comment_id}")
            for mention in standing_mentions().select_related("comment")
        }
        rows = Notification.objects.filter(kind="conversation.mention").values_list("recipient_id", "event_key")
        assert shown <= set(rows)
        assert len(rows) == len(set(rows))
        transaction.set_rollback(True)


def act(plan: Plan, actor: User, verb: str, text: str) -> None:
    """Open a thread, or reply to or correct what there is; nothing to correct opens one."""
    words = Words(text, uuid4())
    mine = actor.comments.filter(corrects__isnull=True, thread__plan=plan).last()
    thread = plan.threads.last()
    if verb == "correct" and mine is not None:
        correct_comment(comment_id=mine.pk, words=words, actor=actor)
    elif verb == "reply" and thread is not None:
        reply(thread_id=thread.pk, words=words, actor=actor)
    else:
        open_thread(about=About(plan, "stage", "demand"), words=words, actor=actor)
