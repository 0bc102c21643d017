"""The upside beside its references, and the walk from baseline to consensus: by hand, exact, cut by limits."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from catalog.models import ReferenceRow
from cycles.models import Cycle, Plan, Snapshot, SnapshotRow
from cycles.selectors import Scope, scope_of
from cycles.workflow import StageKind, StageStatus
from demand.models import EditKind, Series
from demand.services.ledger import Mode, Node
from demand.services.streams import stream_table
from demand.services.upside import (
    BridgeDoesNotClose,
    By,
    inside_named,
    periods_of,
    priced_plan,
    sides_of,
    table_of,
    walk_of,
)
from tests.demand.scene import FIRST, HORIZON, Scene, make_scene, one, sell
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, PINE, NORTH, SOUTH = "CHAIR-OAK", "CHAIR-PINE", "NORTH/DIRECT", "SOUTH/DIRECT"
ALL = Scope(((None, None),))
# only NORTH/DIRECT has sales, so only there the discount (none) and with it the net price is known
OAK_PRICE, PINE_PRICE = 100_00, 80_00
BUDGET = {"CHAIRS": 4 * 12 * 9_000_00, "LAMPS": 4 * 12 * 10_000_00}  # four markets


def _scene() -> Scene:
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [15] * 12 + [20] * 12})
    return made


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


def freeze(scene: Scene, *, horizon: int) -> Snapshot:
    """An approved plan of the month before: 10 oak chairs a month for 900.00."""
    cycle = Cycle.objects.create(month=date(2013, 12, 1), opened_by=scene.cast.demand_planner)
    plan = Plan.objects.create(cycle=cycle, number="2013-12", first_month=date(2013, 12, 1), horizon=horizon)
    snapshot = Snapshot.objects.create(
        plan=plan, number="2013-12", sequence=1, first_month=plan.first_month, horizon=horizon, revision=1, header={},
        root="a" * 64, row_count=1, approved_by=scene.cast.executive,
    )  # fmt: skip
    fields = {"unconstrained_quantity": [10_000] * horizon, "upside_amount": [900_00] * horizon}
    SnapshotRow.objects.create(
        snapshot=snapshot, section="finance", position=1, key=["money", OAK, NORTH], fields=fields, digests={},
        digest="b" * 64,
    )  # fmt: skip
    return snapshot


def test_the_year_beside_budget_and_last_year(scene: Scene) -> None:
    year, ahead = periods_of(scene.plan)  # the next fiscal year lies beyond the horizon
    assert (year.label, list(year.closed), len(year.open)) == ("FY2014", [], 12) and ahead.key == "ahead"
    sides = sides_of(priced_plan(scene.plan, year), ALL)
    assert sides.upside.total(in_units=False) == 12 * (30 * OAK_PRICE + 60 * PINE_PRICE)
    assert sides.upside.total(in_units=True) == 12 * (30 + 10 + 60 + 7) * 1000
    assert sides.unpriced == 12 * (10 + 7) * 1000  # never 0 dollars in silence
    assert sides.budget.total(in_units=False) == sum(BUDGET.values())
    assert sides.last_year.total(in_units=False) == 12 * 20 * 10_00
    assert sides.last_cycle.total(in_units=False) is None and "no earlier cycle" in sides.last_cycle.missing
    table = table_of(sides, By.FAMILY, in_units=False)
    lamps, chairs = table.lines
    assert (lamps.name, lamps.gap, lamps.note) == ("LAMPS", -BUDGET["LAMPS"], "LIGHTING")
    assert chairs.gap == 12 * (30 * OAK_PRICE + 60 * PINE_PRICE) - BUDGET["CHAIRS"]
    assert chairs.growth == 12 * (30 * OAK_PRICE + 60 * PINE_PRICE - 20 * 10_00) and chairs.since is None
    assert table.total.gap == lamps.gap + chairs.gap


def test_last_cycle_is_what_was_frozen_and_its_reach_is_said(scene: Scene) -> None:
    freeze(scene, horizon=13)
    year = periods_of(scene.plan)[0]
    sides = sides_of(priced_plan(scene.plan, year), ALL)
    assert sides.last_cycle.total(in_units=False) == 12 * 900_00  # December 2013 is no part of the year
    assert sides.last_cycle.total(in_units=True) == 12 * 10_000
    north = next(line for line in table_of(sides, By.REGION, in_units=True).lines if line.name == "North")
    assert north.since == 12 * (30 + 60 + 7 - 10) * 1000
    inside = inside_named(f"region-{north.key}")
    lamps, chairs = table_of(sides, By.FAMILY, in_units=True, inside=inside).lines
    assert (chairs.since, lamps.since) == (12 * (30 + 60 - 10) * 1000, 12 * 7 * 1000)
    assert inside_named("region-999999") is None and inside_named("planet-1") is None


def stand(scene: Scene, status: StageStatus) -> None:
    """Put the executive stage into a state without walking there."""
    moment = datetime(2014, 1, 28, tzinfo=UTC) if status == StageStatus.APPROVED else None
    submitter, approver = (scene.cast.finance, scene.cast.executive) if moment else (None, None)
    scene.plan.stages.filter(kind=StageKind.EXECUTIVE.value).update(
        status=status.value, submitted_by=submitter, submitted_at=moment, approved_by=approver, approved_at=moment
    )


def approve(scene: Scene, *, price4: int) -> Snapshot:
    """The plan is approved; oak in the north was frozen at this net price, nothing else had one."""
    snapshot = Snapshot.objects.create(
        plan=scene.plan, number="2014-01", sequence=1, first_month=scene.plan.first_month, horizon=HORIZON, revision=0,
        header={}, root="c" * 64, row_count=1, approved_by=scene.cast.executive,
    )  # fmt: skip
    fields = {"net_price4": [price4] * HORIZON, "fx6": [1_000_000] * HORIZON}
    SnapshotRow.objects.create(
        snapshot=snapshot, section="finance", position=1, key=["money", OAK, NORTH], fields=fields, digests={},
        digest="d" * 64,
    )  # fmt: skip
    stand(scene, StageStatus.APPROVED)
    return snapshot


def test_an_approved_plan_shows_the_prices_that_were_frozen_until_it_is_reopened(scene: Scene) -> None:
    """Oak was frozen at 90.00; a list of 100.00 that holds by now moves the next plan. Reopened, the present rates count."""
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000))
    snapshot, year = approve(scene, price4=90_0000), periods_of(scene.plan)[0]
    priced = priced_plan(scene.plan, year)
    assert priced.rates.frozen == snapshot
    frozen = (11 * 30 + 45) * 90_00
    assert sides_of(priced, ALL).upside.total(in_units=False) == frozen
    assert sides_of(priced, ALL).unpriced == 12 * (10 + 60 + 7) * 1000  # pine had no price then
    start, override, end = walk_of(priced, ALL).by_stream()
    assert (override.cents, start.cents + override.cents, end.cents) == (15 * 90_00, frozen, frozen)
    table = stream_table(scene.plan, Node(), user=scene.cast.viewer, level="family")
    assert table.frozen == snapshot and table.total.cents[-1] == frozen
    stand(scene, StageStatus.OPEN)
    again = priced_plan(scene.plan, year)
    assert again.rates.frozen is None
    assert sides_of(again, ALL).upside.total(in_units=False) == (11 * 30 + 45) * OAK_PRICE + 12 * 60 * PINE_PRICE


def test_a_last_cycle_that_ends_too_early_is_not_known(scene: Scene) -> None:
    freeze(scene, horizon=12)
    last = sides_of(priced_plan(scene.plan, periods_of(scene.plan)[0]), ALL).last_cycle
    assert last.total(in_units=True) is None and "does not reach December 2014" in last.missing


def test_budget_above_the_level_is_a_line_and_without_units_it_has_none(scene: Scene) -> None:
    row = ReferenceRow.objects.filter(family__code="CHAIRS", market__code=NORTH, month=date(2014, 5, 1)).get()
    row.market, row.units_milli = None, None
    row.save()
    sides = sides_of(priced_plan(scene.plan, periods_of(scene.plan)[0]), ALL)
    by_market = table_of(sides, By.MARKET, in_units=False)
    above = next(line for line in by_market.lines if line.name == "Above this level")
    assert above.budget == 9_000_00 and by_market.total.budget == sum(BUDGET.values())
    assert (
        sides.budget.total(in_units=True) is None and sides.budget.units_missing == "1 of 96 budget rows name no units"
    )
    ReferenceRow.objects.filter(month=date(2014, 7, 1)).delete()
    missing = sides_of(priced_plan(scene.plan, periods_of(scene.plan)[0]), ALL).budget
    assert missing.total(in_units=False) is None and missing.missing == "no budget is loaded for Jul 2014"


def test_a_person_with_limits_sees_their_part_of_every_side(scene: Scene) -> None:
    scene.cast.viewer.memberships.get().families.add(scene.company.families["LAMPS"])
    scope = scope_of(scene.cast.viewer)
    year = periods_of(scene.plan)[0]
    sides = sides_of(priced_plan(scene.plan, year), scope)
    assert sides.upside.total(in_units=True) == 12 * 7 * 1000
    assert sides.budget.total(in_units=False) == BUDGET["LAMPS"] and sides.last_year.total(in_units=False) == 0
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000))
    assert [step.label for step in walk_of(priced_plan(scene.plan, year), scope).by_stream()] == [
        "Baseline",
        "Consensus",
    ]


def test_the_walk_closes_by_stream_and_by_person(scene: Scene) -> None:
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000))
    scene.edit(one(scene.node(item=PINE, market=NORTH), 5_000, FIRST + 1), mode=Mode.CHANGE, kind=EditKind.PROMOTION,
               actor=scene.cast.demand_planner2, reason="Spring fair")  # fmt: skip
    walk = walk_of(priced_plan(scene.plan, periods_of(scene.plan)[0]), ALL)
    start, override, promotion, end = walk.by_stream()
    assert (override.units, override.cents, override.edits) == (15_000, 15 * OAK_PRICE, 1)
    assert (promotion.units, promotion.cents) == (5_000, 5 * PINE_PRICE)
    assert start.units + 20_000 == end.units and start.cents + 15 * OAK_PRICE + 5 * PINE_PRICE == end.cents
    assert [(s.label, s.cents) for s in walk.by_person()[1:-1]] == [
        ("Demand Planner", 15 * OAK_PRICE), ("Demand Planner2", 5 * PINE_PRICE),
    ]  # fmt: skip
    (effect,) = walk.edits(stream=EditKind.PROMOTION)
    chairs = scene.company.families["CHAIRS"]
    assert (effect.edit.reason, effect.cents, effect.families) == (
        "Spring fair", 5 * PINE_PRICE, ((chairs.pk, "CHAIRS"),),
    )  # fmt: skip
    assert walk.edits(stream=EditKind.PROMOTION, person="demand_planner") == []


def test_a_consensus_that_lost_a_line_is_refused(scene: Scene) -> None:
    row = Series.objects.get(plan=scene.plan, item=scene.company.items[OAK], market=scene.company.markets[SOUTH])
    row.consensus = [row.consensus[0] + 1, *row.consensus[1:]]
    row.save()
    with pytest.raises(BridgeDoesNotClose):
        walk_of(priced_plan(scene.plan, periods_of(scene.plan)[0]), ALL).by_stream()


def test_periods_follow_the_fiscal_year_and_the_horizon(scene: Scene) -> None:
    scene.plan.first_month, scene.plan.horizon = date(2014, 10, 1), 15
    year, following, ahead = periods_of(scene.plan)
    assert (list(year.closed), len(year.open)) == (list(range(FIRST, FIRST + 9)), 3)
    assert (following.label, following.first, list(following.closed)) == ("FY2015", FIRST + 12, [])
    assert (ahead.label, len(ahead.months)) == ("next 12 months", 12)
