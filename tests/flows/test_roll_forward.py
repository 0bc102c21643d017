"""Three months rolled forward: a launch, a delisting, a new market and horizons of 24, 18 and 30 months.

January is worked by people: edits, pins, adjustments, actions and assumptions that have a place in February, and some
that have none. February and March open on top of it. Everything that does not move on is told, and nothing else is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from catalog.models import Item, Market, Site
from cycles.errors import NotAllowedNow
from cycles.gates import carried_over
from cycles.models import AssumptionState, AuditRow, Plan, Snapshot
from cycles.policy import Role
from cycles.registry import gates_of
from cycles.selectors import is_approved
from cycles.services.assumptions import Statement, confirm_assumption, record_assumption, withdraw_assumption
from cycles.services.cycles import HorizonRefused, open_cycle
from cycles.workflow import StageKind
from demand.models import Edit, EditKind, EditLine, SegmentForecast, Series
from demand.services.accuracy import accuracy_by_family
from demand.services.exception_list import exceptions_of
from demand.services.ledger import Gesture, Instruction, Mode, Node, record_edit
from finance.calc.bridge import BridgeRates, BudgetSide, Driver, PlanSide, bridge
from finance.models import ActionState, AdjustmentKind, InventoryMoney, Measure, MoneySeries
from finance.selectors.answers import adjusted_cents, valid_adjustments
from finance.selectors.ties import window_of
from finance.services.actions import Promise, add_action, move_action
from finance.services.adjustments import Wording, name_adjustment
from sop_portal.headless.month import COMPANY, WALK, import_files, settle_runs, walk_stage
from sop_portal.headless.rules import Rules
from supply.gates import stock_of_ended
from supply.models import PinKind, ShipSeries, SupplySeries, WorkCentreLoad
from supply.selectors import pins_in_force
from supply.services.ledger import PinEntry, record_pins
from tests.cast import Cast, make_cast
from tests.flows.rolling_pack import COST, EAST_UNITS, LANTERN_STOCK, PRICE, UNITS, rate_of, write_rolling_pack

pytestmark = [pytest.mark.django_db, pytest.mark.long]

RULES = Rules(dict.fromkeys(("gap", "exceptions", "overloads"), "seen"))
HORIZONS = {"2014-01": 24, "2014-02": 18, "2014-03": 30}
JAN, FEB, MAR = 2014 * 12, 2014 * 12 + 1, 2014 * 12 + 2
TYPED, ADDED, PROMOTED = 70_000, 10_000, 15_000


@dataclass(frozen=True)
class People:
    """Who works in January, and the keys they speak of."""

    cast: Cast
    items: dict[str, int]
    markets: dict[str, int]
    site: int


@pytest.fixture(scope="module")
def company(
    own_database: str, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The three months, walked once."""
    folder = tmp_path_factory.mktemp("rolling")
    with django_db_blocker.unblock():
        january(write_rolling_pack(folder / "1", 1))
        for cycle, number in ((2, "2014-02"), (3, "2014-03")):
            plan = opened(number)
            import_files(write_rolling_pack(folder / str(cycle), cycle))
            for kind in StageKind:
                if kind == StageKind.DEMAND:
                    confirm_all(plan)
                walk(plan, kind)
    yield


@pytest.fixture
def plans(company: None) -> list[Plan]:
    return list(Plan.objects.order_by("first_month"))


def opened(number: str) -> Plan:
    cast = make_cast()
    return open_cycle(month=date.fromisoformat(f"{number}-01"), actor=cast.demand_planner, horizon=HORIZONS[number])


def walk(plan: Plan, kind: StageKind) -> None:
    submitter, approver = next((row[1], row[2]) for row in WALK if row[0] == kind)
    walk_stage(plan, kind, submitter=Role(submitter), approver=Role(approver), rules=RULES)
    settle_runs()


def confirm_all(plan: Plan) -> None:
    for assumption in plan.assumptions.filter(state=AssumptionState.TO_CONFIRM.value):
        confirm_assumption(assumption_id=assumption.pk, actor=make_cast().demand_planner)


