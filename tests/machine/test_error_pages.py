"""What a person sees when something goes wrong: each status made to happen, with its number and a way back."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from cycles.errors import ReasonMissing
from cycles.models import Plan
from cycles.services.cycles import open_cycle
from cycles.views.answering import page
from sop_portal import errors, urls
from tests.cast import Cast, make_cast
from tests.small_company import small_company

BOARD = "http://testserver/cycles/"
ADJUSTMENT = {
    "title": "Dealer risk", "kind": "risk", "measure": "revenue", "amount": "-1000", "first_month": "2014-01",
    "last_month": "2014-02", "expires_on": "2014-12", "reason": "Two dealers are late", "evidence": "Call of 3 January",
}  # fmt: skip
NUMBER = re.compile(r"<code>([0-9a-f-]{36})</code>")


def raising(error: Exception) -> object:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


urlpatterns = [
    path("broken/", raising(RuntimeError("a secret of the company"))),
    path("cut-short/", raising(SuspiciousOperation("bad host"))),
    path("forbidden/", raising(PermissionDenied())),
    path("unreasoned/", page(raising(ReasonMissing("Say why.")))),  # type: ignore[arg-type]
    path("api/broken/", raising(RuntimeError("a secret of the company"))),
    path("", include("sop_portal.urls")),
]
handler400, handler403 = "sop_portal.errors.bad_request", "sop_portal.errors.permission_denied"
handler404, handler500 = "sop_portal.errors.page_not_found", "sop_portal.errors.server_error"


@pytest.fixture
def client() -> Client:
    """A browser that is shown what a person is shown."""
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    small_company()
    return open_cycle(month=date(2014, 1, 1), actor=cast.finance)


def says(answer: HttpResponse, status: int, title: str) -> str:
    """The page is whole: its status, its title, a number, a way back and no inline code."""
    html = answer.content.decode()
    assert answer.status_code == status
    assert re.search(rf"<h1>\s*{title}\s*</h1>", html)
    assert NUMBER.search(html)
    assert 'href="/"' in html or "/cycles/" in html
    assert "style=" not in html and "<script>" not in html
    return html


@pytest.mark.urls(__name__)
def test_500_needs_no_database_and_tells_no_secret(client: Client) -> None:
    html = says(client.get("/broken/", headers={"Referer": BOARD}), 500, "Something went wrong")
    assert "secret" not in html
    assert 'href="/cycles/"' in html


@pytest.mark.urls(__name__)
def test_the_number_of_a_500_is_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("ERROR"):
        html = says(client.get("/broken/"), 500, "Something went wrong")
    number = NUMBER.search(html)
    logged = [record for record in caplog.records if record.levelname == "ERROR"]
    assert number and logged
    assert any(number[1] in str(record.msg) or number[1] in str(record.__dict__) for record in logged)


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("accept", ["application/json", "*/*"])
def test_a_machine_gets_a_problem(client: Client, accept: str) -> None:
    answer = client.get("/api/broken/", headers={"Accept": accept})
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert len(answer.json()["request_id"]) == 36


@pytest.mark.urls(__name__)
def test_400(client: Client) -> None:
    says(client.get("/cut-short/"), 400, "The request cannot be read")


@pytest.mark.urls(__name__)
def test_403_stands_in_the_frame_of_whom_it_knows(client: Client, cast: Cast) -> None:
    client.force_login(cast.viewer)
    assert 'id="rail"' in says(client.get("/forbidden/"), 403, "Not allowed to you")


def test_404_in_the_frame_for_people_and_bare_for_strangers(client: Client, plan: Plan, cast: Cast) -> None:
    assert 'id="rail"' not in says(client.get("/no/such/page/"), 404, "Not found")
    client.force_login(cast.viewer)
    html = says(client.get("/demand/1999-01/", headers={"Referer": BOARD}), 404, "Not found")
    assert 'id="rail"' in html and 'href="/cycles/"' in html


def test_405_leads_back_instead_of_an_empty_page(client: Client, plan: Plan, cast: Cast) -> None:
    client.force_login(cast.finance)
    answer = client.get("/finance/2014-01/compute/")
    says(answer, 405, "Nothing to see here")
    assert answer["Allow"] == "POST"


def test_a_form_without_its_token_has_expired(client: Client, plan: Plan, cast: Cast) -> None:
    client.force_login(cast.finance)
    says(client.post("/finance/2014-01/compute/"), 403, "The form has expired")
    inside = client.post("/finance/2014-01/compute/", headers={"HX-Request": "true"})
    assert (inside.status_code, inside["HX-Retarget"]) == (403, "#dialog")
    assert inside.content.decode().lstrip().startswith("<div")


def test_403_and_409_of_a_rule(plan: Plan, cast: Cast) -> None:
    """A viewer never adjusts, finance not while the data stage is open."""
    client = Client()
    client.force_login(cast.viewer)
    says(client.post("/finance/2014-01/adjustments/new/", ADJUSTMENT), 403, "Not allowed to you")
    client.force_login(cast.finance)
    says(client.post("/finance/2014-01/adjustments/new/", ADJUSTMENT), 409, "Not possible now")


@pytest.mark.urls(__name__)
def test_422_of_a_rule_as_a_page_and_as_a_dialog(plan: Plan, cast: Cast) -> None:
    client = Client()
    client.force_login(cast.viewer)
    html = says(client.get("/unreasoned/", headers={"Referer": BOARD}), 422, "Not possible like this")
    assert "Say why." in html and f'href="{BOARD}"' in html
    inside = client.get("/unreasoned/", headers={"HX-Request": "true"})
    assert (inside.status_code, inside["HX-Retarget"]) == (422, "#dialog")
    assert NUMBER.search(inside.content.decode())


@pytest.mark.parametrize(
    ("came_from", "back"),
    [(BOARD, "/cycles/"), ("https://elsewhere.example/", "/"), ("http://testserver/login/?next=/", "/"), ("", "/")],
)
def test_the_way_back_stays_inside_the_portal(client: Client, came_from: str, back: str) -> None:
    html = client.get("/no/such/page/", headers={"Referer": came_from}).content.decode()
    assert f'class="btn btn-primary" href="{back}"' in html


def test_an_ended_session_takes_the_window_to_the_sign_in(plan: Plan) -> None:
    part = {"HX-Request": "true", "HX-Current-URL": "http://testserver/demand/2014-01/"}
    answer = Client().get("/demand/2014-01/headline/", headers=part)
    assert answer.status_code == 401
    assert answer["HX-Redirect"].startswith("/login/?next=") and "headline" not in answer["HX-Redirect"]
    form = Client().post("/finance/2014-01/compute/", headers={"Referer": "http://testserver/finance/2014-01/"})
    assert form["Location"] == "/login/?next=http%3A//testserver/finance/2014-01/"


def test_every_handler_of_the_portal_is_ours() -> None:
    handlers = [getattr(urls, f"handler{status}") for status in (400, 403, 404, 500)]
    assert {handler.rpartition(".")[0] for handler in handlers} == {errors.__name__}
