"""The supply plan on the real pack: every file in, one plan out, exact balances, within seconds."""

import os
import time
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from catalog.frames.series_rows import write_series
from catalog.services.packs import import_pack
from cycles.services.cycles import open_cycle
from cycles.services.runs import execute_run
from demand.frames import load_actuals
from supply.frames import load_constrained, load_loads, load_production, load_supply_costs, load_supply_problem
from supply.selectors import overloads_of, supply_state
from supply.services.plan import request_supply_plan
from tests.cast import make_cast

PACK = Path(os.environ.get("SOP_SHARED", Path(__file__).parents[4] / "shared")) / "data/adventureworks"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not PACK.is_dir(), reason="the AdventureWorks pack is not beside the checkout"),
]


def test_plan():
    cast = make_cast()
    t = time.time()
    for batch in import_pack(PACK, actor=cast.demand_planner):
        print(batch.dataset, batch.status, batch.added, batch.totals, batch.faults[:3])
    print("import", time.time() - t)
    plan = open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)
    first = plan.first_month_index
    act = load_actuals(first, first + 5)
    units = np.tile(act.units, (1, 4))
    keep = (units != 0).any(axis=1)
    from demand.models import Series

    write_series(
        Series._meta.db_table,
        ["plan_id", "item_id", "market_id"],
        ["baseline", "consensus"],
        [np.int64(plan.pk), act.item_ids[keep], act.market_ids[keep]],
        [units[keep], units[keep]],
    )
    t = time.time()
    problem = load_supply_problem(plan)
    print("load", time.time() - t, len(problem.problem.nodes.labels), len(problem.problem.groups.labels))
    run = request_supply_plan(plan=plan, actor=cast.supply_planner)
    t = time.time()
    run = execute_run(run.pk)
    print("run", time.time() - t, run.state, run.message, run.result)
    block, sent, costs, loads = load_production(plan), load_constrained(plan), load_supply_costs(plan), load_loads(plan)
    print(block.make.sum(), sent.short.sum(), costs.overtime_cents.sum())
    for i, c in enumerate(loads.codes):
        print(
            c, (loads.needed[i] / loads.available[i]).round(2)[:8], (loads.planned[i] / loads.available[i]).round(2)[:8]
        )
    print([(o.subject, o.cost_cents) for o in overloads_of(plan)][:5], supply_state(plan))
    from supply import gates

    for g in (
        gates.opening_stock,
        gates.component_uom,
        gates.routing_missing,
        gates.plan_current,
        gates.overloads_decided,
    ):
        t = time.time()
        print(g.__name__, list(g(plan))[:2], time.time() - t)
    from supply.sections import supply_header, supply_problems, supply_rows

    t = time.time()
    print(len(list(supply_rows(plan))), supply_header(plan), list(supply_problems()), time.time() - t)
    assert 0
