"""The Integrations page: who sees it, keys made, replaced and ended on it, the secret once, plan ≠ ERP."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cycles.models import AuditRow
from integrations.models import ApiKey, Pull, Scope
from integrations.selectors import AcknowledgedLine, acknowledged_lines, key_lines
from integrations.services.acknowledgements import Loaded, acknowledge_plan
from integrations.services.keys import KeyWish, issue_key, revoke_key, rotate_key
from tests.cast import Cast, make_cast
from tests.integrations.frozen import HORIZON, ITEMS, MARKETS, QUANTITY, Frozen, frozen_plan

pytestmark = pytest.mark.django_db
PAGE, NEW = "/integrations/", "/integrations/keys/new/"
TOKEN = re.compile(r"sop_[0-9a-f]{12}_[0-9a-f]{64}")
ROWS = len(ITEMS) * len(MARKETS) * HORIZON


def signed_in(cast: Cast, name: str) -> Client:
    """A client in which the named member of the cast is signed in."""
    client = Client()
    client.force_login(getattr(cast, name))
    return client


def wish(**changed: object) -> dict[str, object]:
    """What an admin fills in."""
    soon = (timezone.now() + timedelta(days=90)).date().isoformat()
    return {"name": "ERP", "scopes": ["plans:read"], "expires_on": soon, "addresses": "", **changed}


@pytest.mark.parametrize(
    ("who", "page", "form"),
    [
        ("admin", 200, 200),
        ("finance", 200, 403),
        ("supply_planner", 200, 403),
        ("demand_planner", 403, 403),
        ("executive", 403, 403),
        ("viewer", 403, 403),
        ("outsider", 403, 403),
    ],
)
def test_who_reads_and_who_makes_keys(who: str, page: int, form: int) -> None:
    cast = make_cast()
    key = issue_key(wish=KeyWish("ERP", [Scope.READ_PLANS]), actor=cast.admin).key
    client = signed_in(cast, who)
    assert client.get(PAGE).status_code == page
    for path in (NEW, f"{PAGE}keys/{key.pk}/rotate/", f"{PAGE}keys/{key.pk}/revoke/"):
        assert client.get(path).status_code == form
        if form == 403:
            assert client.post(path, wish(overlap_days=1, reason="x")).status_code == 403
    assert (b"/integrations/" in client.get("/cycles/my-work/").content) is (page == 200)
    assert ApiKey.objects.count() == 1


def test_nobody_is_sent_to_sign_in_and_a_post_to_the_page_is_refused() -> None:
    assert Client().get(PAGE)["Location"].startswith("/login/")
    assert signed_in(make_cast(), "admin").post(PAGE).status_code == 405


def test_an_unknown_key_is_not_found() -> None:
    client = signed_in(make_cast(), "admin")
    assert [client.get(f"{PAGE}keys/99/{verb}/").status_code for verb in ("rotate", "revoke")] == [404, 404]


def test_the_empty_page_tells_the_next_step() -> None:
    text = signed_in(make_cast(), "admin").get(PAGE).content.decode()
    for words in ("No plan is approved yet", "No key is in force", "Nothing was acknowledged", "Nothing was fetched"):
        assert words in text


@pytest.mark.parametrize("htmx", [True, False])
def test_a_secret_is_shown_once_and_opens_the_door(htmx: bool) -> None:
    frozen = frozen_plan()
    admin = signed_in(frozen.cast, "admin")
    headers = {"HX-Request": "true"} if htmx else {}
    answer = admin.post(NEW, wish(name="Warehouse"), headers=headers)
    (token,) = TOKEN.findall(answer.content.decode())
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert frozen.client(token).get("/api/v1/plans/approved/latest").status_code == 200
    assert token not in admin.get(PAGE).content.decode()
    row = AuditRow.objects.filter(code="integrations.key.issued").latest("id")
    assert row.actor == frozen.cast.admin and token.split("_")[2] not in str(row.after)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "This field is required"),
        ({"scopes": []}, "This field is required"),
        ({"expires_on": "2020-01-31"}, "This day is over"),
        ({"addresses": "10.0.0.0/8\neverywhere"}, "Line 2: everywhere is neither an address nor a network"),
        ({"addresses": "10.1.2.3/16"}, "Line 1: 10.1.2.3/16"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changed: dict[str, object], said: str) -> None:
    answer = signed_in(make_cast(), "admin").post(NEW, wish(**changed))
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not ApiKey.objects.exists()


def test_a_key_works_through_its_last_day() -> None:
    signed_in(make_cast(), "admin").post(NEW, wish(expires_on="2099-12-31", addresses=" 10.1.0.0/16 \n\n::1"))
    key = ApiKey.objects.get()
    assert f"{key.expires_at:%Y-%m-%d %H:%M}" == "2099-12-31 23:59"
    assert key.addresses == ["10.1.0.0/16", "::1"]


def test_replacing_keeps_both_for_the_overlap_and_revoking_ends_one() -> None:
    frozen = frozen_plan()
    admin = signed_in(frozen.cast, "admin")
    answer = admin.post(f"{PAGE}keys/{frozen.key.pk}/rotate/", {"overlap_days": 3})
    (token,) = TOKEN.findall(answer.content.decode())
    both = [frozen.client(), frozen.client(token)]
    assert [client.get("/api/v1/plans/approved/latest").status_code for client in both] == [200, 200]
    assert admin.post(f"{PAGE}keys/{frozen.key.pk}/revoke/", {"reason": " "}).status_code == 422
    gone = admin.post(f"{PAGE}keys/{frozen.key.pk}/revoke/", {"reason": "Laptop lost"}, headers={"HX-Request": "true"})
    assert gone["HX-Redirect"] == PAGE
    assert [client.get("/api/v1/plans/approved/latest").status_code for client in both] == [401, 200]
    assert AuditRow.objects.get(code="integrations.key.revoked").reason == "Laptop lost"


def test_a_second_successor_is_refused() -> None:
    frozen = frozen_plan()
    admin = signed_in(frozen.cast, "admin")
    path = f"{PAGE}keys/{frozen.key.pk}/rotate/"
    assert [admin.post(path, {"overlap_days": 1}).status_code for _ in range(2)] == [200, 409]
    assert admin.post(path, {"overlap_days": 91}).status_code == 422


def test_states_of_keys_follow_the_clock() -> None:
    admin = make_cast().admin
    keys = {name: issue_key(wish=KeyWish(name, [Scope.READ_PLANS]), actor=admin).key for name in "abcd"}
    revoke_key(key_id=keys["b"].pk, reason="lost", actor=admin)
    rotate_key(key_id=keys["c"].pk, actor=admin)
    now = timezone.now()
    states = {(line.key.name, line.key.replaced_by_id is not None): line.state for line in key_lines(now)}
    assert states == {
        ("a", False): "active",
        ("b", False): "revoked",
        ("c", True): "replaced",
        ("c", False): "active",
        ("d", False): "active",
    }
    assert {line.state for line in key_lines(now + timedelta(days=340))} == {"ending", "revoked", "expired"}
    assert [line.is_in_force for line in key_lines(now)] == [True] * 4 + [False]


def said(frozen: Frozen, loaded: Loaded) -> AcknowledgedLine:
    """An acknowledgement, and how the page lists it."""
    acknowledge_plan(snapshot=frozen.snapshot, loaded=loaded, api_key=frozen.key, idempotency_key="one")
    return acknowledged_lines(1)[0]


def test_plan_and_erp_part_by_rows_by_cents_or_by_the_erps_own_list() -> None:
    frozen = frozen_plan()
    approved = said(frozen, Loaded(0, 0)).approved_cents
    line = acknowledged_lines(1)[0]
    assert (line.row_difference, line.cents_difference, line.agrees) == (-ROWS, -approved, False)
    text = signed_in(frozen.cast, "finance").get(PAGE).content.decode()
    assert "plan ≠ ERP" in text and f">-{ROWS}<" in text.replace("−", "-")
    assert "No system has confirmed" in text


def test_a_plan_loaded_as_approved_is_said_to_be() -> None:
    frozen = frozen_plan()
    cents = len(ITEMS) * len(MARKETS) * (100_00 + 225_00 - 125_00 + 50_00 + 10)
    assert len(QUANTITY) == HORIZON and said(frozen, Loaded(ROWS, cents)).agrees
    text = signed_in(frozen.cast, "supply_planner").get(PAGE).content.decode()
    assert "has loaded plan <b>2026-10</b> as it was approved" in text


def test_an_item_taken_differently_is_named() -> None:
    frozen = frozen_plan()
    cents = said(frozen, Loaded(0, 0)).approved_cents
    differences = ({"item": "B-2", "reason": "blocked for planning <b>"},)
    loaded = Loaded(ROWS, cents, differences=differences)
    acknowledge_plan(snapshot=frozen.snapshot, loaded=loaded, api_key=frozen.key, idempotency_key="two")
    assert not acknowledged_lines(1)[0].agrees
    text = signed_in(frozen.cast, "finance").get(PAGE).content.decode()
    assert "<b>B-2</b> blocked for planning &lt;b&gt;" in text


def test_a_pull_is_whole_when_the_last_page_was_fetched() -> None:
    frozen = frozen_plan()
    address = "/api/v1/plans/2026-10/lines"
    first = frozen.client().get(address, {"page_size": HORIZON * (ROWS // HORIZON - 1)})
    pull = Pull.objects.get(resource="lines")
    assert (pull.requests, pull.completed_at) == (1, None)
    assert "broke off" in signed_in(frozen.cast, "admin").get(PAGE).content.decode()
    rest = {"page_size": ROWS, "cursor": first.json()["next_cursor"]}
    assert frozen.client().get(address, rest).json()["next_cursor"] is None
    pull.refresh_from_db()
    assert pull.requests == 2 and pull.completed_at is not None and pull.completed_at >= pull.first_at


def test_an_unchanged_answer_counts_as_a_request_only() -> None:
    frozen = frozen_plan()
    address = "/api/v1/plans/2026-10/supply"
    etag = frozen.client().get(address)["ETag"]
    whole = Pull.objects.get().completed_at
    assert frozen.client().get(address, headers={"If-None-Match": etag}).status_code == 304
    assert (Pull.objects.get().requests, Pull.objects.get().completed_at) == (2, whole)


def test_the_page_asks_no_more_for_more_keys_and_pulls(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    frozen = frozen_plan()
    client = signed_in(frozen.cast, "admin")
    client.get(PAGE)
    for number in range(12):
        key = issue_key(wish=KeyWish(f"System {number}", list(Scope)), actor=frozen.cast.admin)
        frozen.client(key.token).get("/api/v1/plans/2026-10/supply")
    with django_assert_max_num_queries(30):
        assert client.get(PAGE).content.count(b"System ") >= 12
