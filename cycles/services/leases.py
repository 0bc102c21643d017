"""The right to execute a run: a lease that expires and a token that fences late writers off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from cycles.errors import LeaseLost, Superseded
from cycles.failpoints import failpoint
from cycles.models import Plan, Run, RunState
from cycles.services.plans import lock_plan
from cycles.signals import run_moved, run_succeeded

MAX_ATTEMPTS = 3


def lease_length() -> timedelta:
    """How long a claim holds without a sign of life (setting SOP_LEASE_SECONDS)."""
    return timedelta(seconds=settings.SOP_LEASE_SECONDS)


def claim_run(run_id: int) -> RunLease | None:
    """Take a run that is queued, or whose worker has not reported for a lease; None if it is not to be had.

    One conditional UPDATE decides between workers; the database's clock decides about expiry. Each claim is an attempt
    and raises the fencing token.
    """
    free = Q(state=RunState.QUEUED.value) | Q(state=RunState.RUNNING.value, lease_until__lt=Now())
    taken = Run.objects.filter(free, pk=run_id, attempt__lt=MAX_ATTEMPTS).update(
        state=RunState.RUNNING.value,
        attempt=F("attempt") + 1,
        token=F("token") + 1,
        lease_until=Now() + lease_length(),
        started_at=Now(),
        done=0,
        total=0,
        message="",
    )
    if not taken:
        return None
    failpoint("run.claimed")
    run = Run.objects.select_related("plan", "requested_by").get(pk=run_id)
    tell_run_moved(run, RunState.RUNNING)
    return RunLease(run)


def tell_run_moved(run: Run, state: RunState, *, percent: int = 0) -> None:
    """Send `run_moved`: the run is now in `state`, `percent` of it done."""
    run_moved.send(sender=Run, run_id=run.pk, kind=run.kind, plan_id=run.plan_id, state=state, percent=percent)


class RunLease:
    """A claimed run in the hands of its executor.

    Attributes:
        run: the row as claimed (its token is ours).
        plan_id: key of the plan, or None.
        parameters: what was asked for.
        result: small JSON values to keep with the run; fill it inside `publish` or return a dict from `execute`.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.plan_id = run.plan_id
        self.parameters: dict[str, Any] = dict(run.parameters)
        self.result: dict[str, Any] = {}

    def _mine(self) -> Any:
        return Run.objects.filter(pk=self.run.pk, token=self.run.token, state=RunState.RUNNING.value)

    def report(self, done: int, total: int, message: str = "") -> None:
        """Show progress and renew the lease. Call it outside `publish`, at least once per lease.

        Raises:
            LeaseLost: somebody else took the run over; stop computing.
        """
        renewed = self._mine().update(done=done, total=total, message=message, lease_until=Now() + lease_length())
        if not renewed:
            raise LeaseLost(f"Run {self.run.pk} was taken over by another worker.")
        tell_run_moved(self.run, RunState.RUNNING, percent=min(99, done * 100 // total) if total else 0)

    def renew(self) -> bool:
        """Prolong the lease without a message; False when it is no longer ours."""
        return bool(self._mine().update(lease_until=Now() + lease_length()))

    @contextmanager
    def publish(self, prepare: Callable[[Plan], None] | None = None) -> Iterator[Plan]:
        """Open THE transaction that writes the result: locks the plan, checks the token, marks success on exit.

        Args:
            prepare: writes of the same transaction that nobody else reads or writes, done before the plan is locked, so
                that nobody waits for them; undone with the rest when the run may not publish.

        Raises:
            LeaseLost: the run is no longer ours; nothing is written.
            Superseded: a newer run of this kind has already published for the plan; nothing is written.
        """
        if self.plan_id is None:
            raise ValueError("This run has no plan; use publish_without_plan.")
        failpoint("run.computed")
        with transaction.atomic():
            if prepare is not None:
                prepare(Plan.objects.get(pk=self.plan_id))
            plan = lock_plan(self.plan_id)
            self._hold()
            self._refuse_if_behind()
            yield plan
            self._succeed()
        failpoint("run.committed")

    @contextmanager
    def publish_without_plan(self) -> Iterator[None]:
        """Do what `publish` does for a run that belongs to no plan."""
        failpoint("run.computed")
        with transaction.atomic():
            self._hold()
            yield
            self._succeed()
        failpoint("run.committed")

    def _hold(self) -> None:
        if self._mine().select_for_update().values_list("pk", flat=True).first() is None:
            raise LeaseLost(f"Run {self.run.pk} was taken over by another worker; this result is dropped.")

    def _refuse_if_behind(self) -> None:
        newer = Run.objects.filter(
            plan=self.run.plan, kind=self.run.kind, state=RunState.SUCCEEDED.value, pk__gt=self.run.pk
        )
        if newer.exists():
            raise Superseded("A newer result of this calculation is already there.")

    def _succeed(self) -> None:
        self._mine().update(
            state=RunState.SUCCEEDED.value,
            finished_at=Now(),
            lease_until=None,
            message="",
            done=F("total"),
            result=self.result,
        )
        run_succeeded.send(
            sender=Run, run_id=self.run.pk, kind=self.run.kind, plan_id=self.plan_id, actor=self.run.requested_by
        )
        tell_run_moved(self.run, RunState.SUCCEEDED, percent=100)
        failpoint("run.published")

    def complete(self, result: dict[str, Any] | None) -> None:
        """Keep what `execute` returned; a kind that published nothing succeeds here."""
        self.result.update(result or {})
        held = Run.objects.filter(pk=self.run.pk, token=self.run.token)
        if held.filter(state=RunState.SUCCEEDED.value).update(result=self.result):
            return
        with self.publish_without_plan():
            pass

    def settle(self, state: RunState, message: str) -> None:
        """End the run in `state` with a sentence for people, if it is still ours."""
        ended = {"state": state.value, "message": message[:2000], "finished_at": Now(), "lease_until": None}
        with transaction.atomic():
            if self._mine().update(**ended):
                tell_run_moved(self.run, state)

    def release(self, message: str) -> None:
        """Give the run back after a defect: queued again, or parked after the last attempt."""
        parked = self.run.attempt >= MAX_ATTEMPTS
        state = RunState.PARKED if parked else RunState.QUEUED
        with transaction.atomic():
            given_back = self._mine().update(
                state=state.value,
                message=message[:2000],
                finished_at=Now() if parked else None,
                lease_until=None,
            )
            if given_back:
                tell_run_moved(self.run, state)


class Heartbeat:
    """Renews a lease from a second thread while a long step computes; stops when the lease is lost or done with."""

    def __init__(self, lease: RunLease) -> None:
        self._lease = lease
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{lease.run.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        pause = lease_length().total_seconds() / 3
        try:
            while not self._stop.wait(pause) and self._lease.renew():
                continue
        finally:
            connection.close()
