"""The baseline run on the small company: never past its cut, items add to families, edits replayed, carried, gated."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import numpy as np
import pytest

from catalog.calc.dollars import to_cents
from catalog.models import Item
from cycles.models import Cycle, Plan, RunState
from cycles.services.runs import finish_run
from demand.calc.replay import RESTORE
from demand.frames import load_baseline, load_consensus, load_rates
from demand.gates import baseline_current, exceptions_answered, not_negative
from demand.models import Edit, EditKind, EditLine, SegmentForecast, Series
from demand.sections import consensus_problems, demand_header, demand_rows
from demand.services.baseline import VERSION, request_baseline
from demand.services.carrying import carry_edits
from demand.services.exception_list import exceptions_of
from demand.services.exceptions import answer_exceptions
from demand.services.ledger import Mode
from demand.services.segments import load_segments
from tests.demand.scene import FIRST, HORIZON, Scene, make_scene, one, sell

pytestmark = pytest.mark.django_db
OAK, PINE, NORTH = "CHAIR-OAK", "CHAIR-PINE", "NORTH/DIRECT"


@pytest.fixture
def scene() -> Scene:
    """Twenty and sixty chairs a month for two years, and a flood in the plan's own first month that nobody knows yet."""
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24 + [9_999], (PINE, NORTH): [60] * 24 + [9_999]})
    return made


def run(scene: Scene) -> None:
    done = finish_run(request_baseline(plan=scene.plan, actor=scene.cast.demand_planner).pk)
    assert done.state == RunState.SUCCEEDED, done.message
    scene.plan.refresh_from_db()


def test_items_add_to_the_family_and_the_future_is_not_read(scene: Scene) -> None:
    run(scene)
    families, markets = scene.company.families, scene.company.markets
    forecast = SegmentForecast.objects.get(plan=scene.plan, family=families["CHAIRS"], market=markets[NORTH])
    block = load_baseline(scene.plan)
    assert block.units.sum() == sum(forecast.points)
    assert np.abs(block.units.sum(axis=0) - 80_000).max() <= 1_000
    shares = block.units.sum(axis=1) / block.units.sum()
    assert sorted(shares.round(2).tolist())[-2:] == [0.25, 0.75]


def test_a_new_item_begins_like_the_item_that_it_names_else_like_the_one_that_it_succeeds(scene: Scene) -> None:
    """Oak sells 20 a month and pine 60; a new lamp may be like a chair, in the markets in which that is sold."""
    oak, pine, lamp = (scene.company.items[code] for code in (OAK, PINE, "LAMP-DESK"))
    new = Item.objects.create(
        code="CHAIR-NEW", name="New", family=oak.family, launch_date=date(2014, 2, 1), like_item=oak
    )
    Item.objects.filter(pk=pine.pk).update(successor=new)

    def like() -> list[float]:
        series = load_segments(scene.plan).series.set_index("item_id")
        north = series[series["market_id"] == scene.company.markets[NORTH].pk]
        return [float(rate) / 1000 for rate in north["like"].reindex([new.pk, oak.pk]).tolist()]

    assert like() == [20, 0]
    Item.objects.filter(pk=new.pk).update(like_item=lamp)
    assert like() == [60, 0], "no lamp is sold there: like pine, which it succeeds"
    Item.objects.filter(pk=new.pk).update(like_item=None)
    assert like() == [60, 0]
    Item.objects.filter(pk=pine.pk).update(successor=None)
    assert like() == [0, 0]


def test_every_forecast_keeps_what_it_rests_on(scene: Scene) -> None:
    """The hash is that of the 36 months before the plan, or of as many as there are, as 64-bit milli-units."""
    run(scene)
    forecast = SegmentForecast.objects.get(
        plan=scene.plan, family=scene.company.families["CHAIRS"], market=scene.company.markets[NORTH]
    )
    segments = load_segments(scene.plan)
    row = segments.history[segments.history.any(axis=1)][0]
    assert set(row.tolist()) <= {0.0, 20_000.0 + 60_000.0}
    evidence = forecast.evidence
    assert evidence["history"] == sha256(row.astype("<i8").tobytes()).hexdigest()
    assert evidence["kind"] == "short" and evidence["candidates"]["SeasonalNaive"] == 0
    assert forecast.model in evidence["candidates"] and evidence["versions"]["calculation"] == VERSION
    assert not forecast.is_behind_naive and not forecast.drifts


def test_a_market_with_a_budget_and_no_sales_has_series_of_zero_to_fill(scene: Scene) -> None:
    """The budget of 2014 names both families in all four markets; only chairs in the north ever sold."""
    run(scene)
    keys = set(Series.objects.filter(plan=scene.plan).values_list("item__code", "market__code"))
    sold = {(OAK, NORTH), (PINE, NORTH)}
    assert keys == {(item, market) for item in scene.company.items for market in scene.company.markets}
    filled = {
        key for key, units in zip(_keys(scene), load_baseline(scene.plan).units.tolist(), strict=True) if any(units)
    }
    assert filled == sold
    silent = SegmentForecast.objects.filter(plan=scene.plan).exclude(market=scene.company.markets[NORTH])
    assert {row.model for row in silent} == {"None"}


def _keys(scene: Scene) -> list[tuple[str, str]]:
    rows = Series.objects.filter(plan=scene.plan).order_by("item_id", "market_id")
    return list(rows.values_list("item__code", "market__code"))


def test_a_second_request_of_the_same_inputs_is_the_same_run(scene: Scene) -> None:
    first = request_baseline(plan=scene.plan, actor=scene.cast.demand_planner)
    assert request_baseline(plan=scene.plan, actor=scene.cast.demand_planner2).pk == first.pk


