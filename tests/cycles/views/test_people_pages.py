"""People, the access review and the answers' own pages: address × method × role, and what the pages say."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from catalog.models import Family
from cycles.models import AuditRow, Membership, Plan, User
from cycles.policy import Role
from cycles.services.access_review import access_review
from tests.cast import Cast
from tests.cycles.views.conftest import SignedIn

ROLES = ("demand_planner", "supply_planner", "finance", "executive", "admin", "viewer", "outsider")
HTMX = {"HX-Request": "true"}


def allowed(*who: str, ok: int = 200, other: int = 403) -> dict[str, int]:
    return {name: ok if name in who else other for name in ROLES}


#: address, method → status per role; {target} is the account of a viewer.
TABLE: list[tuple[str, str, dict[str, int]]] = [
    ("/cycles/people/", "get", allowed(*ROLES)),
    ("/cycles/people/new/", "get", allowed("admin")),
    ("/cycles/people/new/", "post", allowed("admin", ok=422)),
    ("/cycles/people/{target}/", "get", allowed("admin")),
    ("/cycles/people/{target}/change/", "get", allowed("admin")),
    ("/cycles/people/{target}/role/", "get", allowed("admin")),
    ("/cycles/people/{target}/role/", "post", allowed("admin", ok=422)),
    ("/cycles/people/{target}/off/", "get", allowed("admin")),
    ("/cycles/people/{target}/off/", "post", allowed("admin", ok=422)),
    ("/cycles/people/{target}/on/", "post", allowed("admin", ok=302)),
    ("/cycles/people/{target}/sign-out/", "post", allowed("admin", ok=302)),
    ("/cycles/people/{target}/invite/", "post", allowed("admin")),
    ("/cycles/people/{target}/role/viewer/take/", "post", allowed("admin", ok=302)),
    ("/cycles/people/999999/", "get", allowed("admin", ok=404)),
    ("/cycles/people/{service}/", "get", allowed("admin", ok=404)),
    ("/cycles/people/review/", "get", allowed("admin", "finance", "executive")),
    ("/cycles/people/review/x/sign/", "get", allowed("finance", "executive")),
    ("/cycles/2014-01/assumptions/new/", "get",
     {**allowed("demand_planner", "supply_planner", "finance"), "outsider": 404}),
    ("/cycles/2014-01/decisions/new/", "get",
     {**allowed("demand_planner", "supply_planner", "finance", "executive"), "outsider": 404}),
]  # fmt: skip


@pytest.mark.parametrize(("address", "method", "expected"), TABLE, ids=[f"{row[1]} {row[0]}" for row in TABLE])
def test_who_may(
    plan: Plan, cast: Cast, signed_in: SignedIn, address: str, method: str, expected: dict[str, int]
) -> None:
    service = User.objects.get(username="service.viewer").pk
    target = User.objects.create_user("target")
    found = {}
    for who in ROLES:
        Membership.objects.get_or_create(user=target, role=Role.VIEWER.value)
        found[who] = getattr(signed_in(who), method)(address.format(target=target.pk, service=service)).status_code
    assert found == expected


def test_writing_addresses_refuse_get(plan: Plan, cast: Cast, signed_in: SignedIn) -> None:
    for verb in ("on", "sign-out", "invite", "role/viewer/take"):
        assert signed_in("admin").get(f"/cycles/people/{cast.viewer.pk}/{verb}/").status_code == 405


def test_nobody_is_sent_to_sign_in(plan: Plan, cast: Cast) -> None:
    for path in ("/cycles/people/review/", "/cycles/people/new/", f"/cycles/people/{cast.viewer.pk}/"):
        assert Client().get(path)["Location"].startswith("/login/")


def test_an_admin_makes_a_person_gives_a_role_and_the_person_comes_in(
    plan: Plan, cast: Cast, signed_in: SignedIn
) -> None:
    admin = signed_in("admin")
    made = admin.post("/cycles/people/new/", {"username": "nora", "first_name": "Nora"}, headers=HTMX)
    link = made.content.decode().split('tabindex="0">http://testserver')[1].split("<")[0]
    nora = User.objects.get(username="nora")
    chairs = {"role": "demand_planner", "families": [Family.objects.earliest("pk").pk]}
    assert (
        admin.post(f"/cycles/people/{nora.pk}/role/", chairs, headers=HTMX)["HX-Redirect"]
        == f"/cycles/people/{nora.pk}/"
    )
    window = Client()
    form = window.get(link)["Location"]
    word = "long enough a password"
    window.post(form, {"new_password1": word, "new_password2": word})
    assert window.login(username="nora", password=word)
    assert b"Demand planner" in window.get("/cycles/people/").content
    codes = AuditRow.objects.filter(subject="nora").values_list("code", flat=True)
    assert list(codes) == ["cycles.person.created", "cycles.membership.granted", "cycles.person.password_set"]


def test_a_name_that_is_taken_is_said_at_its_field(plan: Plan, signed_in: SignedIn) -> None:
    answer = signed_in("admin").post("/cycles/people/new/", {"username": "Finance"}, headers=HTMX)
    assert answer.status_code == 422
    assert "signs in as “Finance” already" in answer.content.decode()


def test_the_own_account_offers_no_rights(plan: Plan, cast: Cast, signed_in: SignedIn) -> None:
    text = signed_in("admin").get(f"/cycles/people/{cast.admin.pk}/").content.decode()
    assert "Another admin changes your roles" in text
    assert "Give a role" not in text
    assert "Switch off" not in text


def test_the_review_as_a_file_has_every_person_and_no_formula(plan: Plan, cast: Cast, signed_in: SignedIn) -> None:
    User.objects.filter(pk=cast.viewer.pk).update(first_name='=HYPERLINK("http://evil")')
    answer = signed_in("finance").get("/cycles/people/review/?as=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert {row[1] for row in rows} >= {person.username for person in User.objects.filter(is_service=False)}
    assert '\'=HYPERLINK("http://evil")' in {row[0] for row in rows}


def test_a_signed_review_is_said_on_the_page_until_access_changes(plan: Plan, cast: Cast, signed_in: SignedIn) -> None:
    finance = signed_in("finance")
    assert "Nobody has reviewed it yet." in finance.get("/cycles/people/review/").content.decode()
    sign = f"/cycles/people/review/{access_review().digest}/sign/"
    assert finance.post(sign, {"text": "Looked"}).status_code == 302
    assert "nothing has changed since" in finance.get("/cycles/people/review/").content.decode()
    Membership.objects.create(user=cast.outsider, role="viewer")
    assert "access has changed since" in finance.get("/cycles/people/review/").content.decode()
    assert finance.post(sign, {"text": "Looked"}).status_code == 409


def test_a_decision_is_asked_with_options_owner_and_day(plan: Plan, cast: Cast, signed_in: SignedIn) -> None:
    asked = {
        "subject": "Chairs", "question": "Promote or wait?", "money": "-1200.50", "options": "*Promote\nWait\n\n",
        "owner": cast.executive.pk, "due_on": "2014-01-20",
    }  # fmt: skip
    assert signed_in("finance").post("/cycles/2014-01/decisions/new/", asked).status_code == 302
    decision = plan.decisions.get()
    assert decision.options == [{"title": "Promote", "recommended": True}, {"title": "Wait"}]
    assert (decision.money_cents, decision.owner, f"{decision.due_on}") == (-1200_50, cast.executive, "2014-01-20")
    text = signed_in("viewer").get("/cycles/2014-01/decisions/").content.decode()
    assert "Recommended" in text
    assert "late by" in text  # its day lies years back


def test_a_measured_assumption_is_written_down_on_the_page(plan: Plan, cast: Cast, signed_in: SignedIn) -> None:
    said = {
        "code": "units", "text": "As usual.", "metric": "demand.units", "first_month": "2014-01",
        "expected": "900", "tolerance": "5", "owner": cast.finance.pk,
    }  # fmt: skip
    client = signed_in("demand_planner")
    bare = client.post("/cycles/2014-01/assumptions/new/", {**said, "expected": ""}, headers=HTMX)
    assert bare.status_code == 422
    assert "so that the actual months can answer" in bare.content.decode()
    strange = client.post("/cycles/2014-01/assumptions/new/", {**said, "currency": "USD"}, headers=HTMX)
    assert "is not known by currency" in strange.content.decode()
    assert client.post("/cycles/2014-01/assumptions/new/", said).status_code == 302
    text = client.get("/cycles/2014-01/assumptions/").content.decode()
    assert "Not yet known" in text
    assert "± 5 %" in text
