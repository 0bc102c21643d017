"""A baseline laid beside a plan is nobody's until it is swapped in, and whoever edits meanwhile neither waits nor loses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection, transaction

from cycles.services.plans import bump_revision, lock_plan
from demand.frames import SeriesBlock, load_baseline
from demand.models import Edit, EditKind, Series
from demand.sections import consensus_problems
from demand.services.baseline_store import lay_beside, replace_baseline
from demand.services.ledger import EditResult
from demand.services.series_store import PAIR
from tests.demand.scene import BASELINE, FIRST, HORIZON, Scene, make_scene, one

NEW = ("LAMP-DESK", "NORTH/DIRECT")


def new_baseline(scene: Scene, units: int = 5) -> SeriesBlock:
    """The scene's series and a new one, all of them flat."""
    pairs = [(item, market) for item, markets in BASELINE.items() for market in markets] + [NEW]
    keys = sorted((scene.company.items[item].pk, scene.company.markets[market].pk) for item, market in pairs)
    items, markets = np.array(keys, np.int32).T
    return SeriesBlock(items, markets, np.full((len(keys), HORIZON), units * 1000, np.int64))


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_every_series_would_stand_twice() -> None:
    scene = make_scene()
    with pytest.raises(transaction.TransactionManagementError):
        lay_beside(scene.plan, new_baseline(scene))


@pytest.mark.django_db
def test_a_series_that_stands_twice_is_found() -> None:
    scene = make_scene()
    assert list(consensus_problems()) == []
    lay_beside(scene.plan, new_baseline(scene))
    assert {problem.what for problem in consensus_problems()} == {"stands twice"}


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_who_edits_while_a_baseline_is_laid_beside_does_not_wait_and_keeps_the_value() -> None:
    """Also in a series that begins with this very edit, and that the new baseline brings as well."""
    scene = make_scene()
    planner, stored = scene.cast.demand_planner, sum(len(markets) for markets in BASELINE.values())
    with transaction.atomic():
        batch = lay_beside(scene.plan, new_baseline(scene))
        with ThreadPoolExecutor(1) as pool:
            result, seen = pool.submit(edit_and_count, scene).result(timeout=20)
        plan = lock_plan(scene.plan.pk)
        replace_baseline(plan, new_baseline(scene), batch=batch, actor=planner)
        bump_revision(plan, ledger="demand", actor=planner)
    assert result.edit is not None and seen == stored + 1
    assert scene.cell(*NEW) == 45_000 and scene.cell(*NEW, FIRST + 1) == 5_000
    assert Series.objects.filter(plan=scene.plan).count() == stored + 1
    assert (load_baseline(scene.plan).units == 5_000).all()
    assert Edit.objects.filter(kind=EditKind.SYSTEM.value).count() == 1
    assert list(consensus_problems()) == []
    keys = [key[0] * PAIR + key[1] for key in Series.objects.values_list("item_id", "market_id")]
    assert len(set(keys)) == len(keys)


def edit_and_count(scene: Scene) -> tuple[EditResult, int]:
    """Begin a series on a connection of its own; and how many series the plan has for everybody else then."""
    try:
        result = scene.edit(one(scene.node(item=NEW[0], market=NEW[1]), 45_000))
        return result, Series.objects.filter(plan=scene.plan).count()
    finally:
        connection.close()