def test_typed_values_survive_a_new_baseline_and_changes_stay_on_top(scene: Scene) -> None:
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000))
    scene.edit(one(scene.node(item=PINE, market=NORTH), 5_000, FIRST + 1), mode=Mode.CHANGE)
    run(scene)
    assert scene.cell(OAK, NORTH) == 45_000
    pine = Series.objects.get(plan=scene.plan, item=scene.company.items[PINE], market=scene.company.markets[NORTH])
    assert pine.consensus[1] - pine.baseline[1] == 5_000
    system = Edit.objects.get(kind=EditKind.SYSTEM.value)
    assert set(EditLine.objects.filter(edit=system).values_list("intent", flat=True)) == {RESTORE}
    assert {e.code for e in exceptions_of(scene.plan)} >= {"demand.baseline_moved"}
    assert list(consensus_problems()) == []


def test_a_moved_baseline_is_ranked_by_the_dollars_it_moved(scene: Scene) -> None:
    """The move of each edited cell, at the plan's net price; a cell under which nothing moved is not listed."""
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000))
    scene.edit(one(scene.node(item=PINE, market=NORTH), 5_000, FIRST + 1), mode=Mode.CHANGE)
    before = load_baseline(scene.plan)
    run(scene)
    block = load_baseline(scene.plan)
    rates = load_rates(scene.plan, before.item_ids, before.market_ids)
    expected = {}
    for code, month in ((OAK, 0), (PINE, 1)):
        key = (scene.company.items[code].pk, scene.company.markets[NORTH].pk)
        old, new = (list(zip(b.item_ids, b.market_ids, strict=True)).index(key) for b in (before, block))
        move = block.units[new, month] - before.units[old, month]
        cents = to_cents(np.array(move), rates.net_price4[old, month], rates.fx6[old, month])
        if move:
            expected[f"{code} · {NORTH}"] = int(cents)
    found = {e.subject: e.money_cents for e in exceptions_of(scene.plan) if e.code == "demand.baseline_moved"}
    assert found and found == expected


def test_a_tampered_consensus_is_named(scene: Scene) -> None:
    Series.objects.filter(plan=scene.plan, item=scene.company.items[OAK]).update(consensus=[1] * HORIZON)
    problems = list(consensus_problems())
    assert problems and all("consensus of month" in problem.what for problem in problems)


def test_gates(scene: Scene) -> None:
    assert [finding.severity for finding in baseline_current(scene.plan)] == ["block"]
    run(scene)
    assert list(baseline_current(scene.plan)) == [] and list(not_negative(scene.plan)) == []
    Series.objects.filter(plan=scene.plan, item=scene.company.items[PINE]).update(consensus=[-10] + [0] * (HORIZON - 1))
    (finding,) = not_negative(scene.plan)
    assert finding.severity == "block" and not finding.waivable


def test_exceptions_block_until_they_are_answered(scene: Scene) -> None:
    scene.company.company.exception_amount_cents = 100_00
    scene.company.company.save()
    scene.edit(one(scene.node(family="CHAIRS", market=NORTH), 5_000_000))
    assert "block" in {finding.severity for finding in exceptions_answered(scene.plan)}
    answer_exceptions(plan=scene.plan, reason="A tender was won", actor=scene.cast.demand_planner)
    assert list(exceptions_answered(scene.plan)) == []
    scene.edit(one(scene.node(family="CHAIRS", market=NORTH), 50_000_000))
    assert "block" in {finding.severity for finding in exceptions_answered(scene.plan)}


def test_the_section_has_a_row_per_series_and_its_totals(scene: Scene) -> None:
    rows, header = list(demand_rows(scene.plan)), demand_header(scene.plan)
    assert len(rows) == header["series"] == Series.objects.filter(plan=scene.plan).count()
    assert header["consensus"] == sum(sum(row.fields["consensus"]) for row in rows)  # type: ignore[arg-type]
    assert [row.key for row in rows] == sorted(row.key for row in rows)


def test_edits_are_carried_a_month_on_and_closed_months_dropped(scene: Scene) -> None:
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000, FIRST))
    scene.edit(one(scene.node(item=OAK, market=NORTH), 46_000, FIRST + 1))
    scene.edit(one(scene.node(item=PINE, market=NORTH), 5_000, FIRST + 2), mode=Mode.CHANGE)
    taken_back = scene.edit(one(scene.node(item=PINE, market=NORTH), 999_000, FIRST + 3))
    assert taken_back.edit
    scene.edit(one(scene.node(item=PINE, market=NORTH), 0, FIRST + 3), mode=Mode.RESET)
    cycle = Cycle.objects.create(month=date(2014, 2, 1), opened_by=scene.cast.demand_planner)
    after = Plan.objects.create(cycle=cycle, number="2014-02", first_month=date(2014, 2, 1), horizon=HORIZON)
    told = carry_edits(plan=after, previous=scene.plan, actor=scene.cast.demand_planner)
    carried = Edit.objects.filter(plan=after)
    assert {edit.kind for edit in carried} == {EditKind.CARRIED.value}
    closed = "CHAIR-OAK in NORTH/DIRECT, 2014-01: the month has closed"
    assert told.dropped == (closed,) and told.kept == carried.count()
    assert [edit.gesture["dropped"] for edit in carried if edit.gesture["dropped"]] == [[closed]]
    block = load_consensus(after)
    oak, pine = (
        block.units[block.item_ids.tolist().index(scene.company.items[item].pk)].tolist() for item in (OAK, PINE)
    )
    assert oak[:2] == [46_000, 0] and pine[:3] == [0, 5_000, 0]
    assert list(consensus_problems()) == []
