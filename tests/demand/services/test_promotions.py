"""One event, both effects: its units and its price come into a plan with one edit and leave with its undo."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Company, ListPrice, PriceAction
from catalog.services.imports import apply_batch, stage_file
from demand.calc.discounts import DiscountRule
from demand.frames import active_events, load_rates
from demand.models import ActualSeries, Edit, EditKind
from demand.services.ledger import EditInvalid, EditResult, undo_edit
from demand.services.promotions import events_of, plan_event
from tests.demand.scene import FIRST, Scene, make_scene, one, sell
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db

OAK, PINE, NORTH, SOUTH = "CHAIR-OAK", "CHAIR-PINE", "NORTH/DIRECT", "SOUTH/DIRECT"
HEADER = "event,name,market,channel,family,sku,first_month,last_month,discount,lift_units"
SPRING = "SPRING,Spring sale,NORTH,DIRECT,CHAIRS,,2014-03,2014-04,0.2,30"
DEARER = "PINE-UP,Pine is dearer,NORTH,DIRECT,,CHAIR-PINE,2014-06,2014-12,-0.05,"
PAST = "AUTUMN,Autumn sale,NORTH,DIRECT,,CHAIR-OAK,2013-10,2013-10,0.25,5"


def _scene() -> Scene:
    """Two years of 20 a month at list, so the usual discount is 0."""
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24, (PINE, NORTH): [40] * 24}, price=10)
    return made


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


def load(*rows: str) -> None:
    actor = get_user_model()(username="maria")
    content = "\n".join([HEADER, *rows]).encode()
    batch = stage_file(dataset="price_actions", file_name="price_actions.csv", content=content, actor=actor)
    assert batch.faults == []
    apply_batch(batch_id=batch.pk, actor=actor)


def price(scene: Scene, item: str, month: int, market: str = NORTH) -> int:
    """Net price of a cell in ten-thousandths."""
    keys = [scene.company.items[item].pk], [scene.company.markets[market].pk]
    return int(load_rates(scene.plan, *keys).net_price4[0, month - FIRST])


def planned(scene: Scene, event: str, **other: object) -> EditResult:
    scene.plan.refresh_from_db()
    words = {"base_revision": scene.plan.revision, "session": "one", "actor": scene.cast.demand_planner, **other}
    return plan_event(plan_id=scene.plan.pk, event=event, **words)  # type: ignore[arg-type]


def test_before_it_is_planned_an_event_moves_nothing(scene: Scene) -> None:
    load(SPRING)
    (event,) = events_of(scene.plan, scene.cast.demand_planner)
    assert (event.code, event.lift_milli, event.edit, event.is_in_force) == ("SPRING", 2 * 30_000, None, False)
    assert price(scene, OAK, FIRST + 2) == 100_0000


def test_planning_it_moves_units_and_price_and_its_undo_takes_both_back(scene: Scene) -> None:
    """30 more chairs in March and in April, a third of them oak (30 of 90), all 20 % cheaper."""
    load(SPRING)
    edit = planned(scene, "SPRING").edit
    assert edit is not None and edit.kind == EditKind.PROMOTION.value
    assert edit.reason == "Spring sale (SPRING)"
    for month in (FIRST + 2, FIRST + 3):
        assert (scene.cell(OAK, NORTH, month), scene.cell(PINE, NORTH, month)) == (40_000, 80_000)
        assert (price(scene, OAK, month), price(scene, PINE, month)) == (80_0000, 64_0000)
    assert scene.cell(OAK, SOUTH, FIRST + 2) == 10_000
    assert price(scene, OAK, FIRST + 4) == 100_0000
    scene.plan.refresh_from_db()
    undo_edit(edit_id=edit.pk, base_revision=scene.plan.revision, session="one", actor=scene.cast.demand_planner)
    assert (scene.cell(OAK, NORTH, FIRST + 2), price(scene, OAK, FIRST + 2)) == (30_000, 100_0000)
    assert events_of(scene.plan, scene.cast.demand_planner)[0].edit is None


def test_an_event_is_planned_once_and_whole(scene: Scene) -> None:
    load(SPRING, DEARER)
    planned(scene, "SPRING")
    for code, why in (("SPRING", "already"), ("PINE-UP", "adds no units"), ("NONE", "no event NONE")):
        with pytest.raises(EditInvalid, match=why):
            planned(scene, code)
    assert active_events(scene.plan) == {"SPRING"}
    assert "edit_names_or_undoes" in way_to_events_among_many_edits(scene), (
        "every typed cell would read the whole ledger"
    )


def way_to_events_among_many_edits(scene: Scene) -> str:
    """How PostgreSQL finds the events of a plan with 400 other edits."""
    gesture, planner = {"what": "set"}, scene.cast.demand_planner
    Edit.objects.bulk_create(
        Edit(
            plan=scene.plan,
            revision=1000 + k,
            kind=EditKind.OVERRIDE.value,
            reason="x",
            gesture=gesture,
            author=planner,
        )
        for k in range(400)
    )
    with CaptureQueriesContext(connection) as asked:
        active_events(scene.plan)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_cell_that_somebody_else_wrote_refuses_the_whole_event(scene: Scene) -> None:
    load(SPRING)
    scene.plan.refresh_from_db()
    seen = scene.plan.revision
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000, FIRST + 3), actor=scene.cast.demand_planner2)
    result = planned(scene, "SPRING", base_revision=seen)
    assert (result.saved, result.edit, len(result.refused)) == ((), None, 1)
    assert active_events(scene.plan) == set()
    assert not Edit.objects.filter(kind=EditKind.PROMOTION.value).exists()
    assert price(scene, OAK, FIRST + 2) == 100_0000


def test_a_mere_price_change_is_in_force_at_once(scene: Scene) -> None:
    load(DEARER)
    assert [event.is_in_force for event in events_of(scene.plan, scene.cast.demand_planner)] == [True]
    assert price(scene, PINE, FIRST + 4) == 80_0000
    assert price(scene, PINE, FIRST + 5) == int(80_0000 * Decimal("1.05"))


def test_two_actions_on_one_cell_multiply(scene: Scene) -> None:
    load(SPRING, SPRING.replace("SPRING", "MARCH").replace("2014-04,0.2,30", "2014-03,0.5,"))
    planned(scene, "SPRING")
    assert price(scene, OAK, FIRST + 2) == int(100_0000 * Decimal("0.8") * Decimal("0.5"))


def test_repricing_a_closed_month_uses_its_event(scene: Scene) -> None:
    """Oak sold at 75 instead of 100 in October 2013. With the event the usual discount stays 0 and October re-prices
    to what was paid; without it the discount of the year is 20 × 25 ÷ (12 × 20 × 100 + 12 × 40 × 80) and October is off.
    """
    oak = scene.company.items[OAK]
    reprice_october(20 * 75 * 100)
    load(PAST)
    months = range(FIRST - 12, FIRST)
    keys = [oak.pk], [scene.company.markets[NORTH].pk]
    rates = load_rates(scene.plan, *keys, months)
    assert rates.net_price4[0].tolist() == [100_0000] * 9 + [75_0000] + [100_0000] * 2
    assert price(scene, OAK, FIRST) == 100_0000
    PriceAction.objects.all().delete()
    assert abs(load_rates(scene.plan, *keys, months).net_price4[0, 9] / 75_0000 - 1) > 0.02


def reprice_october(cents: int) -> None:
    """Every series sold at list, except oak in October 2013, the third month from the end."""
    for series in ActualSeries.objects.select_related("item"):
        unit = {OAK: 100, PINE: 80}[series.item.code] * 100
        at_list = [units // 1000 * unit for units in series.units]
        net = [*at_list[:-3], cents if series.item.code == OAK else at_list[-3], *at_list[-2:]]
        ActualSeries.objects.filter(pk=series.pk).update(list_cents=at_list, net_cents=net)


def test_an_event_goes_on_in_the_next_plan(scene: Scene) -> None:
    """The carried edit names what the approved plan named."""
    load(SPRING)
    planned(scene, "SPRING")
    Edit.objects.create(
        plan=scene.plan, revision=99, kind=EditKind.CARRIED.value, reason="Carried over.", session="system",
        gesture={"what": "carried", "events": sorted(active_events(scene.plan))}, author=scene.cast.demand_planner,
    )  # fmt: skip
    edit = Edit.objects.get(kind=EditKind.PROMOTION.value)
    scene.plan.refresh_from_db()
    undo_edit(edit_id=edit.pk, base_revision=99, session="one", actor=scene.cast.demand_planner)
    assert active_events(scene.plan) == {"SPRING"}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("E,N,NORTH,DIRECT,CHAIRS,CHAIR-OAK,2014-03,2014-04,0.2,3", "family"),
        ("E,N,NORTH,DIRECT,,,2014-03,2014-04,0.2,3", "family"),
        ("E,N,NORTH,DIRECT,CHAIRS,,2014-03,2014-04,1,3", "discount"),
        ("E,N,NORTH,DIRECT,CHAIRS,,2014-03,2014-02,0.2,3", "last_month"),
    ],
)
def test_actions_that_make_no_sense_are_refused(scene: Scene, row: str, column: str) -> None:
    batch = stage_file(
        dataset="price_actions",
        file_name="p.csv",
        content=f"{HEADER}\n{row}".encode(),
        actor=get_user_model()(username="maria"),
    )
    assert [(fault["row"], fault["column"]) for fault in batch.faults] == [(2, column)]


def test_the_average_selling_price_stands_in_only_when_it_may(scene: Scene) -> None:
    """Oak loses its list: 10.00 was paid per unit in NORTH; in SOUTH, where it never sold, the same over all markets."""
    ListPrice.objects.filter(item=scene.company.items[OAK]).delete()
    assert price(scene, OAK, FIRST) == -1
    Company.objects.update(allow_average_price=True)
    assert price(scene, OAK, FIRST) == 10_0000
    items, markets = [scene.company.items[OAK].pk] * 2, [scene.company.markets[m].pk for m in (NORTH, SOUTH)]
    rates = load_rates(scene.plan, items, markets)
    assert rates.net_price4[:, 0].tolist() == [10_0000, 10_0000]
    assert rates.rule[:, 0].tolist() == [DiscountRule.AVERAGE_ITEM_MARKET, DiscountRule.AVERAGE_ITEM]
    assert not np.any(rates.missing)
