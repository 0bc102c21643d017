"""Cleansed history: named by the run or a person, kept, taken back with a reason; sales stay as they are."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing, StatementUnfit
from cycles.models import AuditRow, Membership, Plan, Run, RunState, User
from cycles.services.runs import finish_run
from demand.models import ActualSeries, Cleansing, SegmentForecast
from demand.services.baseline import request_baseline
from demand.services.cleansing import take_back_cleansing
from demand.services.cleansing_entry import CleansingWords, name_cleansing
from demand.services.segments import load_segments
from tests.demand.scene import Scene, make_scene, sell
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, NORTH = "CHAIR-OAK", "NORTH/DIRECT"
SPIKE = 12


def _scene() -> Scene:
    """A hundred chairs a month for two years, and seven hundred once, in January 2013."""
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [100] * SPIKE + [700] + [100] * 11})
    return made


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


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


def words(scene: Scene, month: date, *, value: int | None = None, reason: str = "A tender") -> CleansingWords:
    chairs, north = scene.company.families["CHAIRS"], scene.company.markets[NORTH]
    return CleansingWords(chairs, north, month, value, reason)


def name(scene: Scene, month: date, *, value: int | None = None, actor: User | None = None) -> Cleansing:
    planner = actor or scene.cast.demand_planner
    return name_cleansing(plan=scene.plan, words=words(scene, month, value=value), actor=planner)


def test_a_person_names_a_month_of_the_last_three_and_takes_it_back(scene: Scene) -> None:
    """The run leaves the last months alone; the planner knows that November was a tender: 220 of the usual 100."""
    series = ActualSeries.objects.get()
    series.units[SPIKE + 10] = 220_000
    series.save()
    planner = scene.cast.demand_planner
    typed = name(scene, date(2013, 11, 1))
    assert (typed.kind, typed.sold, typed.value, typed.author) == ("typed", 220_000, 100_000, planner)
    assert AuditRow.objects.filter(code="demand.cleansing.entered", reason="A tender").count() == 1
    queued = Run.objects.get(plan=scene.plan, kind="demand.baseline", state=RunState.QUEUED)
    assert finish_run(queued.pk).state == RunState.SUCCEEDED
    forecast = forecast_of(scene.plan, scene)
    assert forecast.evidence["cleansed"] == 2, "the spike of January that the run named, and this one"
    assert load_segments(scene.plan).history.max() == 100_000 and load_segments(scene.plan).raw.max() == 700_000

    with pytest.raises(NotAllowedNow, match="Nov 2013 is read as 100 units already .Named by a planner.: take that"):
        name(scene, date(2013, 11, 1), value=90_000)
    take_back_cleansing(plan=scene.plan, cleansing_id=typed.pk, reason="It returns", actor=planner)
    assert load_segments(scene.plan).history.max() == 220_000
    name(scene, date(2013, 11, 1), value=130_000)
    assert load_segments(scene.plan).history.max() == 130_000, "another value, once the first was taken back"


def test_what_a_person_typed_beats_what_a_run_found_meanwhile(scene: Scene) -> None:
    name(scene, date(2013, 1, 1), value=150_000)
    late = Cleansing(month=date(2013, 1, 1), kind="spike", sold=700_000, value=100_000, reason="found", plan=scene.plan,
                     family=scene.company.families["CHAIRS"], market=scene.company.markets[NORTH], author=scene.cast.demand_planner)  # fmt: skip
    late.save()
    segments = load_segments(scene.plan)
    assert segments.history.max() == 150_000 and segments.cleansed.applied.sum() == 1
    assert segments.cleansed.new == []


@pytest.mark.parametrize(
    ("month", "value", "said"),
    [
        (date(2014, 1, 1), None, "name one of these months"),
        (date(2011, 11, 1), None, "name one of these months"),
        (date(2013, 3, 1), 100_000, "100 units are what was sold"),
        (date(2013, 3, 1), None, "100 units are what was sold"),
    ],
)
def test_a_month_that_cannot_be_named(scene: Scene, month: date, value: int | None, said: str) -> None:
    with pytest.raises(StatementUnfit, match=said):
        name(scene, month, value=value)
    assert not Cleansing.objects.exists() and not Run.objects.filter(kind="demand.baseline").exists()


def test_who_may_not_name_a_month_and_where_nothing_was_sold(scene: Scene) -> None:
    march = date(2013, 3, 1)
    with pytest.raises(ReasonMissing):
        name_cleansing(plan=scene.plan, words=words(scene, march, reason=" "), actor=scene.cast.demand_planner)
    with pytest.raises(NotAllowedToYou):
        name(scene, march, actor=scene.cast.finance)
    lamps = CleansingWords(scene.company.families["LAMPS"], scene.company.markets[NORTH], march, 1, "none there")
    with pytest.raises(StatementUnfit, match="LAMPS in NORTH/DIRECT sold nothing yet"):
        name_cleansing(plan=scene.plan, words=lamps, actor=scene.cast.demand_planner)
    Membership.objects.get(user=scene.cast.demand_planner).families.add(scene.company.families["LAMPS"])
    with pytest.raises(NotAllowedNow, match="outside of what you plan"):
        name(scene, march, value=1)


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
