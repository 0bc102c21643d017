"""The bridge card: what the address chooses, what is not there and says so, what stands beside it on the page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from finance.models import AdjustmentKind, Measure
from finance.selectors.region_gaps import region_gaps
from finance.services.adjustments import Scope, Wording, name_adjustment
from tests.finance.sample_plan import FIRST_MONTH, Sample, land, open_reconciliation, sample_plan

pytestmark = pytest.mark.django_db
MONTHS = 12
MARKETS_A_REGION = 2
BUDGET_A_MARKET = (9_000 + 10_000) * 100  # chairs and lamps of a month, cents


@pytest.fixture
def landed() -> Sample:
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


def test_what_the_address_chooses(landed: Sample) -> None:
    client = Client()
    client.force_login(landed.cast.viewer)
    part = reverse("finance:bridge", args=["2014-06"])

    def asked(**query: str) -> tuple[object, object]:
        context = client.get(part, {"show": "value", **query}).context
        return context["choice"], context["walk"]

    usual, walk = asked()
    assert usual.is_usual  # type: ignore[attr-defined]
    assert walk.levels[-1] == walk.steps[-1].cents  # type: ignore[attr-defined]
    assert asked(measure="noise", **{"from": "x", "to": "y"})[0] == usual
    other, walk = asked(measure="cogs", **{"from": "last_year", "to": "landing"})
    steps = walk.steps  # type: ignore[attr-defined]
    assert (steps[0].label, steps[-1].label, other.wanted) == ("Last year", "Landing", "less")  # type: ignore[attr-defined]
    assert steps[0].cents + sum(step.cents for step in steps[1:-1]) == steps[-1].cents
    _, walk = asked(**{"from": "last_cycle"})
    assert walk.missing == "No earlier cycle was approved."  # type: ignore[attr-defined]
    _, walk = asked(**{"from": "landing"})
    assert walk.missing and not walk.steps  # type: ignore[attr-defined]
    answer = client.get(part, {"show": "value", "measure": "margin", "from": "last_year"})
    assert answer["HX-Replace-Url"] == "?measure=margin&from=last_year&to=landing&by=driver"
    html = client.get(reverse("finance:executive", args=["2014-06"]), {"from": "last_cycle"}).content.decode()
    assert "No earlier cycle was approved." in html


def test_gaps_by_region_add_up_and_show_what_answers_them(landed: Sample) -> None:
    market = landed.company.markets["SOUTH/DEALER"]
    wording = Wording(
        kind=AdjustmentKind.RISK,
        measure=Measure.REVENUE,
        title="Dealer risk",
        reason="Two dealers are late",
        first_month=FIRST_MONTH,
        cents=(-1_00,),
        expires_on=FIRST_MONTH,
        scope=Scope(market_id=market.pk),
    )
    name_adjustment(plan=landed.plan, wording=wording, actor=landed.cast.finance)
    north, south = sorted(region_gaps(landed.plan), key=lambda row: row.name)
    assert north.budget == south.budget == MONTHS * MARKETS_A_REGION * BUDGET_A_MARKET
    assert south.landing - north.landing == 5 * 90 * 100  # the five chairs that NORTH/DIRECT does not get
    assert (north.answers, south.answers) == ((), ("Adjustment: Dealer risk",))
