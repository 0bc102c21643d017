"""Every finance page for everybody: who sees it, what stands on it, what a wrong method or a stranger gets."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from cycles.models import AuditRow, Decision
from finance.models import Action, Adjustment
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db

PAGES = ("reconciliation", "executive", "cash", "drill", "bridge")


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


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("who", "status"), [("finance", 200), ("viewer", 200), ("executive", 200), ("outsider", 404)])
def test_who_sees_a_page(landed: Sample, page: str, who: str, status: int) -> None:
    assert client_of(landed, who).get(at(page)).status_code == status


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_the_login_and_a_post_is_refused(landed: Sample, page: str) -> None:
    assert Client().get(at(page)).status_code == 302
    assert client_of(landed, "finance").post(at(page)).status_code == 405


def test_the_page_states_the_gap_and_its_numbers(landed: Sample) -> None:
    html = client_of(landed, "finance").get(at("reconciliation")).content.decode()
    assert "below budget" in html or "above budget" in html
    assert html.count('class="kpi') >= 5
    assert 'data-chart="bridge-figure"' in html
    assert "style=" not in html and "<script>" not in html


@pytest.mark.parametrize("level", ("category", "family", "item", "market", "region", "month"))
def test_every_level_of_the_drill_has_the_company_as_total(landed: Sample, level: str) -> None:
    answer = client_of(landed, "viewer").get(at("drill"), {"level": level}, headers={"HX-Request": "true"})
    drill = answer.context["drill"]
    assert sum(row.gap for row in drill.rows) == drill.total.gap
    assert all(sum(row.drivers) == row.gap for row in drill.rows)


def test_the_drill_goes_down_to_a_series(landed: Sample) -> None:
    item, market = landed.company.items["CHAIR-OAK"].pk, landed.company.markets["NORTH/DIRECT"].pk
    answer = client_of(landed, "viewer").get(at("drill"), {"item": item, "market": market, "level": "month"})
    drill = answer.context["drill"]
    assert len(drill.rows) == 12
    assert drill.rows[5].drivers[-1] == -450_00


ADJUSTMENT = {
    "title": "Dealer risk",
    "kind": "risk",
    "measure": "revenue",
    "amount": "-1000.01",
    "first_month": "2014-06",
    "last_month": "2014-07",
    "expires_on": "2014-12",
    "reason": "Two dealers are late",
    "evidence": "Call of 3 June",
}


@pytest.mark.parametrize(
    ("who", "status"), [("finance", 302), ("demand_planner", 403), ("viewer", 403), ("outsider", 404)]
)
def test_who_may_adjust(landed: Sample, who: str, status: int) -> None:
    answer = client_of(landed, who).post(at("adjust"), ADJUSTMENT)
    assert answer.status_code == status
    assert Adjustment.objects.count() == (status == 302)


def test_an_adjustment_moves_the_landing_and_is_withdrawn(landed: Sample) -> None:
    client = client_of(landed, "finance")
    client.post(at("adjust"), ADJUSTMENT)
    row = Adjustment.objects.get()
    assert row.cents == [-500_01, -500_00]
    page = client.get(at("reconciliation"))
    assert page.context["position"].adjustments == -1000_01
    assert page.context["position"].unexplained.cents == 0
    assert client.post(at("withdraw", row.pk), {"reason": "They paid"}).status_code == 302
    assert client.get(at("reconciliation")).context["position"].adjustments == 0
    assert Adjustment.objects.count() == 2


def test_a_timing_between_one_month_and_itself_is_refused(landed: Sample) -> None:
    same = ADJUSTMENT | {"kind": "timing", "last_month": "2014-06"}
    assert client_of(landed, "finance").post(at("adjust"), same).status_code == 422


def test_an_action_is_added_moved_and_audited(landed: Sample) -> None:
    client = client_of(landed, "supply_planner")
    asked = {
        "title": "Second shift",
        "owner": landed.cast.supply_planner.pk,
        "due_on": "2014-07-01",
        "revenue": "5000",
        "margin": "2000",
    }
    assert client.post(at("act"), asked).status_code == 302
    action = Action.objects.get()
    assert client.post(at("move", action.pk), {"state": "agreed"}).status_code == 302
    assert client.post(at("move", action.pk), {"state": "nonsense"}).status_code == 422
    asked_again = client.get(at("move", action.pk)).content.decode()
    assert '<option value="agreed" selected>' in asked_again
    codes = list(AuditRow.objects.filter(code__startswith="finance.").values_list("code", flat=True))
    assert codes == ["finance.action.added", "finance.action.moved"]
    assert "Second shift" in client.get(at("reconciliation")).content.decode()


def test_a_decision_answers_a_gap(landed: Sample) -> None:
    company = landed.company.company
    company.unanswered_amount_cents, company.unanswered_fraction = 1, 0
    company.save()
    client = client_of(landed, "finance")
    before = client.get(at("reconciliation")).context["gaps"]
    assert before and not any(gap.answer for gap in before)
    assert client.post(at("decide", "company"), {"question": "Reforecast in July"}).status_code == 302
    assert Decision.objects.get().subject == "company"
    assert all(gap.answer for gap in client.get(at("reconciliation")).context["gaps"])
    assert client.post(at("decide", "no-such-family"), {"question": "x"}).status_code == 404