def january(pack: Path) -> None:
    """The month by hand: each stage is walked after its people have written what they mean."""
    import_files(pack, only=COMPANY)
    plan = opened("2014-01")
    import_files(pack)
    walk(plan, StageKind.DATA)
    people = People(
        make_cast(),
        dict(Item.objects.values_list("code", "id")),
        dict(Market.objects.values_list("code", "id")),
        Site.objects.get(code=Site.MAIN).pk,
    )
    for write, kind in (
        (write_demand, StageKind.DEMAND),
        (write_pins, StageKind.SUPPLY),
        (write_money, StageKind.RECONCILIATION),
    ):
        plan.refresh_from_db()
        write(plan, people)
        settle_runs()
        walk(plan, kind)
    walk(plan, StageKind.EXECUTIVE)


def write_demand(plan: Plan, people: People) -> None:
    planner = people.cast.demand_planner

    def edit(mode: Mode, item: str, market: str, values: dict[int, int], kind: EditKind) -> None:
        node = Node(item_id=people.items[item], market_id=people.markets[f"{market}/DIRECT"])
        parts = tuple(Instruction((node,), (month,), value) for month, value in values.items())
        plan.refresh_from_db()
        gesture = Gesture(mode, parts, f"{kind.label} of {item}", plan.revision, "one", kind)
        assert record_edit(plan_id=plan.pk, gesture=gesture, actor=planner).edit is not None

    lanterns = {JAN + place: TYPED for place in range(2, 9)}
    edit(Mode.SET, "LANTERN", "NORTH", lanterns, EditKind.OVERRIDE)
    edit(Mode.CHANGE, "CHAIR", "SOUTH", {JAN: ADDED, JAN + 5: ADDED, JAN + 22: ADDED}, EditKind.OVERRIDE)
    edit(Mode.CHANGE, "LAMP", "NORTH", {JAN + 3: PROMOTED}, EditKind.PROMOTION)
    for code in ("dealers", "tender"):
        statement = Statement(code, f"The {code} stay as they are.")
        assumption = record_assumption(plan=plan, statement=statement, actor=planner)
    withdraw_assumption(assumption_id=assumption.pk, actor=planner, reason="The tender was lost.")


def write_pins(plan: Plan, people: People) -> None:
    wanted = [
        (PinKind.BUY, "LAMP", date(2014, 1, 1), 500),
        (PinKind.MAKE, "CHAIR", date(2014, 5, 1), 260),
        (PinKind.MAKE, "CHAIR", date(2015, 10, 1), 210),
        (PinKind.BUY, "LANTERN", date(2014, 7, 1), 30),
    ]
    entries = [
        PinEntry(kind, month, units * 1000, item_id=people.items[item], site_id=people.site)
        for kind, item, month, units in wanted
    ]
    actor = people.cast.supply_planner
    result = record_pins(plan_id=plan.pk, entries=entries, reason="Agreed", base_revision=plan.revision, actor=actor)
    assert len(result.saved) == len(wanted)


def write_money(plan: Plan, people: People) -> None:
    finance = people.cast.finance

    def adjust(kind: AdjustmentKind, title: str, cents: tuple[int, ...], expires_on: date) -> None:
        wording = Wording(kind, Measure.REVENUE, title, "Agreed", date(2014, 1, 1), cents, expires_on)
        name_adjustment(plan=plan, wording=wording, actor=finance)

    adjust(AdjustmentKind.RISK, "Strike", (-100_00, -200_00, -300_00), date(2014, 3, 1))
    adjust(AdjustmentKind.RISK, "Storm", (-50_00,), date(2014, 1, 1))
    adjust(AdjustmentKind.TIMING, "Fair", (40_00, 0, 0, -40_00), date(2014, 12, 1))
    for title in ("Second shift", "Old stock"):
        promise = Promise(title, finance, date(2014, 6, 1), 1_000_00, 400_00)
        action = add_action(plan=plan, promise=promise, actor=finance)
    move_action(action_id=action.pk, state=ActionState.DONE, actor=finance)


def told(plan: Plan) -> dict[str, list[str]]:
    """What the opening of a plan left behind, by carry."""
    rows = AuditRow.objects.filter(plan=plan, code="cycles.ledger.carried")
    return {row.subject: row.after["list"] for row in rows if row.after["dropped"]}


