"""What the sweep forgets after 90 days, and what it must not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cycles.models import Plan, Run, RunState, Snapshot
from cycles.registry.retention import retentions
from cycles.services import retention
from cycles.services.cycles import open_cycle
from cycles.tasks import sweep_runs
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    with alone():
        return open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)


def run(cast: Cast, plan: Plan | None, days_ago: float, state: RunState = RunState.SUCCEEDED, kind: str = "a") -> Run:
    """A run that ended so many days ago (or never)."""
    active = state in (RunState.QUEUED, RunState.RUNNING)
    moment = timezone.now() - days_ago * DAY
    made = Run.objects.create(
        kind=kind,
        version="1",
        plan=plan,
        input_hash=f"{Run.objects.count()}",
        state=state.value,
        requested_by=cast.finance,
        finished_at=None if active else moment,
        lease_until=moment if state == RunState.RUNNING else None,
    )
    Run.objects.filter(pk=made.pk).update(requested_at=moment)
    return made


def test_runs_and_answers_are_kept_90_days() -> None:
    assert {entry.name: entry.days for entry in retentions()} == {"cycles.runs": 90, "integrations.answers": 90}


def test_old_results_go_and_the_latest_stays(cast: Cast, plan: Plan) -> None:
    old, older_kind, latest = run(cast, plan, 200), run(cast, plan, 150, kind="b"), run(cast, plan, 100)
    other_plan = run(cast, None, 300)
    assert retention.forget_expired() == {"cycles.runs": 1}
    assert set(Run.objects.all()) == {older_kind, latest, other_plan} and old.pk not in {latest.pk, other_plan.pk}
    assert retention.forget_expired() == {}


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.SUPERSEDED, RunState.PARKED])
def test_what_brought_no_result_goes(cast: Cast, plan: Plan, state: RunState) -> None:
    run(cast, plan, 91, state)
    recent = run(cast, plan, 89, state)
    assert retention.forget_expired() == {"cycles.runs": 1}
    assert list(Run.objects.all()) == [recent]


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING])
def test_what_has_not_ended_stays(cast: Cast, plan: Plan, state: RunState) -> None:
    waiting = run(cast, plan, 500, state)
    assert retention.forget_expired() == {}
    assert Run.objects.get() == waiting


def test_what_a_snapshot_names_stays(cast: Cast, plan: Plan) -> None:
    named, _, latest = run(cast, plan, 400), run(cast, plan, 300), run(cast, plan, 200)
    Snapshot.objects.create(
        plan=plan,
        number="2013-11",
        sequence=1,
        first_month=plan.first_month,
        horizon=plan.horizon,
        revision=1,
        header={"sections": {"demand": {"rows": 1}, "finance": {"run": named.pk}, "supply": {"run": None}}},
        root="0" * 64,
        row_count=1,
        approved_by=cast.executive,
    )
    assert retention.forget_expired() == {"cycles.runs": 1}
    assert set(Run.objects.all()) == {named, latest}


def test_a_bite_is_bounded_and_the_next_goes_on(cast: Cast, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BITE", 2)
    for _ in range(3):
        run(cast, plan, 100, RunState.FAILED)
    assert [retention.forget_expired() for _ in range(3)] == [{"cycles.runs": 2}, {"cycles.runs": 1}, {}]


def test_the_sweep_of_beat_forgets(cast: Cast, plan: Plan) -> None:
    old = run(cast, plan, 91, RunState.FAILED)
    sweep_runs()
    assert not Run.objects.filter(pk=old.pk).exists()
