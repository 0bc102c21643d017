"""The landing of November 2013 on the real pack: exact actuals and budget, every identity, every level."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Company
from catalog.services.packs import import_pack
from cycles.models import Plan
from cycles.services.cycles import open_cycle
from cycles.services.runs import drain_runs
from demand.services.baseline import request_baseline
from finance.calc.bridge import Driver
from finance.frames.landing_inputs import load_landing
from finance.frames.results import leaf_rows, load_bridge
from finance.models import CashMonth
from finance.selectors import driver_totals, position_of, unexplained_of
from finance.selectors.ties import window_of
from finance.services.landing import compute_landing
from finance.services.landing_store import replace_results
from supply.services.plan import request_supply_plan
from tests.cast import make_cast

PACK = Path(os.environ.get("SOP_SHARED", Path(__file__).parents[4] / "shared")) / "data/adventureworks"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not PACK.is_dir(), reason="the AdventureWorks pack is not beside the checkout"),
]

ACTUALS_TO_DATE = 25_885_731_86
BUDGET = 51_706_374_13


def landed_plan() -> Plan:
    """Import the pack, open November 2013, run baseline, supply plan and landing."""
    cast = make_cast()
    assert all(batch.status == "applied" for batch in import_pack(PACK, actor=cast.demand_planner))
    plan = open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)
    request_baseline(plan=plan, actor=cast.demand_planner)
    drain_runs(plan)
    plan.refresh_from_db()
    request_supply_plan(plan=plan, actor=cast.supply_planner)
    runs = drain_runs(plan)
    assert {run.state for run in runs} == {"succeeded"}, [run.message for run in runs]
    plan.refresh_from_db()
    return plan


@pytest.mark.long
def test_november_2013() -> None:
    plan = landed_plan()
    position = position_of(plan)
    assert position is not None
    assert position.actuals_to_date == ACTUALS_TO_DATE
    assert position.budget == BUDGET
    assert position.is_constrained
    assert unexplained_of(plan).cents == 0
    assert sum(position.drivers.values()) == position.gap
    cash = list(CashMonth.objects.filter(plan=plan))
    assert len(cash) == plan.horizon
    assert not any(row.tie_difference_cents for row in cash)
    rows = leaf_rows(load_bridge(plan, fiscal_start=window_of(plan).start), load_hierarchy())
    every_level_closes(rows)
    formulas_hold(rows)
    closes_item_by_item(plan)


def closes_item_by_item(plan: Plan) -> None:
    """The other mix level: the same gap, now with a mix inside the families, and every formula again."""
    Company.objects.update(mix_level=Company.MixLevel.ITEM)
    replace_results(plan, compute_landing(load_landing(plan)))
    assert unexplained_of(plan).cents == 0
    assert driver_totals(plan)[Driver.MIX] != 0
    rows = leaf_rows(load_bridge(plan, fiscal_start=window_of(plan).start), load_hierarchy())
    assert int(rows["budget"].sum()) == BUDGET
    assert {"prior_year_mix", "none"} <= set(rows["rule"])
    every_level_closes(rows)
    formulas_hold(rows)


def every_level_closes(rows: pd.DataFrame) -> None:
    """Σ drivers = landing − budget at every node of every level, exactly."""
    names = [driver.value for driver in Driver]
    rows = rows.assign(quarter=[(month.month - 5) % 12 // 3 for month in rows["month"]], company="all")
    for level in ("company", "category", "family", "item", "market", "region", "month", "quarter"):
        sums = rows.groupby(level)[[*names, "landing", "budget"]].sum()
        assert (sums[names].sum(axis=1) == sums["landing"] - sums["budget"]).all(), level


def formulas_hold(rows: pd.DataFrame) -> None:
    """Each driver of each leaf lies within a cent of its formula, recomputed in Decimal from the leaf table alone."""
    ordinary = rows[(rows["flag"] == "") & (rows["whole_change"] == 0)]
    group = rows[rows["flag"] == ""].groupby(["family", "market", "month"])
    totals = group[["qb", "qu"]].sum().rename(columns={"qb": "group_qb", "qu": "group_qu"})
    joined = ordinary.merge(totals, left_on=["family", "market", "month"], right_index=True)
    sample = joined[joined["group_qb"] > 0]
    sample = sample.sample(min(len(sample), 3_000), random_state=1)
    for row in sample.itertuples():
        qb, pb, fb, qu, pa, fa = (Decimal(repr(float(v))) for v in (row.qb, row.pb, row.fb, row.qu, row.pa, row.fa))
        group_qb, group_qu = Decimal(repr(float(row.group_qb))), Decimal(repr(float(row.group_qu)))
        share = qb / group_qb
        expected = {
            "volume": (group_qu - group_qb) * share * pb * fb,
            "mix": (qu - group_qu * share) * pb * fb,
            "fx": qu * pa * (fa - fb),
        }
        if qu and (qb or not row.budget):
            expected["price"] = qu * (pa - pb) * fb
        if qu:
            expected["supply_constraint"] = (Decimal(repr(float(row.qa))) - qu) * pa * fa
        for name, value in expected.items():
            assert abs(Decimal(int(getattr(row, name))) - value * 100) <= 1, (name, row)
    new, gone = rows[rows["flag"] == "new"], rows[rows["flag"] == "discontinued"]
    assert (new["new"] == new["upside"]).all()
    assert (gone["discontinued"] == -gone["budget"]).all()
    assert np.isfinite(rows[["qb", "pb", "qu", "pa"]].to_numpy(float)).all()
