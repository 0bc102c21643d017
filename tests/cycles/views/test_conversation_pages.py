"""Conversations over HTTP: who gets which answer, what is refused beside the text, and whom the box offers."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from catalog.models import Family, Market
from cycles.models import Comment, Plan, Thread
from cycles.registry import subjects as registry
from cycles.registry.subjects import Place, Subject
from tests.cast import Cast
from tests.cycles.views.conftest import SignedIn

TALK = "/cycles/2014-01/comments/stage/demand/"
PEOPLE = "/cycles/2014-01/people-for/stage/demand/"
EVERYBODY = ("demand_planner", "supply_planner", "finance", "executive", "admin", "viewer")
HTMX = {"HTTP_HX_REQUEST": "true"}


def say(client: Client, address: str = TALK, text: str = "Is it real?", **more: str) -> int:
    return client.post(address, {"text": text, "gesture": str(uuid4())}, **more).status_code


@pytest.fixture
def thread(plan: Plan, signed_in: SignedIn) -> Thread:
    """Demand planner asks a question about the demand stage."""
    assert say(signed_in("demand_planner")) == 302
    return Thread.objects.get()


@pytest.fixture
def hidden(plan: Plan, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> str:
    """A subject in NORTH/DIRECT; the supply planner sees SOUTH/DEALER only."""
    place = Place(
        "CHAIRS in NORTH/DIRECT", "/", frozenset(Family.objects.filter(code="CHAIRS").values_list("pk", flat=True)),
        frozenset(Market.objects.filter(code="NORTH/DIRECT").values_list("pk", flat=True)),
    )  # fmt: skip
    monkeypatch.setitem(registry._subjects, "test", Subject("test", "Test", lambda plan, key: place))
    cast.supply_planner.memberships.get().markets.set([Market.objects.get(code="SOUTH/DEALER")])
    return "/cycles/2014-01/comments/test/1/"


def gestures(thread: Thread) -> tuple[str, ...]:
    """The addresses that take a gesture in a thread, the first comment being the demand planner's."""
    first = thread.comments.first()
    assert first is not None
    return (
        f"/cycles/threads/{thread.pk}/reply/",
        f"/cycles/threads/{thread.pk}/resolve/",
        f"/cycles/threads/{thread.pk}/reopen/",
        f"/cycles/comments/{first.pk}/correct/",
        f"/cycles/comments/{first.pk}/withdraw/",
    )


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_role_reads_and_writes(thread: Thread, signed_in: SignedIn, who: str) -> None:
    client = signed_in(who)
    assert (client.get(TALK).status_code, client.get(PEOPLE).status_code) == (200, 200)
    assert say(client) == 302
    reply, resolve, reopen, *own = gestures(thread)
    assert [say(client, address) for address in (reply, resolve, reopen)] == [302, 302, 302]
    author = who == "demand_planner"
    assert [say(client, address) for address in own] == ([302, 302] if author else [403, 403])


def test_a_stranger_finds_nothing(thread: Thread, signed_in: SignedIn) -> None:
    client = signed_in("outsider")
    assert [client.get(address).status_code for address in (TALK, PEOPLE)] == [404, 404]
    assert [say(client, address) for address in (TALK, *gestures(thread))] == [404] * 6
    assert Comment.objects.count() == 1


def test_nobody_is_sent_to_sign_in(thread: Thread) -> None:
    answers = [Client().post(address) for address in (TALK, *gestures(thread))]
    assert {answer["Location"].partition("?")[0] for answer in answers} == {"/login/"}


def test_a_gesture_is_no_get_and_people_no_post(thread: Thread, signed_in: SignedIn) -> None:
    client = signed_in("demand_planner")
    assert [client.get(address).status_code for address in gestures(thread)] == [405] * 5
    assert client.post(PEOPLE).status_code == 405


@pytest.mark.parametrize("kind_and_key", ["stage/sixth", "nothing/1", "decision/9", "assumption/9", "batch/9", "run/9"])
def test_an_unknown_subject_is_not_found(plan: Plan, signed_in: SignedIn, kind_and_key: str) -> None:
    client = signed_in("finance")
    address = f"/cycles/2014-01/comments/{kind_and_key}/"
    assert (client.get(address).status_code, say(client, address)) == (404, 404)


