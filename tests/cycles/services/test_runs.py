"""Runs in one process: asked for once, executed once, fenced, retried, parked, superseded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cycles.errors import DomainError, LeaseLost, NotAllowedNow
from cycles.models import Plan, Run, RunState
from cycles.registry import RunKind
from cycles.services.cycles import open_cycle
from cycles.services.leases import RunLease, claim_run
from cycles.services.plans import bump_revision, lock_plan
from cycles.services.runs import (
    drain_runs,
    execute_run,
    is_stale,
    latest_result,
    queue_again,
    request_run,
    request_run_by_hand,
    sweep_runs,
)
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    with alone():
        return open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)


class Counted:
    """A calculation that counts its executions and publishes the plan's horizon."""

    def __init__(self, before_publishing: Callable[[RunLease], None] = lambda lease: None) -> None:
        self.times = 0
        self.published = 0
        self.before_publishing = before_publishing

    def __call__(self, lease: RunLease) -> dict[str, Any]:
        self.times += 1
        lease.report(1, 2, "half")
        self.before_publishing(lease)
        with lease.publish() as plan:
            self.published += 1
            lease.result["horizon"] = plan.horizon
        return {"times": self.times}


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture(autouse=True)
def _kinds(counted: Counted) -> Iterator[None]:
    with alone(
        kinds=(_kind("test.sum", counted, ledgers=("demand",)), _kind("test.next", counted, after=("test.sum",)))
    ):
        yield


def _kind(name: str, execute: Callable[[RunLease], Any], **more: Any) -> RunKind:
    return RunKind(name, "Sum", "1", execute, **more)


