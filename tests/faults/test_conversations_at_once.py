"""One form sent twice at the same moment, two beats that remind at once: everything is there once; with its control."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from cycles.models import Comment, Mention, Notification, Plan, Thread
from cycles.services.conversations import About, Words, open_thread
from cycles.services.cycles import open_cycle
from cycles.services.stage_news import remind_stages
from tests.cast import Cast, make_cast

ROUNDS = 8

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    plan = open_cycle(month=date(2014, 1, 1), actor=cast.finance)
    Notification.objects.all().delete()
    return plan


def at_once(work: Callable[[], object], times: int = 2) -> None:
    """Do the same on several connections at the same moment."""

    def do() -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        for done in [pool.submit(do) for _ in range(times)]:
            done.result()


@pytest.mark.parametrize(
    ("same_form", "comments"),
    [pytest.param(True, ROUNDS, id="one form"), pytest.param(False, 2 * ROUNDS, id="control: two forms")],
)
def test_one_form_sent_twice_at_once_writes_once(plan: Plan, cast: Cast, same_form: bool, comments: int) -> None:
    about = About(plan, "stage", "demand")
    for _ in range(ROUNDS):
        gesture = uuid4()

        def send(gesture: object = gesture) -> None:
            words = Words("@viewer?", gesture if same_form else uuid4())  # type: ignore[arg-type]
            open_thread(about=about, words=words, actor=cast.finance)

        at_once(send)
    counts = [table.objects.count() for table in (Comment, Thread, Mention, Notification)]
    assert counts == [comments] * 4


def test_two_beats_remind_each_person_once(plan: Plan) -> None:
    late = plan.stages.get(kind="data").due_on + timedelta(days=1)
    at_once(lambda: remind_stages(late), times=3)
    told = list(Notification.objects.filter(kind="stage.late").values_list("recipient__username", flat=True))
    assert sorted(told) == ["demand_planner", "demand_planner2", "finance", "finance2"]
