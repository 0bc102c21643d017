"""The pages Adjustments and Actions & decisions: who sees them, filters, dialogs, refusals at their field."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from cycles.models import Decision
from finance.models import Action, Adjustment
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan
from tests.finance.views.test_pages import ADJUSTMENT, at, client_of
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def _landed() -> Sample:
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


landed_once = kept(_landed)


@pytest.fixture
def landed(landed_once: Sample) -> Sample:
    return fresh(landed_once)


@pytest.mark.parametrize("page", ("adjustments", "actions"))
def test_who_sees_the_pages(landed: Sample, page: str) -> None:
    for who, status in (("finance", 200), ("viewer", 200), ("executive", 200), ("outsider", 404)):
        assert client_of(landed, who).get(at(page)).status_code == status
    assert Client().get(at(page)).status_code == 302
    assert client_of(landed, "finance").post(at(page)).status_code == 405
    rail = client_of(landed, "viewer").get(reverse("cycles:board", args=["2014-06"])).content.decode()
    assert at(page) in rail


@pytest.mark.parametrize(
    ("who", "status"), [("finance", 302), ("executive", 302), ("viewer", 403), ("admin", 403), ("outsider", 404)]
)
def test_who_may_ask_for_a_reforecast(landed: Sample, who: str, status: int) -> None:
    answer = client_of(landed, who).post(at("reforecast"), {"question": "The market moved"})
    assert answer.status_code == status
    assert Decision.objects.count() == (status == 302)


def test_a_reforecast_is_asked_taken_and_shown(landed: Sample) -> None:
    client_of(landed, "finance").post(at("reforecast"), {"question": "The market moved"})
    decision = Decision.objects.get()
    taken = {"choice": "Reforecast as FY2014-R1", "reason": "Agreed"}
    answer = client_of(landed, "executive").post(reverse("cycles:take_decision", args=[decision.pk]), taken)
    assert answer.status_code == 302
    page = client_of(landed, "viewer").get(at("actions"))
    position = page.context["position"]
    assert [(row.word, gap) for row, gap in page.context["references"]] == [("budget", position.gap), ("FY2014-R1", 0)]
    assert "against Reforecast FY2014-R1 needs an answer" in page.content.decode()


def test_an_adjustment_is_replaced_withdrawn_filtered_and_keeps_its_life(landed: Sample) -> None:
    client = client_of(landed, "finance")
    client.post(at("adjust"), ADJUSTMENT)
    first = Adjustment.objects.get()
    form = client.get(at("replace", first.pk), headers=HTMX).content.decode()
    assert 'value="Dealer risk"' in form and "-500.01; -500.00" in form
    assert client.post(at("replace", first.pk), ADJUSTMENT | {"amount": "-10"}).status_code == 302
    (entry,) = client.get(at("adjustments")).context["entries"]
    assert [said.total_cents for said in entry.life] == [-1000_01, -10_00]
    client.post(at("withdraw", entry.row.pk), {"reason": "They paid"})
    assert client.get(at("adjustments")).context["entries"] == []
    (ended,) = client.get(at("adjustments"), {"state": "ended", "q": "dealer"}).context["entries"]
    assert (ended.state, len(ended.life)) == ("withdrawn", 3)
    assert client.get(at("adjustments"), {"state": "all", "measure": "cash"}).context["entries"] == []


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"kind": "timing", "by_month": "-300; 299"}, "by_month", "nets to zero"),
        ({"by_month": "-300; 1,5"}, "by_month", "is no amount"),
        ({"amount": ""}, "amount", "needs an amount"),
        ({"evidence": ""}, "evidence", "required"),
        ({"first_month": "2014-05"}, "first_month", "closed month has its actuals"),
        ({"expires_on": "2014-05"}, "expires_on", "Let it hold until an open month"),
        ({"last_month": "2014-05"}, "last_month", "lies before the first"),
    ],
)
def test_a_refusal_stands_at_its_field(landed: Sample, changed: dict[str, str], field: str, words: str) -> None:
    answer = client_of(landed, "finance").post(at("adjust"), ADJUSTMENT | changed, headers=HTMX)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert any(words in text for text in errors.get(field, errors.get("amount", []))), errors
    assert not Adjustment.objects.exists()


def test_a_timing_by_month_and_its_part_in_each_year(landed: Sample) -> None:
    asked = ADJUSTMENT | {"kind": "timing", "first_month": "2014-12", "by_month": "-1,000.50; 1000.50"}
    client = client_of(landed, "finance")
    assert client.post(at("adjust"), asked).status_code == 302
    (entry,) = client.get(at("adjustments")).context["entries"]
    assert entry.years == {2014: -1000_50, 2015: 1000_50}
    assert client.get(at("reconciliation")).context["position"].adjustments == -1000_50
    profit = client.get(at("cash"), {"show": "value"})
    assert profit.context["nets"][0][1] == [-1000_50, 1000_50]
    assert "Named adjustments, beside these operating figures" in profit.content.decode()


ACTION = {"title": "Second shift", "due_on": "2014-07-01", "revenue": "5000", "margin": "2000", "cash": "-100"}


def test_an_action_by_month_is_listed_with_its_history(landed: Sample) -> None:
    client, owner = client_of(landed, "supply_planner"), landed.cast.supply_planner
    asked = ACTION | {
        "owner": owner.pk, "driver": "supply_constraint", "probability": "80", "first_month": "2014-06",
        "revenue_by_month": "1000; 4000",
    }  # fmt: skip
    assert client.post(at("act"), asked).status_code == 302
    action = Action.objects.get()
    assert action.revenue_months == [1_000_00, 4_000_00]
    assert (action.margin_months, action.cash_months) == ([1_000_00] * 2, [-50_00] * 2)
    assert (action.cash_cents, action.expected_cents) == (-100_00, 4_000_00)
    client.post(at("move", action.pk), {"state": "dropped", "note": "No people"})
    assert client.get(at("actions")).context["rows"] == []
    ((row, moves),) = client.get(at("actions"), {"state": "closed", "owner": owner.pk}).context["rows"]
    assert [(move.after, move.note) for move in moves] == [("proposed", ""), ("dropped", "No people")]
    assert client.post(at("move", action.pk), {"state": "agreed"}).status_code == 422


def test_an_action_between_given_months_is_spread_evenly(landed: Sample) -> None:
    asked = ACTION | {"owner": landed.cast.finance.pk, "first_month": "2014-06", "last_month": "2014-08"}
    assert client_of(landed, "finance").post(at("act"), asked).status_code == 302
    assert Action.objects.get().revenue_months == [1_666_67, 1_666_67, 1_666_66]


def test_an_action_without_money_is_refused_at_its_field(landed: Sample) -> None:
    asked = {"title": "Talk", "due_on": "2014-07-01", "owner": landed.cast.finance.pk}
    answer = client_of(landed, "finance").post(at("act"), asked, headers=HTMX)
    assert answer.status_code == 422
    assert "promises no money" in answer.content.decode()
