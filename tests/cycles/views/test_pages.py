"""Every page of the cycle: who sees it, what a stranger gets, and that it is one whole page."""

from __future__ import annotations

import pytest
from django.test import Client

from cycles.models import Plan
from tests.cycles.views.conftest import SignedIn

PLAN_PAGES = (
    "/cycles/2014-01/",
    "/cycles/2014-01/data/",
    "/cycles/2014-01/decisions/",
    "/cycles/2014-01/assumptions/",
    "/cycles/2014-01/active/",
    "/cycles/2014-01/stages/data/gates/",
    "/cycles/2014-01/stages/data/submit/",
)
FREE_PAGES = (
    "/cycles/",
    "/cycles/my-work/",
    "/cycles/search/?q=chair",
    "/cycles/audit/",
    "/cycles/snapshots/",
    "/cycles/people/",
)
PEOPLE = ("demand_planner", "supply_planner", "finance", "executive", "admin", "viewer")


def _statuses(client: Client, paths: tuple[str, ...]) -> dict[str, int]:
    return {path: client.get(path).status_code for path in paths}


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_open_for_every_role(plan: Plan, signed_in: SignedIn, who: str) -> None:
    pages = (*PLAN_PAGES, *FREE_PAGES)
    assert _statuses(signed_in(who), pages) == dict.fromkeys(pages, 200)


def test_stranger_without_role_finds_no_plan(plan: Plan, signed_in: SignedIn) -> None:
    assert _statuses(signed_in("outsider"), PLAN_PAGES) == dict.fromkeys(PLAN_PAGES, 404)


def test_nobody_is_sent_to_sign_in(plan: Plan) -> None:
    for path in (*PLAN_PAGES, *FREE_PAGES):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/")


def test_stranger_sees_empty_lists(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("outsider")
    for path in ("/cycles/", "/cycles/audit/", "/cycles/people/", "/cycles/snapshots/", "/cycles/my-work/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert b"2014-01" not in answer.content


def test_unknown_plan_is_not_found(plan: Plan, signed_in: SignedIn) -> None:
    assert signed_in("finance").get("/cycles/1999-01/").status_code == 404


def test_reading_pages_refuse_post(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    pages = (*PLAN_PAGES[:2], *FREE_PAGES)
    assert {path: client.post(path).status_code for path in pages} == dict.fromkeys(pages, 405)


def test_writing_addresses_refuse_get(plan: Plan, signed_in: SignedIn) -> None:
    paths = ("/cycles/open-next/", "/cycles/preferences/", "/cycles/imports/1/apply/")
    assert _statuses(signed_in("finance"), paths) == dict.fromkeys(paths, 405)


def test_page_has_no_inline_script_or_style(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    for path in (*PLAN_PAGES[:4], *FREE_PAGES):
        text = client.get(path).content.decode()
        assert not [word for word in ("style=", "onclick=", "<script>") if word in text]
        assert text.count("<h1>") == 1


def test_board_names_who_owes_the_next_step_and_the_money_switch(plan: Plan, signed_in: SignedIn) -> None:
    text = signed_in("finance").get("/cycles/?show=units").content.decode()
    assert "It waits for Demand planner or Finance" in text
    assert 'data-show="units"' in text


def test_search_finds_item_family_and_market(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("viewer")
    assert b"CHAIR-OAK" in client.get("/cycles/search/?q=oak").content
    assert b"LAMPS" in client.get("/cycles/search/?q=lamps").content
    assert b"SOUTH/DEALER" in client.get("/cycles/search/?q=south").content
    assert b"Nothing found" in client.get("/cycles/search/?q=zzz").content
