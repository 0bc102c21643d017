"""People, the access review and the answers' own pages: address × method × role, and what the pages say."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import Company, Family
from cycles.models import AuditRow, Membership, Plan, User
from cycles.policy import Role
from cycles.services.access_review import access_review
from cycles.workflow import StageKind
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
    ("/cycles/settings/", "get", {**allowed(*ROLES), "outsider": 403}),
    ("/cycles/settings/of/dso_days/", "get", allowed("admin")),
    ("/cycles/settings/of/dso_days/", "post", allowed("admin", ok=422)),
    ("/cycles/settings/of/history_start/", "get", allowed("admin", ok=404)),
    ("/cycles/settings/rhythm/", "get", allowed("admin")),
    ("/cycles/settings/rhythm/", "post", allowed("admin", ok=422)),
    ("/cycles/settings/holidays/new/", "get", allowed("admin")),
    ("/cycles/settings/holidays/1/remove/", "post", allowed("admin", ok=404)),
    ("/cycles/stages/{stage}/due/", "get", {**allowed("admin"), "outsider": 404}),
    ("/cycles/stages/{stage}/due/", "post", {**allowed("admin", ok=422), "outsider": 404}),
    ("/cycles/stages/999999/due/", "get", allowed(other=404)),
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
    part = HTMX if method == "get" else {}  # a refusal as a part of a page: quicker than a whole one
    found = {}
    for who in ROLES:
        Membership.objects.get_or_create(user=target, role=Role.VIEWER.value)
        path = address.format(target=target.pk, service=service, stage=plan.stages.earliest("position").pk)
        found[who] = getattr(signed_in(who), method)(path, headers=part).status_code
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
        "subject": "Chairs", "question": "Promote or wait?", "money": "-1200.50",
        "option_1": "Promote", "revenue_1": "900", "cash_1": "-12.50", "service_1": "0.2", "option_2": "Wait",
        "recommended": "1",
        "owner": cast.executive.pk, "due_on": "2014-01-20",
    }  # fmt: skip
    assert signed_in("finance").post("/cycles/2014-01/decisions/new/", asked).status_code == 302
    decision = plan.decisions.get()
    priced = {"revenue_cents": 900_00, "cash_cents": -12_50, "service_points": 20}
    assert decision.options == [{"title": "Promote", **priced, "recommended": True}, {"title": "Wait"}]
    assert (decision.money_cents, decision.owner, f"{decision.due_on}") == (-1200_50, cast.executive, "2014-01-20")
    text = signed_in("viewer").get("/cycles/2014-01/decisions/").content.decode()
    assert "Recommended" in text and "+0.20 pp" in text
    assert "late by" in text  # its day lies years back


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"revenue_2": "5"}, "Its amounts need a title"),
        ({"option_1": "Wait", "recommended": "2"}, "Option 2 is empty"),
    ],
)
def test_an_option_that_is_not_whole_is_refused(
    plan: Plan, signed_in: SignedIn, said: dict[str, str], words: str
) -> None:
    asked = {"subject": "Chairs", "question": "Promote or wait?", **said}
    answer = signed_in("finance").post("/cycles/2014-01/decisions/new/", asked, headers=HTMX)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not plan.decisions.exists()


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


def test_each_setting_is_changed_in_the_unit_people_say(plan: Plan, signed_in: SignedIn) -> None:
    admin = signed_in("admin")
    for field, said, kept in (
        ("unanswered_amount_cents", "1234.50", 1234_50),
        ("unanswered_fraction", "7.5", Decimal("0.075")),
        ("mix_level", "item", "item"),
        ("dso_days", "41", 41),
        ("name", "Chairs & Co", "Chairs & Co"),
    ):
        assert admin.post(f"/cycles/settings/of/{field}/", {"value": said}).status_code == 302
        assert getattr(Company.objects.get(), field) == kept
    text = admin.get("/cycles/settings/").content.decode()
    assert "1,234.50" in text
    assert "There is a plan already" in text
    assert "There are amounts already" in text
    assert admin.post("/cycles/settings/of/fiscal_year_start_month/", {"value": "4"}).status_code == 409


def test_policies_are_chosen_from_words(plan: Plan, signed_in: SignedIn) -> None:
    """The variance policy and the average price from their choices, a limit of findings in percent; nothing else."""
    admin = signed_in("admin")
    said = {"variance_policy": "capitalised", "allow_average_price": "True", "price_gap_fraction": "15"}
    for field, value in said.items():
        assert admin.post(f"/cycles/settings/of/{field}/", {"value": value}).status_code == 302
    company = Company.objects.get()
    kept = (company.variance_policy, company.allow_average_price, company.price_gap_fraction)
    assert kept == ("capitalised", True, Decimal("0.15"))
    page = admin.get("/cycles/settings/").content.decode()
    assert "Capitalised and released with sales" in page and "Average selling price may stand in" in page
    assert admin.post("/cycles/settings/of/variance_policy/", {"value": "hidden"}).status_code == 422


def test_the_rhythm_and_a_holiday_are_changed_on_the_page(plan: Plan, cast: Cast, signed_in: SignedIn) -> None:
    admin = signed_in("admin")
    days = {f"day_{kind}": day for kind, day in zip(StageKind, (2, 7, 12, 15, 18), strict=True)}
    late_first = admin.post("/cycles/settings/rhythm/", {**days, "day_data": 9}, headers=HTMX)
    assert late_first.status_code == 422
    assert "Each stage is due after the one before it." in late_first.content.decode()
    assert admin.post("/cycles/settings/rhythm/", {**days, "owner_data": cast.finance.pk}).status_code == 302
    assert admin.post("/cycles/settings/holidays/new/", {"day": "2014-01-06", "name": "Epiphany"}).status_code == 302
    text = signed_in("viewer").get("/cycles/settings/").content.decode()
    assert "Epiphany" in text
    assert "Your admin changes them." in text