def test_a_scope_hides_the_conversation_its_people_and_its_gestures(
    hidden: str, signed_in: SignedIn, cast: Cast
) -> None:
    assert say(signed_in("finance"), hidden) == 302
    blind = signed_in("supply_planner")
    people = hidden.replace("/comments/", "/people-for/")
    assert [blind.get(address).status_code for address in (hidden, people)] == [404, 404]
    assert [say(blind, address) for address in gestures(Thread.objects.get())] == [404] * 5
    offered = {person["username"] for person in signed_in("finance").get(people).json()["people"]}
    assert {"supply_planner", "outsider", "finance", "service.finance"}.isdisjoint(offered)
    assert {"demand_planner", "supply_planner2", "viewer"} <= offered


def test_what_is_refused_stays_in_its_box_with_the_reason(thread: Thread, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    address = f"/cycles/threads/{thread.pk}/reply/"
    answer = client.post(address, {"text": "@outsider look", "gesture": str(uuid4())}, **HTMX)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert ">@outsider look</textarea>" in text
    assert "Nobody named @outsider may see Demand · 2014-01, so nothing was sent." in text
    assert "<html" not in text
    assert client.post(TALK, {"text": "No gesture"}).status_code == 422


def test_the_same_form_sent_twice_writes_once(plan: Plan, signed_in: SignedIn) -> None:
    client, form = signed_in("finance"), {"text": "Once", "gesture": str(uuid4())}
    assert [client.post(TALK, form).status_code for _ in range(2)] == [302, 302]
    assert (Thread.objects.count(), Comment.objects.count()) == (1, 1)


def test_text_is_shown_as_text(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    say(client, text="<script>alert(1)</script> `<b>` @viewer")
    text = client.get(TALK).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<code>&lt;b&gt;</code>" in text
    assert '<b class="mention">@viewer</b>' in text


def test_the_drawer_has_a_title_and_the_part_of_a_page_has_none(thread: Thread, signed_in: SignedIn) -> None:
    client = signed_in("viewer")
    drawer = client.get(TALK, **HTMX, HTTP_HX_TARGET="drawer").content.decode()
    part = client.get(TALK, **HTMX, HTTP_HX_TARGET="selection").content.decode()
    assert ('id="drawer-title"' in drawer, 'id="drawer-title"' in part) == (True, False)
    assert part.count('class="talk"') == 1


def test_board_findings_and_my_work_lead_to_conversations(thread: Thread, signed_in: SignedIn) -> None:
    say(signed_in("finance"), TALK, text="@viewer what do you think?")
    client = signed_in("viewer")
    board = client.get("/cycles/2014-01/").content.decode()
    assert board.count('href="/cycles/2014-01/comments/stage/demand/"') == 1
    findings = client.get("/cycles/2014-01/stages/data/gates/?list=1").content.decode()
    address = findings.split('href="/cycles/2014-01/comments/finding/')[1].split('"')[0]
    assert client.get(f"/cycles/2014-01/comments/finding/{address}").status_code == 200
    work = client.get("/cycles/my-work/").content.decode()
    assert f'href="{TALK}#thread-{Thread.objects.latest("id").pk}"' in work
    assert "Finance asks you." in work


def test_a_long_conversation_costs_as_many_queries_as_a_short_one(
    thread: Thread, signed_in: SignedIn, django_assert_num_queries: object
) -> None:
    client = signed_in("finance")
    client.get(TALK, **HTMX)  # the session's first request writes when it began
    for number in range(2):
        with django_assert_num_queries(QUERIES):  # type: ignore[operator]
            client.get(TALK, **HTMX)
        for _ in range(4 - 4 * number):
            say(client, f"/cycles/threads/{thread.pk}/reply/", text="@viewer and more")


#: session, person, roles and limits, plan, place, threads, comments, withdrawals, closed, right to comment
QUERIES = 10
