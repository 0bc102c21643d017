"""The moves of a stage by form and by dialog, waivers, preferences and answers: actor × outcome."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cycles.models import Decision, Plan, User
from cycles.registry import Finding
from cycles.workflow import StageKind, StageStatus
from tests.cycles.stand_ins import alone
from tests.cycles.views.conftest import SignedIn

SUBMIT = "/cycles/2014-01/stages/data/submit/"
APPROVE = "/cycles/2014-01/stages/data/approve/"
RETURN = "/cycles/2014-01/stages/data/return/"
REOPEN = "/cycles/2014-01/stages/data/reopen/"
WAIVE = "/cycles/2014-01/stages/data/waive/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def open_gate(plan: Plan) -> Iterator[list[Finding]]:
    """The only gate of the data stage reports what the list holds."""
    found: list[Finding] = []
    with alone(gates={StageKind.DATA: lambda asked: list(found)}):
        yield found


def _status(plan: Plan) -> str:
    return plan.stages.get(kind=StageKind.DATA).status


@pytest.mark.parametrize(
    ("who", "status", "after"),
    [
        ("demand_planner", 302, StageStatus.SUBMITTED),
        ("finance", 302, StageStatus.SUBMITTED),
        ("supply_planner", 403, StageStatus.OPEN),
        ("executive", 403, StageStatus.OPEN),
        ("viewer", 403, StageStatus.OPEN),
        ("admin", 403, StageStatus.OPEN),
        ("outsider", 404, StageStatus.OPEN),
    ],
)
def test_submit(plan: Plan, open_gate: list[Finding], signed_in: SignedIn, who: str, status: int, after: str) -> None:
    assert signed_in(who).post(SUBMIT).status_code == status
    assert _status(plan) == after


def test_block_is_shown_with_its_link_and_refuses(plan: Plan, open_gate: list[Finding], signed_in: SignedIn) -> None:
    open_gate.append(Finding("x", "block", "Prices are missing", 12_345_600, link_name="cycles:data"))
    answer = signed_in("finance").post(SUBMIT, headers=HTMX)
    assert answer.status_code == 422
    assert b"Prices are missing" in answer.content
    assert b"$123.5 k" in answer.content  # 123,456.00
    assert b'href="/cycles/2014-01/data/"' in answer.content
    assert _status(plan) == StageStatus.OPEN


def test_dialog_leads_back_to_the_page_of_the_stage(plan: Plan, open_gate: list[Finding], signed_in: SignedIn) -> None:
    answer = signed_in("finance").post(SUBMIT, headers=HTMX)
    assert answer["HX-Redirect"] == "/cycles/2014-01/data/"


def test_submitter_cannot_approve_and_another_can(plan: Plan, open_gate: list[Finding], signed_in: SignedIn) -> None:
    signed_in("finance").post(SUBMIT)
    assert signed_in("finance").post(APPROVE).status_code == 403
    assert signed_in("supply_planner").post(APPROVE).status_code == 302
    assert _status(plan) == StageStatus.APPROVED


def test_return_needs_a_reason(plan: Plan, open_gate: list[Finding], signed_in: SignedIn) -> None:
    signed_in("finance").post(SUBMIT)
    approver = signed_in("supply_planner")
    assert approver.post(RETURN).status_code == 422
    assert approver.post(RETURN, {"text": "Prices of June"}).status_code == 302
    assert _status(plan) == StageStatus.OPEN


def test_not_now_is_409_and_not_you_is_403(plan: Plan, open_gate: list[Finding], signed_in: SignedIn) -> None:
    assert signed_in("finance").post(REOPEN, {"text": "Late file"}).status_code == 409
    assert signed_in("viewer").post(REOPEN, {"text": "Late file"}).status_code == 403


def test_unknown_verb_is_not_found(plan: Plan, signed_in: SignedIn) -> None:
    assert signed_in("finance").get("/cycles/2014-01/stages/data/publish/").status_code == 404


def test_waiver_lets_the_stage_pass(plan: Plan, open_gate: list[Finding], signed_in: SignedIn) -> None:
    open_gate.append(Finding("stock", "block", "Stock is old", 100))
    client = signed_in("finance")
    given = {"code": "test.data", "subject": "stock", "reason": "Counted by hand"}
    assert client.post(WAIVE, {**given, "reason": ""}).status_code == 422
    assert client.post(WAIVE, given).status_code == 302
    assert client.post(SUBMIT).status_code == 302


def test_what_may_never_be_waived_is_422(plan: Plan, open_gate: list[Finding], signed_in: SignedIn) -> None:
    open_gate.append(Finding("price", "block", "Price is missing", waivable=False))
    given = {"code": "test.data", "subject": "price", "reason": "Please"}
    assert signed_in("finance").post(WAIVE, given).status_code == 422


@pytest.mark.parametrize(
    ("sent", "status"), [({"theme": "dark"}, 204), ({"display": "units"}, 204), ({"theme": "x"}, 422)]
)
def test_preferences(plan: Plan, signed_in: SignedIn, sent: dict[str, str], status: int) -> None:
    assert signed_in("viewer").post("/cycles/preferences/", sent).status_code == status
    viewer = User.objects.get(username="viewer")
    kept = {"theme": viewer.theme, "display": viewer.display}
    assert (kept.items() >= sent.items()) == (status == 204)


def test_decision_is_asked_and_taken(plan: Plan, signed_in: SignedIn) -> None:
    asked = {"subject": "Chairs", "question": "Reforecast the chairs?"}
    assert signed_in("viewer").post("/cycles/2014-01/decisions/new/", asked).status_code == 403
    assert signed_in("finance").post("/cycles/2014-01/decisions/new/", asked).status_code == 302
    take = f"/cycles/decisions/{Decision.objects.get().pk}/take/"
    answer = {"choice": "Yes", "reason": "Two accounts are lost"}
    assert signed_in("viewer").post(take, answer).status_code == 403
    assert signed_in("executive").post(take, answer).status_code == 302
    assert signed_in("outsider").post(take, answer).status_code == 404
    assert Decision.objects.get().choice == "Yes"


def test_assumption_is_recorded_by_planners_only(plan: Plan, signed_in: SignedIn) -> None:
    said = {"code": "price.june", "text": "Prices rise by 2 % in June", "source": "Board"}
    assert signed_in("executive").post("/cycles/2014-01/assumptions/new/", said).status_code == 403
    assert signed_in("demand_planner").post("/cycles/2014-01/assumptions/new/", said).status_code == 302
    assert plan.assumptions.get().source == "Board"
