"""What a supply planner of one family sees and may do: their items, everybody's work centres, nobody else's pins."""

from datetime import date

import pytest
from django.test import Client

from cycles.errors import NotAllowedToYou
from cycles.models import Membership, User
from cycles.policy import Role
from cycles.selectors import scope_of
from supply.models import OverloadChoice, Pin, PinKind
from supply.services.ledger import PinEntry, PinInvalid, record_pins
from supply.services.overloads import decide_open_overloads
from supply.services.review import review_of
from tests.supply.company import HORIZON, SupplyCompany, demand, open_supply_stage, solve, supply_company

pytestmark = pytest.mark.django_db
NORTH, SOUTH = "NORTH/DIRECT", "SOUTH/DIRECT"
MARCH = date(2014, 3, 1)


@pytest.fixture
def company() -> SupplyCompany:
    """1,000 oak chairs at once overload WOOD; 10 desk lamps a month are sold in the north and 30 in the south."""
    company = supply_company()
    lamps = {("LAMP-DESK", NORTH): [10.0] * HORIZON, ("LAMP-DESK", SOUTH): [30.0] * HORIZON}
    demand(company, {("CHAIR-OAK", NORTH): [1000.0, *[0.0] * (HORIZON - 1)], **lamps})
    open_supply_stage(company)
    entry = PinEntry(
        PinKind.MAKE, MARCH, 5_000, item_id=company.base.items["CHAIR-OAK"].pk, site_id=company.base.site.pk
    )
    record_pins(
        plan_id=company.plan.pk, entries=[entry], reason="Tools", base_revision=0, actor=company.cast.supply_planner
    )
    solve(company)
    return company


def planner_of(company: SupplyCompany, *, family: str = "", market: str = "") -> User:
    person = User.objects.create_user(username="lamps", password="irrelevant here")
    membership = Membership.objects.create(user=person, role=Role.SUPPLY_PLANNER.value)
    if family:
        membership.families.add(company.base.families[family])
    if market:
        membership.markets.add(company.base.markets[market])
    return person


def test_the_page_shows_the_own_family_and_the_work_centres_of_all(client: Client, company: SupplyCompany) -> None:
    client.force_login(planner_of(company, family="LAMPS"))
    text = client.get("/supply/2014-01/").content.decode()
    assert "WOOD" in text and "CHAIR-OAK" not in text and "work centres serve everybody" in text
    client.force_login(company.cast.supply_planner)
    assert "CHAIR-OAK" in client.get("/supply/2014-01/").content.decode()


def test_shipments_are_those_of_the_scope(company: SupplyCompany) -> None:
    """Everything in the own family; in a single market only what goes there, and no stock, which serves all markets."""
    family = review_of(company.plan, scope_of(planner_of(company, family="LAMPS")))
    assert family.ship_milli == HORIZON * (10 + 30) * 1000 and family.short_milli == 0
    assert {row.name for row in family.stock} == {"LAMPS"}
    User.objects.filter(username="lamps").update(username="lamps-everywhere")
    market = review_of(company.plan, scope_of(planner_of(company, family="LAMPS", market=NORTH)))
    assert market.ship_milli == HORIZON * 10 * 1000
    assert market.stock == () and market.overloads == family.overloads


def test_a_foreign_pin_is_not_found(client: Client, company: SupplyCompany) -> None:
    pin = Pin.objects.get()
    client.force_login(planner_of(company, family="LAMPS"))
    assert client.get(f"/supply/2014-01/pins/{pin.pk}/release/").status_code == 404
    assert client.post(f"/supply/2014-01/pins/{pin.pk}/release/", {"reason": "Mine now"}).status_code == 404
    client.force_login(company.cast.supply_planner)
    assert client.get(f"/supply/2014-01/pins/{pin.pk}/release/").status_code == 200


@pytest.mark.parametrize(("item", "fits"), [("LAMP-DESK", True), ("CHAIR-OAK", False)])
def test_only_items_of_the_own_family_are_pinned(company: SupplyCompany, item: str, fits: bool) -> None:
    kind = PinKind.BUY if item == "LAMP-DESK" else PinKind.MAKE
    entry = PinEntry(kind, MARCH, 7_000, item_id=company.base.items[item].pk, site_id=company.base.site.pk)
    person = planner_of(company, family="LAMPS")
    given = {"plan_id": company.plan.pk, "entries": [entry], "reason": "A fair", "base_revision": 99, "actor": person}
    if fits:
        assert len(record_pins(**given).saved) == 1
    else:
        with pytest.raises(PinInvalid, match="names an item that exists"):
            record_pins(**given)


def test_what_serves_every_family_is_decided_by_who_sees_all_of_them(company: SupplyCompany) -> None:
    person = planner_of(company, family="LAMPS")
    shift = PinEntry(PinKind.EXTRA_SHIFT, MARCH, 8_000, work_centre_id=company.centre.pk)
    with pytest.raises(NotAllowedToYou):
        record_pins(plan_id=company.plan.pk, entries=[shift], reason="More", base_revision=99, actor=person)
    with pytest.raises(NotAllowedToYou):
        decide_open_overloads(plan_id=company.plan.pk, choice=OverloadChoice.PLAN, reason="Fine", actor=person)


def test_page_before_the_first_run_says_what_comes(client: Client) -> None:
    company = supply_company()
    client.force_login(company.cast.viewer)
    text = client.get("/supply/2014-01/").content.decode()
    assert "No supply plan yet" in text