def cells(plan: Plan, item: str, market: str) -> tuple[np.ndarray, np.ndarray]:
    """Baseline and consensus of a series, milli-units per month."""
    series = Series.objects.get(plan=plan, item__code=item, market__code=f"{market}/DIRECT")
    return np.array(series.baseline), np.array(series.consensus)


def test_three_months_are_approved_and_every_snapshot_still_verifies(plans: list[Plan]) -> None:
    assert [(plan.number, plan.horizon) for plan in plans] == list(HORIZONS.items())
    assert all(is_approved(plan) for plan in plans)
    assert list(Snapshot.objects.order_by("id").values_list("number", flat=True)) == list(HORIZONS)
    call_command("verify")


def test_every_array_has_the_months_of_its_plan(plans: list[Plan]) -> None:
    for plan in plans:
        for model in (Series, EditLine, SupplySeries, ShipSeries, WorkCentreLoad, MoneySeries, InventoryMoney):
            row = model._default_manager.filter(plan=plan).first()
            assert row is not None, model
            arrays = [
                getattr(row, field.name) for field in model._meta.fields if field.get_internal_type() == "ArrayField"
            ]
            assert arrays and {len(values) for values in arrays} == {plan.horizon}, model
        assert {len(row.points) for row in SegmentForecast.objects.filter(plan=plan)} == {plan.horizon}


def test_series_are_the_items_alive_in_the_markets_with_history_budget_or_launch(plans: list[Plan]) -> None:
    """All three markets have sales or a budget of both families from the first month on; nobody has ended by March."""
    for plan, launched in zip(plans, ([], ["NOVA"], ["NOVA", "GLOBE"]), strict=True):
        keys = set(Series.objects.filter(plan=plan).values_list("item__code", "market__code"))
        wanted = {(item, f"{market}/DIRECT") for item in [*UNITS, *launched] for market in ("NORTH", "SOUTH", "EAST")}
        assert keys == wanted


def test_closed_months_and_months_beyond_the_plan_are_told(plans: list[Plan]) -> None:
    february = told(plans[1])
    assert february["demand.edits"] == [
        "CHAIR in SOUTH/DIRECT, 2014-01: the month has closed",
        "CHAIR in SOUTH/DIRECT, 2015-11: the month lies beyond the plan",
    ]
    assert february["supply.pins"] == [
        "Purchase of 500 for LAMP in 2014-01: the month has closed",
        "Production of 210 for CHAIR in 2015-10: the month lies beyond the plan",
    ]
    assert february["finance.adjustments"] == [
        "Strike in 2014-01, -100.00: the month has closed",
        "Storm: expired with 2014-01",
        "Fair in 2014-01, 40.00: the month has closed",
    ]
    listed = {finding.subject: finding for finding in carried_over(plans[1])}
    assert listed.keys() == february.keys()
    assert all(finding.severity == "info" and "not carried over" in finding.title for finding in listed.values())


def test_a_month_that_was_cut_off_does_not_come_back_with_a_longer_horizon(plans: list[Plan]) -> None:
    """March reaches to August 2016 again; the chair of November 2015 and its pin were told as dropped in February."""
    baseline, consensus = cells(plans[2], "CHAIR", "SOUTH")
    moved = {MAR + int(place): int((consensus - baseline)[place]) for place in np.flatnonzero(consensus != baseline)}
    assert moved == {JAN + 5: ADDED}
    assert {(pin.item.code, pin.month) for pin in pins_in_force(plans[2]) if pin.item} == {("CHAIR", date(2014, 5, 1))}


def test_edits_move_with_their_months(plans: list[Plan]) -> None:
    for plan in plans[1:]:
        baseline, consensus = cells(plan, "LAMP", "NORTH")
        assert (consensus - baseline)[JAN + 3 - plan.first_month_index] == PROMOTED
        _, lanterns = cells(plan, "LANTERN", "NORTH")
        alive = slice(max(MAR - plan.first_month_index, 0), JAN + 5 - plan.first_month_index)
        assert set(lanterns[alive].tolist()) == {TYPED}


