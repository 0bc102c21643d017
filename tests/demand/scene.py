"""A plan of the small company in its open demand stage: 12 months from January 2014, a flat baseline per series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from catalog.models import ImportBatch
from cycles.models import Cycle, Plan, Stage, User
from cycles.services.cycles import open_cycle
from cycles.workflow import StageKind, StageStatus
from demand.models import ActualMonth, ActualSeries, EditKind, Series
from demand.services.carrying import carry_edits
from demand.services.ledger import EditResult, Gesture, Instruction, Mode, Node, record_edit
from demand.services.series_store import SeriesValues, load_values
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone
from tests.small_company import SmallCompany, small_company

FIRST = 2014 * 12
HORIZON = 12
# Flat baseline in units per month: item -> market -> units
BASELINE = {
    "CHAIR-OAK": {"NORTH/DIRECT": 30, "SOUTH/DIRECT": 10},
    "CHAIR-PINE": {"NORTH/DIRECT": 60},
    "LAMP-DESK": {"NORTH/DEALER": 7},
}


@dataclass(frozen=True)
class Scene:
    """What a ledger test needs: the company, its people, the plan."""

    company: SmallCompany
    cast: Cast
    plan: Plan

    def node(self, *, family: str | None = None, item: str | None = None, market: str | None = None) -> Node:
        """A node by codes."""
        return Node(
            family_id=self.company.families[family].pk if family else None,
            item_id=self.company.items[item].pk if item else None,
            market_id=self.company.markets[market].pk if market else None,
        )

    def values(self) -> SeriesValues:
        """All series of the plan as stored."""
        return load_values(self.plan, [item.pk for item in self.company.items.values()])

    def cell(self, item: str, market: str, month: int = FIRST) -> int:
        """Consensus of one cell, milli-units."""
        series = Series.objects.get(plan=self.plan, item=self.company.items[item], market=self.company.markets[market])
        return int(series.consensus[month - FIRST])

    def edit(self, *instructions: Instruction, mode: Mode = Mode.SET, **other: object) -> EditResult:
        """Record a gesture of the demand planner at the present revision, unless told otherwise."""
        self.plan.refresh_from_db()
        actor = other.pop("actor", self.cast.demand_planner)
        words = {"reason": "agreed", "base_revision": self.plan.revision, "session": "one", "kind": EditKind.OVERRIDE}
        gesture = Gesture(mode=mode, instructions=instructions, **{**words, **other})  # type: ignore[arg-type]
        assert isinstance(actor, User)
        return record_edit(plan_id=self.plan.pk, gesture=gesture, actor=actor)


def one(node: Node, value: int = 0, *months: int) -> Instruction:
    """An instruction on one node."""
    return Instruction(nodes=(node,), months=months or (FIRST,), value=value)


def make_scene() -> Scene:
    """The company, its cast, and the plan with a baseline."""
    company, cast = small_company(), make_cast()
    with alone():
        plan = open_cycle(month=date(2014, 1, 1), actor=cast.demand_planner, horizon=HORIZON)
    open_demand(plan)
    Series.objects.bulk_create(
        Series(
            plan=plan,
            item=company.items[item],
            market=company.markets[market],
            baseline=[units * 1000] * HORIZON,
            consensus=[units * 1000] * HORIZON,
        )
        for item, markets in BASELINE.items()
        for market, units in markets.items()
    )
    return Scene(company, cast, plan)


def next_plan(scene: Scene) -> Plan:
    """February's plan with what was carried, in its open demand stage, without a baseline yet."""
    planner = scene.cast.demand_planner
    cycle = Cycle.objects.create(month=date(2014, 2, 1), opened_by=planner)
    plan = Plan.objects.create(cycle=cycle, number="2014-02", first_month=date(2014, 2, 1), horizon=HORIZON)
    for order, kind in enumerate(StageKind):
        Stage.objects.create(
            plan=plan,
            kind=kind.value,
            position=order,
            status=StageStatus.NOT_STARTED.value,
            due_on=date(2014, 2, order + 1),
        )
    open_demand(plan)
    carry_edits(plan=plan, previous=scene.plan, actor=planner)
    plan.refresh_from_db()
    return plan


def open_demand(plan: Plan) -> None:
    """Put the plan into its demand stage without walking there."""
    plan.stages.filter(kind=StageKind.DATA.value).update(status=StageStatus.OPEN.value)
    plan.stages.filter(kind=StageKind.DEMAND.value).update(status=StageStatus.OPEN.value)


def sell(company: SmallCompany, units: dict[tuple[str, str], list[int]], *, price: int | dict[str, int] = 10) -> None:
    """Store sales from the company's history start on: units per month, at `price` USD, one for all or by item."""
    months = max(len(values) for values in units.values())
    start = company.company.history_start.year * 12
    batch = ImportBatch.objects.create(
        dataset="sales_monthly",
        file_name="sales_monthly.csv",
        size_bytes=1,
        sha256="0" * 64,
        status="applied",
        staged_by="x",
        applied_by="x",
        applied_at="2014-01-01T00:00Z",
    )
    for (item, market), values in units.items():
        milli = (np.array(values + [0] * (months - len(values))) * 1000).tolist()
        each = price if isinstance(price, int) else price[item]
        cents = [value * each // 10 for value in milli]
        ActualSeries.objects.create(
            item=company.items[item],
            market=company.markets[market],
            units=milli,
            net_cents=cents,
            list_cents=cents,
            cogs_cents=[value // 2 for value in cents],
        )
    for offset in range(months):
        year, month = divmod(start + offset, 12)
        ActualMonth.objects.create(
            month=date(year, month + 1, 1), batch=batch, rows=0, units=0, net_cents=0, list_cents=0, cogs_cents=0
        )
