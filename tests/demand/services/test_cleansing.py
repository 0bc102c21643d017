"""Cleansed history on the small company: proposed by the run, kept, taken back with a reason; sales stay as they are."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing
from cycles.models import AuditRow, Plan, Run, RunState
from cycles.services.runs import finish_run
from demand.models import ActualSeries, Cleansing, SegmentForecast
from demand.services.baseline import request_baseline
from demand.services.cleansing import take_back_cleansing
from demand.services.segments import load_segments
from tests.demand.scene import Scene, make_scene, sell

pytestmark = pytest.mark.django_db
OAK, NORTH = "CHAIR-OAK", "NORTH/DIRECT"
SPIKE = 12


@pytest.fixture
def scene() -> Scene:
    """A hundred chairs a month for two years, and seven hundred once, in January 2013."""
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [100] * SPIKE + [700] + [100] * 11})
    return made


def run(scene: Scene) -> SegmentForecast:
    done = finish_run(request_baseline(plan=scene.plan, actor=scene.cast.demand_planner).pk)
    assert done.state == RunState.SUCCEEDED, done.message
    return forecast_of(scene.plan, scene)


def forecast_of(plan: Plan, scene: Scene) -> SegmentForecast:
    return SegmentForecast.objects.get(
        plan=plan, family=scene.company.families["CHAIRS"], market=scene.company.markets[NORTH]
    )


def test_a_spike_is_named_taken_back_and_counts_again(scene: Scene) -> None:
    planner = scene.cast.demand_planner
    clean = run(scene)
    (named,) = Cleansing.objects.all()
    assert (named.month, named.kind, named.sold, named.value) == (date(2013, 1, 1), "spike", 700_000, 100_000)
    assert "700 units beside a usual 100" in named.reason and named.author == planner
    assert clean.evidence["cleansed"] == 1 and clean.evidence["sold"] != clean.evidence["history"]
    # as the year before would tell: the cleansed hundred, the spike of January again once it is taken back
    assert clean.points == [100_000] * len(clean.points)
    segments = load_segments(scene.plan)
    assert segments.raw.max() == 700_000 and segments.history.max() == 100_000

    with pytest.raises(ReasonMissing):
        take_back_cleansing(plan=scene.plan, cleansing_id=named.pk, reason=" ", actor=planner)
    with pytest.raises(NotAllowedToYou):
        take_back_cleansing(plan=scene.plan, cleansing_id=named.pk, reason="no", actor=scene.cast.viewer)
    back = take_back_cleansing(plan=scene.plan, cleansing_id=named.pk, reason="A tender, it returns", actor=planner)
    assert back.takes_back == named and back.value == 700_000
    assert AuditRow.objects.filter(code="demand.cleansing.taken_back", reason="A tender, it returns").count() == 1
    with pytest.raises(NotAllowedNow, match="already"):
        take_back_cleansing(plan=scene.plan, cleansing_id=named.pk, reason="again", actor=planner)

    queued = Run.objects.get(plan=scene.plan, kind="demand.baseline", state=RunState.QUEUED)
    assert finish_run(queued.pk).state == RunState.SUCCEEDED
    raw = forecast_of(scene.plan, scene)
    assert raw.evidence["cleansed"] == 0 and raw.evidence["history"] == raw.evidence["sold"]
    assert Cleansing.objects.count() == 2, "what was taken back is not named again"
    assert load_segments(scene.plan).history.max() == 700_000


def test_the_ledger_of_cleansings_is_append_only(scene: Scene) -> None:
    run(scene)
    with pytest.raises(DatabaseError), transaction.atomic():
        Cleansing.objects.update(value=0)
    with pytest.raises(DatabaseError), transaction.atomic():
        Cleansing.objects.all().delete()


def test_restated_sales_are_judged_anew(scene: Scene) -> None:
    """The month came again with a hundred and five: what stands in for the seven hundred is not in force any more."""
    run(scene)
    series = ActualSeries.objects.get()
    series.units[SPIKE] = 105_000
    series.save()
    segments = load_segments(scene.plan)
    assert segments.history.max() == 105_000 and segments.cleansed.new == []