def test_edits_after_the_end_of_an_item_are_dropped_and_listed_with_their_money(plans: list[Plan]) -> None:
    """February opens before the file that ends lanterns: their typed June to September go when its baseline runs."""
    february, march = plans[1], plans[2]
    for plan in (february, march):
        _, lanterns = cells(plan, "LANTERN", "NORTH")
        assert not lanterns[JAN + 5 - plan.first_month_index :].any()
    (exception,) = [row for row in exceptions_of(february) if row.code == "demand.edit_ended"]
    assert exception.subject == "LANTERN · NORTH/DIRECT" and exception.item == "LANTERN"
    assert exception.money_cents == -4 * TYPED // 1000 * PRICE["LANTERN"] * 100
    assert not [row for row in exceptions_of(march) if row.code == "demand.edit_ended"]
    assert Edit.objects.filter(plan=february, gesture__what="ended").count() == 1
    assert not Edit.objects.filter(plan=march, gesture__what="ended").exists()


def test_pins_of_an_ended_item_are_told_when_its_end_is_known(plans: list[Plan]) -> None:
    assert told(plans[2])["supply.pins"] == ["Purchase of 30 for LANTERN in 2014-07: the item has ended by then"]


def test_stock_of_an_ended_item_is_a_finding(plans: list[Plan]) -> None:
    """Opening stock less what is still sold until May, and in February the pin of July on top, at standard."""
    for plan, pinned in ((plans[1], 30), (plans[2], 0)):
        shipped = sum(sum(row.ship) for row in ShipSeries.objects.filter(plan=plan, item__code="LANTERN")) / 1000
        left = LANTERN_STOCK - shipped + pinned
        (finding,) = stock_of_ended(plan)
        assert (finding.subject, finding.severity) == ("LANTERN", "warn")
        assert finding.money_cents == round(left * COST["LANTERN"] * 100) and left > 0
    assert not list(stock_of_ended(plans[0]))
    assert "supply.stock_of_ended" in {gate.code for gate in gates_of(StageKind.SUPPLY)}


def test_a_launch_takes_the_place_of_what_it_succeeds(plans: list[Plan]) -> None:
    """NOVA has no sales: nothing before its launch in April, from June on the place of the lanterns that ended.

    GLOBE, launched in March's files, shares that place: 260 lamps and lanterns a month on the rates of the three.
    """
    both = UNITS["LAMP"] + UNITS["LANTERN"]
    for plan, east_months, heirs in ((plans[1], 1, 1), (plans[2], 2, 2)):
        lamps, lanterns = (rate_of(item, "NORTH", east_months) for item in ("LAMP", "LANTERN"))
        expected = both * lanterns / (lamps + heirs * lanterns)
        nova, _ = cells(plan, "NOVA", "NORTH")
        assert not nova[: JAN + 3 - plan.first_month_index].any()
        assert nova[JAN + 5 - plan.first_month_index] == pytest.approx(expected * 1000, rel=0.001)


def test_a_new_market_is_planned_from_its_first_sales(plans: list[Plan]) -> None:
    """EAST has only a budget in January: series of zero to fill. Its first month of sales makes its first baseline."""
    assert not cells(plans[0], "CHAIR", "EAST")[0].any()
    for east_months, plan in enumerate(plans[1:], 1):
        chairs, stools = (rate_of(item, "EAST", east_months) for item in ("CHAIR", "STOOL"))
        planned = [int(cells(plan, item, "EAST")[0][0]) for item in ("CHAIR", "STOOL")]
        assert sum(planned) == 2 * EAST_UNITS * 1000
        assert planned[0] == pytest.approx(2 * EAST_UNITS * 1000 * chairs / (chairs + stools), abs=10)


def test_adjustments_hold_in_open_months_only(plans: list[Plan]) -> None:
    held = [{row.title: (row.first_month, row.cents) for row in valid_adjustments(plan)} for plan in plans]
    assert held[1] == {
        "Strike": (date(2014, 2, 1), [-200_00, -300_00]),
        "Fair": (date(2014, 2, 1), [0, 0, -40_00]),
    }
    assert held[2] == {"Strike": (date(2014, 3, 1), [-300_00]), "Fair": (date(2014, 3, 1), [0, -40_00])}
    sums = [adjusted_cents(plan, Measure.REVENUE, window_of(plan)) for plan in plans]
    assert sums == [-650_00, -540_00, -340_00]