def _expire(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_asking_twice_gives_the_same_run(plan: Plan, cast: Cast, counted: Counted) -> None:
    first = request_run(kind="test.sum", plan=plan, actor=cast.finance)
    assert request_run(kind="test.sum", plan=plan, actor=cast.viewer) == first
    done = execute_run(first.pk)
    assert (done.state, done.result, done.percent) == (RunState.SUCCEEDED, {"horizon": 24, "times": 1}, 100)
    assert request_run(kind="test.sum", plan=plan, actor=cast.finance) == first
    assert request_run(kind="test.sum", plan=plan, actor=cast.finance, parameters={"x": 1}) != first


def test_delivered_three_times_it_runs_once(plan: Plan, cast: Cast, counted: Counted) -> None:
    run = request_run(kind="test.sum", plan=plan, actor=cast.finance)
    for _ in range(3):
        execute_run(run.pk)
    assert counted.times == 1


def test_negative_control_without_the_claim_it_runs_three_times(
    plan: Plan, cast: Cast, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def claim_blindly(run_id: int) -> RunLease:
        Run.objects.filter(pk=run_id).update(state="running", lease_until=timezone.now())
        return RunLease(Run.objects.get(pk=run_id))

    monkeypatch.setattr("cycles.services.runs.claim_run", claim_blindly)
    run = request_run(kind="test.sum", plan=plan, actor=cast.finance)
    for _ in range(3):
        execute_run(run.pk)
    assert counted.times == 3


def test_a_newer_request_supersedes_the_older_queued_one(plan: Plan, cast: Cast, counted: Counted) -> None:
    old = request_run(kind="test.sum", plan=plan, actor=cast.finance)
    bump_revision(lock_plan(plan.pk), ledger="demand")
    new = request_run(kind="test.sum", plan=plan, actor=cast.finance)
    old.refresh_from_db()
    assert (old.state, new.state) == (RunState.SUPERSEDED, RunState.QUEUED)
    assert [run.pk for run in drain_runs(plan)] == [new.pk]


def test_staleness_follows_the_ledgers_it_depends_on_and_the_results_it_reads(plan: Plan, cast: Cast) -> None:
    run = execute_run(request_run(kind="test.sum", plan=plan, actor=cast.finance).pk)
    bump_revision(lock_plan(plan.pk), ledger="finance")
    assert not is_stale(run, Plan.objects.get(pk=plan.pk))
    after = execute_run(request_run(kind="test.next", plan=plan, actor=cast.finance).pk)
    bump_revision(lock_plan(plan.pk), ledger="demand")
    now = Plan.objects.get(pk=plan.pk)
    assert is_stale(run, now)
    assert not is_stale(after, now)
    execute_run(request_run(kind="test.sum", plan=now, actor=cast.finance).pk)
    assert is_stale(after, now)


def test_a_dead_workers_run_is_taken_over_and_its_late_result_is_fenced_off(
    plan: Plan, cast: Cast, counted: Counted
) -> None:
    run = request_run(kind="test.sum", plan=plan, actor=cast.finance)
    dead = claim_run(run.pk)
    assert dead is not None
    assert claim_run(run.pk) is None
    _expire(run)
    assert execute_run(run.pk).attempt == 2
    with pytest.raises(LeaseLost), dead.publish():
        pytest.fail("a late writer published")
    with pytest.raises(LeaseLost):
        dead.report(1, 1)
    assert counted.published == 1


def test_negative_control_without_the_token_the_late_writer_publishes(
    plan: Plan, cast: Cast, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = request_run(kind="test.sum", plan=plan, actor=cast.finance)
    dead = claim_run(run.pk)
    assert dead is not None
    _expire(run)
    execute_run(run.pk)
    monkeypatch.setattr(RunLease, "_hold", lambda lease: None)
    counted(_unreported(dead))
    assert counted.published == 2


def _unreported(lease: RunLease) -> RunLease:
    lease.report = lambda *_: None  # type: ignore[method-assign]
    return lease


def test_three_defects_park_the_run_and_a_person_queues_it_again(plan: Plan, cast: Cast, counted: Counted) -> None:
    def divide(lease: RunLease) -> None:
        raise ZeroDivisionError("units / 0")

    counted.before_publishing = divide
    run = request_run(kind="test.sum", plan=plan, actor=cast.finance)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            execute_run(run.pk)
    run.refresh_from_db()
    assert (run.state, counted.published) == (RunState.PARKED, 0)
    assert "Attempt 3 died: ZeroDivisionError: units / 0" in run.message
    assert execute_run(run.pk).state == RunState.PARKED
    counted.before_publishing = lambda lease: None
    assert execute_run(queue_again(run_id=run.pk, actor=cast.finance).pk).state == RunState.SUCCEEDED


def test_a_worker_that_dies_silently_three_times_parks_the_run(plan: Plan, cast: Cast) -> None:
    run = request_run(kind="test.sum", plan=plan, actor=cast.finance)
    for _ in range(3):
        sweep_runs()
        assert claim_run(run.pk) is not None
        _expire(run)
    sweep_runs()
    run.refresh_from_db()
    assert (run.state, run.message) == (RunState.PARKED, "The worker died three times while computing this.")


def test_a_refusal_fails_with_its_sentence(plan: Plan, cast: Cast, counted: Counted) -> None:
    def refuse(lease: RunLease) -> None:
        raise DomainError("Item 7 has no price.")

    counted.before_publishing = refuse
    run = execute_run(request_run(kind="test.sum", plan=plan, actor=cast.finance).pk)
    assert (run.state, run.message) == (RunState.FAILED, "Item 7 has no price.")
    assert latest_result(plan, "test.sum") is None
    assert request_run(kind="test.sum", plan=plan, actor=cast.finance) != run


def test_an_older_run_does_not_publish_over_a_newer_result(plan: Plan, cast: Cast, counted: Counted) -> None:
    old = claim_run(request_run(kind="test.sum", plan=plan, actor=cast.finance).pk)
    assert old is not None
    bump_revision(lock_plan(plan.pk), ledger="demand")
    execute_run(request_run(kind="test.sum", plan=plan, actor=cast.finance).pk)
    Run.objects.filter(pk=old.run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert execute_run(old.run.pk).state == RunState.SUPERSEDED


def test_a_defect_while_publishing_leaves_nothing_half_done(plan: Plan, cast: Cast) -> None:
    def half(lease: RunLease) -> None:
        with lease.publish() as locked:
            bump_revision(locked, ledger="demand")
            raise ZeroDivisionError

    with alone(kinds=(_kind("test.half", half),)):
        run = request_run(kind="test.half", plan=plan, actor=cast.finance)
        with pytest.raises(ZeroDivisionError):
            execute_run(run.pk)
    run.refresh_from_db()
    assert (run.state, Plan.objects.get(pk=plan.pk).revision) == (RunState.QUEUED, 0)


def test_a_person_may_not_start_what_starts_by_itself(plan: Plan, cast: Cast) -> None:
    with pytest.raises(NotAllowedNow, match="by itself"):
        request_run_by_hand(kind="test.sum", plan=plan, actor=cast.finance)
