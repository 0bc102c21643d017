"""Carried edits as offers: one per gesture with its origin, accepted, declined with units and prices, by whom it may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import PriceAction
from cycles.models import AuditRow, Plan
from demand.frames import active_events
from demand.models import CarriedAcceptance, Edit, EditKind, Series
from demand.sections import consensus_problems
from demand.selectors import waiting_carried
from demand.services.carried_offers import Offer, decline_offer, offers_of
from demand.services.ledger import Mode
from demand.services.promotions import plan_event
from tests.demand.scene import FIRST, Scene, make_scene, next_plan, one, sell

pytestmark = pytest.mark.django_db
OAK, PINE, NORTH = "CHAIR-OAK", "CHAIR-PINE", "NORTH/DIRECT"
MARCH = FIRST + 2


@pytest.fixture
def scene() -> Scene:
    """January's plan: a promotion of 6 oak in March, oak typed to 40 in April over a change, 5 pine more in March."""
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24, (PINE, NORTH): [20] * 24})
    PriceAction.objects.create(
        event="SPRING", name="Spring sale", market=made.company.markets[NORTH], item=made.company.items[OAK],
        first_month=date(2014, 3, 1), last_month=date(2014, 3, 1), fraction="0.2", lift_milli=6_000,
    )  # fmt: skip
    oak, pine = made.node(item=OAK, market=NORTH), made.node(item=PINE, market=NORTH)
    plan_event(plan_id=made.plan.pk, event="SPRING", base_revision=0, session="one", actor=made.cast.demand_planner2)
    made.edit(one(oak, 3_000, MARCH + 1), mode=Mode.CHANGE, reason="overwritten")
    made.edit(one(oak, 40_000, MARCH + 1), reason="order in hand")
    made.edit(one(pine, 5_000, MARCH), mode=Mode.CHANGE, reason="a new shop")
    return made


def cell(scene: Scene, plan: Plan, item: str, month: int) -> int:
    series = Series.objects.get(plan=plan, item=scene.company.items[item], market=scene.company.markets[NORTH])
    return int(series.consensus[month - plan.first_month_index])


def by_reason(plan: Plan, scene: Scene) -> dict[object, Offer]:
    return {offer.origin["reason"]: offer for offer in offers_of(plan, scene.cast.demand_planner)}


def test_each_gesture_is_an_offer_of_its_own_with_its_origin(scene: Scene) -> None:
    plan = next_plan(scene)
    offers = by_reason(plan, scene)
    # on no baseline yet: 6 and 5 more, and the 40 that were typed; what was typed over is not carried; at list prices, the
    # spring sale a fifth below
    assert {reason: (offer.units, offer.cents, offer.state.value) for reason, offer in offers.items()} == {
        "Spring sale (SPRING)": (6_000, 6 * 80_00, "open"),
        "order in hand": (40_000, 40 * 100_00, "open"),
        "a new shop": (5_000, 5 * 80_00, "open"),
    }
    spring = offers["Spring sale (SPRING)"].origin
    assert (spring["kind"], spring["author"], spring["plan"]) == ("promotion", "Demand Planner2", "2014-01")
    assert waiting_carried(plan).count() == 3 and active_events(plan) == {"SPRING"}
    assert {edit.kind for edit in Edit.objects.filter(plan=plan)} == {EditKind.CARRIED.value}
    assert list(consensus_problems()) == []


def test_accepted_one_by_one_or_all_and_declined_with_units_and_prices(scene: Scene) -> None:
    plan = next_plan(scene)
    client = Client()
    client.force_login(scene.cast.demand_planner)
    page, accept = (reverse(f"demand:{name}", args=["2014-02"]) for name in ("carried", "accept_carried"))
    offers = by_reason(plan, scene)
    text = client.post(accept, {"revision": offers["a new shop"].edit.revision}, follow=True).content.decode()
    assert "1 carried edit is accepted." in text and "2 wait for a word." in text
    decline = reverse("demand:decline_carried", args=["2014-02", offers["Spring sale (SPRING)"].edit.revision])
    assert "+6 units" in client.get(decline).content.decode()
    assert client.post(decline, {"reason": ""}).status_code == 422
    text = client.post(decline, {"reason": "cancelled by the chain"}, follow=True).content.decode()
    assert "it is out of the plan" in text and "Declined: cancelled by the chain" in text
    assert cell(scene, plan, OAK, MARCH) == 0 and active_events(plan) == set()
    waiting = [offer.edit.revision for offer in offers_of(plan, scene.cast.demand_planner) if offer.state == "open"]
    text = client.post(accept, {"revision": waiting}, follow=True).content.decode()
    assert "wait" not in text.split("<h1")[1].split("</header>")[0] and CarriedAcceptance.objects.count() == 2
    assert AuditRow.objects.filter(code="demand.carried.accepted").count() == 2
    assert client.post(accept, {"revision": 999}).status_code == 404
    assert client.get(page).status_code == 200 and list(consensus_problems()) == []


def test_one_of_several_in_a_cell_is_declined_and_a_later_word_of_a_person_is_not_overwritten(scene: Scene) -> None:
    """5 and 3 pine are carried into March: without the 5 the 3 stay. The 3 are not declined over somebody's 9 since."""
    pine = scene.node(item=PINE, market=NORTH)
    scene.edit(one(pine, 3_000, MARCH), mode=Mode.CHANGE, reason="another shop")
    plan, planner = next_plan(scene), scene.cast.demand_planner2
    offers = by_reason(plan, scene)
    first, second = offers["a new shop"].edit, offers["another shop"].edit
    assert not decline_offer(plan=plan, revision=first.revision, reason="not opened", actor=planner).refused
    assert cell(scene, plan, PINE, MARCH) == 3_000
    replace(scene, plan=plan).edit(one(pine, 9_000, MARCH), reason="counted")
    assert decline_offer(plan=plan, revision=second.revision, reason="neither", actor=planner).refused
    assert cell(scene, plan, PINE, MARCH) == 9_000


def test_a_carried_promotion_is_taken_back_on_its_page_by_any_planner(scene: Scene) -> None:
    plan = next_plan(scene)
    client = Client()
    client.force_login(scene.cast.demand_planner2)
    page = reverse("demand:promotions", args=["2014-02"])
    assert "Take back" in client.get(page).content.decode()
    sent = {"event": "SPRING", "revision": plan.revision}
    client.post(reverse("demand:take_back_event", args=["2014-02"]), sent)
    assert active_events(plan) == set() and cell(scene, plan, OAK, MARCH) == 0
    assert by_reason(plan, scene)["Spring sale (SPRING)"].state.value == "declined"


def test_limits_and_roles(scene: Scene) -> None:
    plan = next_plan(scene)
    revision = by_reason(plan, scene)["order in hand"].edit.revision
    decline = reverse("demand:decline_carried", args=["2014-02", revision])
    client = Client()
    for who, statuses in (("viewer", (200, 403, 403)), ("outsider", (404, 404, 404))):
        client.force_login(getattr(scene.cast, who))
        assert client.get(reverse("demand:carried", args=["2014-02"])).status_code == statuses[0]
        assert client.get(decline).status_code == statuses[1]
        assert (
            client.post(reverse("demand:accept_carried", args=["2014-02"]), {"revision": revision}).status_code
            == statuses[2]
        )
    scene.cast.demand_planner.memberships.get().families.add(scene.company.families["LAMPS"])
    client.force_login(scene.cast.demand_planner)
    assert client.get(decline).status_code == 404 and offers_of(plan, scene.cast.demand_planner) == []
