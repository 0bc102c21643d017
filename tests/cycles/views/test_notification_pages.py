"""The bell, the drawer and the list: own notifications only, read once, paged, chosen; nothing of it by GET."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from cycles.models import Notification, NotificationMute, Plan, User
from cycles.services.notifications import News, tell
from tests.cast import Cast
from tests.cycles.views.conftest import SignedIn

LIST, DRAWER, BELL = "/cycles/notifications/", "/cycles/notifications/latest/", "/cycles/notifications/bell/"
READ, CHOOSE = "/cycles/notifications/read/", "/cycles/notifications/choose/"
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "drawer"}


def news(plan: Plan, number: int, *, to: User) -> None:
    with transaction.atomic():
        tell(News("stage.opened", f"test:{number}", ("stage", "demand"), f"Demand {number}", plan), [to])


@pytest.fixture
def told(plan: Plan, cast: Cast) -> Plan:
    """Finance was told thirty things, the viewer one."""
    Notification.objects.all().delete()
    for number in range(30):
        news(plan, number, to=cast.finance)
    news(plan, 0, to=cast.viewer)
    return plan


def unread(user: User) -> int:
    return user.notifications.filter(read_at__isnull=True).count()


@pytest.mark.parametrize("who", ["demand_planner", "finance", "executive", "admin", "viewer", "outsider"])
def test_everybody_has_a_list_of_their_own(told: Plan, signed_in: SignedIn, who: str) -> None:
    client = signed_in(who)
    assert [client.get(address).status_code for address in (LIST, BELL)] == [200, 200]
    assert client.get(DRAWER, **HTMX).status_code == 200
    mine = client.get(f"{LIST}?list=all").content.decode()
    assert ("Demand 0" in mine) == (who == "viewer")


def test_nobody_is_sent_to_sign_in(told: Plan) -> None:
    for address in (LIST, DRAWER, BELL):
        assert Client().get(address)["Location"].startswith("/login/")
    for address in (READ, CHOOSE, f"{LIST}{Notification.objects.latest('id').pk}/"):
        assert Client().post(address)["Location"].startswith("/login/")


def test_methods_are_what_they_mean(told: Plan, signed_in: SignedIn) -> None:
    client, one = signed_in("finance"), Notification.objects.earliest("id")
    assert [client.post(address).status_code for address in (LIST, DRAWER, BELL)] == [405] * 3
    assert [client.get(address).status_code for address in (READ, CHOOSE, f"{LIST}{one.pk}/")] == [405] * 3


def test_a_foreign_notification_is_not_found_and_stays_unread(told: Plan, signed_in: SignedIn, cast: Cast) -> None:
    foreign, client = cast.finance.notifications.latest("id"), signed_in("viewer")
    assert client.post(f"{LIST}{foreign.pk}/").status_code == 404
    client.post(READ, {"notification": str(foreign.pk)})
    assert unread(cast.finance) == 30


def test_opening_one_reads_it_and_leads_to_its_page(told: Plan, signed_in: SignedIn, cast: Cast) -> None:
    one = cast.viewer.notifications.get()
    answer = signed_in("viewer").post(f"{LIST}{one.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/demand/2014-01/")
    assert unread(cast.viewer) == 0


def test_one_and_all_are_marked_read_and_the_bell_follows(told: Plan, signed_in: SignedIn, cast: Cast) -> None:
    client, one = signed_in("finance"), cast.finance.notifications.latest("id")
    assert "30 unread notifications" in client.get(BELL).content.decode()
    answer = client.post(READ, {"notification": str(one.pk)}, **HTMX)
    assert (answer.status_code, answer["HX-Trigger"], unread(cast.finance)) == (200, "notified", 29)
    assert client.post(READ).status_code == 302
    assert (unread(cast.finance), unread(cast.viewer)) == (0, 1)
    assert "unread" not in client.get(BELL).content.decode()


def test_the_list_is_newest_first_filtered_and_paged(told: Plan, signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("finance")
    first, second = (client.get(f"{LIST}?list=unread&page={page}").context["lines"] for page in (1, 2))
    assert [line.sentence for line in first][:2] == ["Open for you: Demand 29", "Open for you: Demand 28"]
    assert (len(first), len(second)) == (25, 5)
    client.post(f"{LIST}{cast.finance.notifications.latest('id').pk}/")
    assert client.get(LIST).context["found"].paginator.count == 29
    assert client.get(f"{LIST}?list=all").context["found"].paginator.count == 30


def test_a_full_page_costs_as_many_queries_as_a_short_one(
    told: Plan, signed_in: SignedIn, django_assert_num_queries: object
) -> None:
    costs = []
    for who in ("finance", "viewer"):
        client = signed_in(who)
        with django_assert_num_queries(LIST_QUERIES, exact=False) as spent:  # type: ignore[operator]
            client.get(f"{LIST}?list=all")
        costs.append(len(spent))
    assert costs[0] == costs[1]


#: session, person and roles, the frame (plan, stages, company, runs, duties), bell; count, page, mutes and unread
LIST_QUERIES = 32


def test_a_kind_that_is_switched_off_is_not_told_any_more(told: Plan, signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("viewer")
    page = client.get(LIST)
    optional = [kind.code for kind, _ in page.context["choices"] if kind.is_optional]
    client.post(CHOOSE, {"wanted": [code for code in optional if code != "stage.opened"]})
    assert list(NotificationMute.objects.values_list("user", "kind")) == [(cast.viewer.pk, "stage.opened")]
    news(told, 99, to=cast.viewer)
    assert cast.viewer.notifications.count() == 1
    client.post(CHOOSE, {"wanted": optional})
    news(told, 99, to=cast.viewer)
    assert cast.viewer.notifications.count() == 2


def test_what_must_be_told_cannot_be_switched_off(told: Plan, signed_in: SignedIn) -> None:
    client = signed_in("viewer")
    assert client.post(CHOOSE, {"wanted": ["conversation.mention"]}).status_code == 409
    assert client.post(CHOOSE).status_code == 302
    assert not NotificationMute.objects.filter(kind="conversation.mention").exists()