def test_actions_and_assumptions_go_on_while_they_are_open(plans: list[Plan]) -> None:
    for plan in plans[1:]:
        assert [(row.title, row.due_on) for row in plan.actions.all()] == [("Second shift", date(2014, 6, 1))]
        assert list(plan.assumptions.values_list("code", "state")) == [("dealers", AssumptionState.CONFIRMED.value)]
        assert plan.assumptions.get().carried_from is not None


def test_accuracy_reads_over_changed_horizons(plans: list[Plan]) -> None:
    everything, *_ = accuracy_by_family(plans[2])
    assert [(lag.lag, lag.months) for lag in everything.lags] == [(1, 2), (2, 1)]


@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 2)])
def test_the_bridge_from_the_last_plan_closes_and_names_launch_and_delisting(
    plans: list[Plan], before: int, after: int
) -> None:
    """The same engine between two approved plans, over the months that both have."""
    old, new = plans[before], plans[after]
    last = min(old.first_month_index + old.horizon, new.first_month_index + new.horizon)
    months = range(new.first_month_index, last)
    keys = sorted(key for plan in (old, new) for key in money(plan, months))
    keys = sorted(set(keys))
    sides = [
        np.array([money(plan, months).get(key, np.zeros((3, len(months)))) for key in keys]) for plan in (old, new)
    ]
    (promised, now) = (side.astype(np.int64) for side in sides)
    ones = np.ones((len(keys), len(months)))
    groups = np.unique([f"{FAMILIES[item]} {market}" for item, market in keys], return_inverse=True)[1]
    block = bridge(
        BudgetSide(promised[:, 0].astype(np.float64), promised[:, 2]),
        PlanSide(now[:, 0].astype(np.float64), now[:, 1], now[:, 2]),
        BridgeRates(groups.astype(np.int64), ones, ones),
    )
    change = now[:, 2] - promised[:, 2]
    assert np.array_equal(block.drivers.sum(axis=0), change)
    new = {key for key, flag in zip(keys, block.is_new, strict=True) if flag}
    everywhere = ("NORTH/DIRECT", "SOUTH/DIRECT", "EAST/DIRECT")
    launched = {("NOVA" if before == 0 else "GLOBE", market) for market in everywhere}
    assert new == launched | ({(item, "EAST/DIRECT") for item in UNITS} if before == 0 else set())
    totals = block.totals()
    assert totals[Driver.NEW] == change[block.is_new].sum() - block.drivers[-1][block.is_new].sum()
    assert sum(totals.values()) == change.sum()


FAMILIES = {
    "CHAIR": "Chairs",
    "STOOL": "Chairs",
    "LAMP": "Lamps",
    "LANTERN": "Lamps",
    "NOVA": "Lamps",
    "GLOBE": "Lamps",
}


def money(plan: Plan, months: range) -> dict[tuple[str, str], np.ndarray]:
    """Unconstrained units, upside and revenue of each series in some months, (3, month)."""
    place = slice(months.start - plan.first_month_index, months.stop - plan.first_month_index)
    rows = MoneySeries.objects.filter(plan=plan).select_related("item", "market")
    return {
        (row.item.code, row.market.code): np.array(
            [row.unconstrained_units[place], row.upside_cents[place], row.revenue_cents[place]]
        )
        for row in rows
    }


def test_a_horizon_out_of_bounds_is_refused(plans: list[Plan]) -> None:
    cast = make_cast()
    for horizon in (5, 37):
        with pytest.raises(HorizonRefused, match=f"6 to 36 months, not {horizon}"):
            open_cycle(month=date(2014, 4, 1), actor=cast.demand_planner, horizon=horizon)
    with pytest.raises(NotAllowedNow):
        open_cycle(month=date(2014, 6, 1), actor=cast.demand_planner, horizon=12)
