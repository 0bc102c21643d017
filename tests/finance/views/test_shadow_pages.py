"""The shadow-model page: who may what, a file handed in, every answer, a later file, what cannot be read."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.models import Family
from cycles.models import AuditRow, Stage
from cycles.selectors import roles_of
from cycles.workflow import StageKind
from demand.duties import proposal_duties
from demand.models import Edit, EditProposal, Series
from finance.models import Adjustment, ShadowAnswer, ShadowCheck, ShadowDelta, ShadowState
from finance.selectors.shadow import shadow_problems
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan
from tests.finance.services.test_shadow_check import SOLD, WANTED, as_csv, rows_of_plan
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db

DOUBLED, OLD_ACTUAL = ("LAMP-FLOOR", "SOUTH/DEALER"), ("CHAIR-PINE", "NORTH/DIRECT")
DOUBLED_CENTS = 2 * WANTED * 60 * 90
OLD_CENTS = -3 * 80 * 90


def _landed() -> Sample:
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


landed_once = kept(_landed)


@pytest.fixture
def landed(landed_once: Sample) -> Sample:
    return fresh(landed_once)


def client_of(sample: Sample, name: str) -> Client:
    client = Client()
    client.force_login(getattr(sample.cast, name))
    return client


def at(name: str, *more: object) -> str:
    return reverse(f"finance:{name}", args=["2014-06", *more])


def theirs() -> bytes:
    rows = rows_of_plan()
    rows[DOUBLED] = [SOLD, WANTED, 2 * WANTED, 2 * WANTED]
    rows[OLD_ACTUAL][0] -= 3
    return as_csv(rows)


def hand_in(client: Client, content: bytes, name: str = "theirs.csv") -> HttpResponse:
    file = SimpleUploadedFile(name, content, "text/csv")
    return client.post(at("shadow_upload"), {"model_name": "Sales director", "file": file, "figures": ""})  # type: ignore[return-value]


def delta_of(label: tuple[str, str]) -> ShadowDelta:
    return ShadowDelta.objects.filter(label=" · ".join(label)).latest("id")


@pytest.mark.parametrize(
    ("who", "page", "file"),
    [("finance", 200, 302), ("executive", 200, 403), ("viewer", 200, 403), ("demand_planner", 200, 403), ("outsider", 404, 404)],
)  # fmt: skip
def test_who_sees_and_who_hands_in(landed: Sample, who: str, page: int, file: int) -> None:
    client = client_of(landed, who)
    assert client.get(at("shadow")).status_code == page
    assert hand_in(client, theirs()).status_code == file
    assert ShadowCheck.objects.count() == (file == 302)


def test_strangers_and_wrong_methods(landed: Sample) -> None:
    assert Client().get(at("shadow")).status_code == 302
    assert client_of(landed, "finance").post(at("shadow")).status_code == 405


def test_the_page_adds_up_to_the_cent(landed: Sample) -> None:
    client = client_of(landed, "finance")
    answer = hand_in(client, theirs())
    page = client.get(answer["Location"])
    check, totals = page.context["check"], page.context["totals"]
    assert check.theirs_cents - check.plan_cents == DOUBLED_CENTS + OLD_CENTS == totals.differences
    assert (totals.unexplained, totals.count, totals.open_count) == (0, 2, 2)
    html = page.content.decode()
    assert html.index(" · ".join(DOUBLED)) < html.index(" · ".join(OLD_ACTUAL))
    assert "unexplained 0.00" in " ".join(html.split())
    assert "style=" not in html and "<script>" not in html


def test_verify_names_a_check_that_lost_a_line(landed: Sample) -> None:
    hand_in(client_of(landed, "finance"), theirs())
    assert list(shadow_problems()) == []
    check = ShadowCheck.objects.get()
    check.pk, check.model_name = None, "Copy without its differences"
    check.save(force_insert=True)
    (problem,) = shadow_problems()
    assert f"{(DOUBLED_CENTS + OLD_CENTS) / 100:,.2f}" in problem.what


def test_the_same_file_again_changes_nothing(landed: Sample) -> None:
    client = client_of(landed, "finance")
    first, second = hand_in(client, theirs()), hand_in(client, theirs(), "renamed.csv")
    assert first["Location"] == second["Location"]
    assert (ShadowCheck.objects.count(), AuditRow.objects.filter(code="finance.shadow.checked").count()) == (1, 1)


def test_a_later_file_shows_what_changed_and_keeps_answers(landed: Sample) -> None:
    client = client_of(landed, "finance")
    hand_in(client, theirs())
    client.post(at("shadow_agree", delta_of(DOUBLED).pk), {"reason": "A second shop opens"})
    rows = rows_of_plan()
    rows[DOUBLED] = [SOLD, WANTED, 2 * WANTED, 2 * WANTED]
    rows["LAMP-DESK", "SOUTH/DIRECT"][3] = 0
    page = client.get(hand_in(client, as_csv(rows))["Location"])
    assert page.context["changes"] == {"new": 1, "changed": 0, "same": 1}
    assert [delta.label for delta in page.context["gone"]] == [" · ".join(OLD_ACTUAL)]
    kept = next(line for line in page.context["lines"] if line.delta.label == " · ".join(DOUBLED))
    assert (kept.state, kept.answer.is_carried, kept.answer.reason) == ("agreed", True, "A second shop opens")
    first = ShadowCheck.objects.earliest("id")
    assert "A later file replaced this check" in client.get(at("shadow"), {"check": first.pk}).content.decode()
    old = first.deltas.get(label=" · ".join(OLD_ACTUAL))
    assert client.post(at("shadow_agree", old.pk), {"reason": "Late"}).status_code == 409


def test_a_difference_becomes_an_adjustment(landed: Sample) -> None:
    client = client_of(landed, "finance")
    hand_in(client, theirs())
    delta = delta_of(DOUBLED)
    asked = {"title": "Second shop", "expires_on": "2014-12", "reason": "It opens in July"}
    assert client.post(at("shadow_adjust", delta.pk), asked).status_code == 302
    adjustment = Adjustment.objects.get()
    assert (adjustment.cents, f"{adjustment.first_month:%Y-%m}") == ([DOUBLED_CENTS // 2] * 2, "2014-07")
    assert (adjustment.family.code, adjustment.market.code) == ("LAMPS", "SOUTH/DEALER")
    answer = ShadowAnswer.objects.get()
    assert (answer.state, answer.adjustment, answer.author) == (ShadowState.ADJUSTED, adjustment, landed.cast.finance)
    assert client.post(at("shadow_agree", delta.pk), {"reason": "Twice"}).status_code == 409


def test_closed_months_are_not_adjusted(landed: Sample) -> None:
    client = client_of(landed, "finance")
    hand_in(client, theirs())
    asked = {"title": "Old", "expires_on": "2014-12", "reason": "Old"}
    answer = client.post(at("shadow_adjust", delta_of(OLD_ACTUAL).pk), asked)
    assert answer.status_code in (409, 422)
    assert "actuals are not adjusted" in answer.content.decode()
    assert not Adjustment.objects.exists()


def test_a_difference_becomes_a_proposal_and_an_edit(landed: Sample) -> None:
    client, planner = client_of(landed, "finance"), client_of(landed, "demand_planner")
    hand_in(client, theirs())
    assert client.post(at("shadow_propose", delta_of(DOUBLED).pk), {"reason": "A second shop"}).status_code == 302
    proposal = EditProposal.objects.get()
    assert proposal.units == [WANTED * 1000] * 2
    accept = reverse("demand:accept_proposal", args=["2014-06", proposal.pk])
    assert planner.post(accept, {"reason": ""}).status_code == 409
    assert [duty.money_cents for duty in proposal_duties(landed.cast.demand_planner, landed.plan)] == [DOUBLED_CENTS]
    assert not list(proposal_duties(landed.cast.finance, landed.plan))
    Stage.objects.filter(plan=landed.plan, kind=StageKind.DEMAND.value).update(status="open")
    assert client.post(accept, {"reason": ""}).status_code == 403
    assert "A second shop" in planner.get(reverse("demand:proposals", args=["2014-06"])).content.decode()
    assert planner.post(accept, {"reason": ""}).status_code == 302
    item, market = landed.company.items[DOUBLED[0]], landed.company.markets[DOUBLED[1]]
    consensus = Series.objects.get(plan=landed.plan, item=item, market=market).consensus
    assert consensus[:4] == [WANTED * 1000, 2 * WANTED * 1000, 2 * WANTED * 1000, WANTED * 1000]
    edit = Edit.objects.get()
    assert edit.author == landed.cast.demand_planner and "Sales director" in edit.reason
    assert planner.post(accept, {"reason": ""}).status_code == 409


def test_a_proposal_is_declined_with_a_reason(landed: Sample) -> None:
    client, planner = client_of(landed, "finance"), client_of(landed, "demand_planner")
    hand_in(client, theirs())
    client.post(at("shadow_propose", delta_of(DOUBLED).pk), {"reason": "A second shop"})
    Stage.objects.filter(plan=landed.plan, kind=StageKind.DEMAND.value).update(status="open")
    decline = reverse("demand:decline_proposal", args=["2014-06", EditProposal.objects.get().pk])
    assert planner.post(decline, {"reason": ""}).status_code == 422
    assert planner.post(decline, {"reason": "It opens next year"}).status_code == 302
    assert not Edit.objects.exists()
    assert "Declined" in client.get(at("shadow")).content.decode()


def test_owner_reopening_filters_and_the_file(landed: Sample) -> None:
    client = client_of(landed, "finance")
    hand_in(client, theirs())
    delta = delta_of(OLD_ACTUAL)
    owner = {"owner": landed.cast.demand_planner.pk, "reason": "Knows the actuals"}
    assert client.post(at("shadow_assign", delta.pk), owner).status_code == 302
    client.post(at("shadow_agree", delta.pk), {"reason": "Returns booked later"})
    assert client.post(at("shadow_reopen", delta.pk), {"reason": "Not so"}).status_code == 302
    assert client.post(at("shadow_reopen", delta.pk), {"reason": "Again"}).status_code == 409
    last = ShadowAnswer.objects.latest("id")
    assert (last.state, last.owner) == ("open", landed.cast.demand_planner)
    shown = client.get(at("shadow"), {"kind": "stale_actual", "state": "open"})
    assert [line.delta for line in shown.context["lines"]] == [delta]
    assert client.get(at("shadow"), {"kind": "sign"}).context["lines"] == []
    listed = client.get(at("shadow_list", delta.check_run_id)).content.decode().splitlines()
    assert len(listed) == 3 and f"{OLD_CENTS / 100:.2f}" in listed[2]


def test_what_cannot_be_read_stands_on_the_page(landed: Sample) -> None:
    answer = hand_in(client_of(landed, "finance"), b"Item,Total\nCHAIR-OAK,5\n")
    assert answer.status_code == 422
    assert "names months" in answer.content.decode()


def test_a_limited_person_sees_their_families_only(landed: Sample) -> None:
    hand_in(client_of(landed, "finance"), theirs())
    viewer = landed.cast.viewer
    assert roles_of(viewer)
    viewer.memberships.get().families.set([Family.objects.get(code="CHAIRS")])
    client = client_of(landed, "viewer")
    page = client.get(at("shadow"))
    assert [line.delta.label for line in page.context["lines"]] == [" · ".join(OLD_ACTUAL)]
    assert client.get(at("shadow_agree", delta_of(DOUBLED).pk)).status_code == 404
