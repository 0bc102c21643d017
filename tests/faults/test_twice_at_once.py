"""One run executed by two workers at the same moment leaves what one leaves; with its negative control."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import date
from unittest import mock

import pytest
from django.db import connection
from django.utils import timezone

from cycles.models import Plan, Run
from cycles.registry import RunKind
from cycles.services import runs
from cycles.services.cycles import open_cycle
from cycles.services.leases import RunLease
from cycles.services.plans import bump_revision
from tests.cast import make_cast
from tests.cycles.stand_ins import alone

ROUNDS = 10

pytestmark = pytest.mark.django_db(transaction=True)


def count_up(lease: RunLease) -> None:
    """Compute for a moment, then count the plan's finance ledger up by one."""
    time.sleep(0.05)
    with lease.publish() as plan:
        bump_revision(plan, ledger="finance")


def execute(run_id: int) -> None:
    """Execute on a connection of this thread."""
    try:
        runs.execute_run(run_id)
    finally:
        connection.close()


def claim_blindly(run_id: int) -> RunLease:
    """A claim that asks for no condition: the protection taken out."""
    Run.objects.filter(pk=run_id).update(state="running", lease_until=timezone.now())
    return RunLease(Run.objects.select_related("plan", "requested_by").get(pk=run_id))


@contextmanager
def unfenced() -> Iterator[None]:
    with (
        mock.patch.object(runs, "claim_run", claim_blindly),
        mock.patch.object(RunLease, "_hold", lambda lease: None),
    ):
        yield


@pytest.mark.parametrize(
    ("protection", "most", "least"),
    [
        pytest.param(nullcontext, ROUNDS, ROUNDS, id="protected"),
        pytest.param(unfenced, 2 * ROUNDS, 2 * ROUNDS - 1, id="negative control", marks=pytest.mark.long),
    ],
)
def test_twice_at_once(protection: type, most: int, least: int) -> None:
    cast = make_cast()
    with alone(kinds=(RunKind("test.count", "Count", "1", count_up),)), protection():
        plan = open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)
        for number in range(ROUNDS):
            run = runs.request_run(kind="test.count", plan=plan, actor=cast.finance, parameters={"number": number})
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(execute, [run.pk, run.pk]))
    assert least <= Plan.objects.get(pk=plan.pk).revision <= most
