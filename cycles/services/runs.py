"""Runs: asked for in the transaction of the change, executed once, published only by the holder of the lease."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from types import TracebackType
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from cycles.errors import DomainError, LeaseLost, NotAllowedNow, Superseded
from cycles.failpoints import failpoint
from cycles.models import ACTIVE_STATES, Plan, Run, RunState, User
from cycles.registry import RunKind, run_kind
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.leases import MAX_ATTEMPTS, Heartbeat, RunLease, claim_run, tell_run_moved
from cycles.services.queueing import insert_queued

__all__ = [
    "RunLease",
    "drain_runs",
    "execute_run",
    "finish_run",
    "is_stale",
    "latest_result",
    "queue_again",
    "request_run",
    "request_run_by_hand",
    "request_run_now",
    "sweep_runs",
]

log = logging.getLogger(__name__)


def inputs_of(kind: RunKind, plan: Plan | None) -> dict[str, int]:
    """Return what a run of this kind would read now: revision of each ledger, id of the latest result of each kind.

    A result that does not exist yet counts as 0.
    """
    if plan is None:
        return {}
    ledgers = {name.removesuffix("_revision"): 0 for name in kind.ledgers}
    inputs = {name: int(getattr(plan, f"{name}_revision")) for name in ledgers}
    results = Run.objects.filter(plan=plan, kind__in=kind.after, state=RunState.SUCCEEDED.value)
    latest = dict(results.order_by().values_list("kind").annotate(Max("pk"))) if kind.after else {}
    return inputs | {f"run:{name}": latest.get(name, 0) for name in kind.after}


def input_hash(kind: RunKind, plan: Plan | None, inputs: dict[str, int], parameters: dict[str, Any]) -> str:
    """Return the SHA-256 that identifies a calculation: kind, version, plan, inputs and parameters."""
    body = [kind.name, kind.version, plan.pk if plan else None, inputs, parameters]
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def request_run(*, kind: str, plan: Plan | None, actor: User, parameters: dict[str, Any] | None = None) -> Run:
    """Queue a calculation in the running transaction and wake a worker once it commits.

    Asking again for the same inputs returns the run that is queued, running or succeeded. A newer request supersedes
    older queued ones of the same kind and plan. Does not judge rights: receivers and commands call it in the name of
    whoever caused the change; a person's wish goes through `request_run_by_hand`.

    Raises:
        UnknownEntry: no such kind.
    """
    with transaction.atomic():
        now = Plan.objects.get(pk=plan.pk) if plan else None
        return request_run_now(kind=kind, plan=now, actor=actor, parameters=parameters)


def request_run_now(*, kind: str, plan: Plan | None, actor: User, parameters: dict[str, Any] | None = None) -> Run:
    """Do as `request_run` for a plan whose row the running transaction holds and that is as it stands there.

    Raises:
        UnknownEntry: no such kind.
    """
    entry, parameters = run_kind(kind), parameters or {}
    inputs = inputs_of(entry, plan)
    digest = input_hash(entry, plan, inputs, parameters)
    run, is_new = insert_queued(entry, plan, inputs=inputs, parameters=parameters, digest=digest, actor=actor)
    if is_new:
        tell_run_moved(run, RunState.QUEUED)
    if run.state == RunState.QUEUED:
        wake_worker(run.pk)
    return run


def request_run_by_hand(*, kind: str, plan: Plan, actor: User, parameters: dict[str, Any] | None = None) -> Run:
    """Queue a calculation that a person asked for; the kind's `action` must be allowed to them now.

    Raises:
        NotAllowedToYou, NotAllowedNow: by the rights table.
        NotAllowedNow: this kind is never started by hand.
    """
    entry = run_kind(kind)
    if entry.action is None:
        raise NotAllowedNow(f"{entry.title} starts by itself.")
    authorise(actor=actor, action=entry.action, plan=plan)
    return request_run(kind=kind, plan=plan, actor=actor, parameters=parameters)


def queue_again(*, run_id: int, actor: User) -> Run:
    """Queue a parked or failed run again as a fresh run with today's inputs; audited.

    Raises:
        NotAllowedNow: the run neither failed nor was parked.
        NotAllowedToYou: by the rights table.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).select_related("plan").get(pk=run_id)
        if run.state not in (RunState.PARKED, RunState.FAILED):
            raise NotAllowedNow(f"Run {run.pk} is {run.state}; there is nothing to queue again.")
        action = run_kind(run.kind).action
        if action is not None:
            authorise(actor=actor, action=action, plan=run.plan)
        record_audit(actor=actor, code="cycles.run.requeued", plan=run.plan, subject=f"{run.kind} #{run.pk}")
        return request_run(kind=run.kind, plan=run.plan, actor=actor, parameters=run.parameters)


def wake_worker(run_id: int) -> None:
    """Tell a worker about a run once the transaction has committed; a lost message is sent again by the sweep."""
    if getattr(settings, "SOP_WAKE_WORKERS", True):
        transaction.on_commit(lambda: _send(run_id))


def _send(run_id: int) -> None:
    failpoint("run.wake_up")
    try:
        current_app.send_task("cycles.tasks.execute_run", args=[run_id], ignore_result=True, retry=False)
    except OperationalError:
        log.warning("The broker is away; the sweep will wake a worker for run %s.", run_id)


class _Settling:
    """Turns the end of an execution into the run's state; a refusal is a result, a defect goes on upward."""

    def __init__(self, lease: RunLease) -> None:
        self._lease = lease

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None:
            return False
        if isinstance(error, LeaseLost):
            log.warning("Run %s was taken over; its late result is dropped.", self._lease.run.pk)
            return True
        if isinstance(error, DomainError):
            state = RunState.SUPERSEDED if isinstance(error, Superseded) else RunState.FAILED
            self._lease.settle(state, str(error))
            return True
        self._lease.release(f"Attempt {self._lease.run.attempt} died: {type(error).__name__}: {error}")
        wake_worker(self._lease.run.pk)
        return False


def execute_run(run_id: int) -> Run:
    """Claim a run, compute it and publish its result; do nothing when it is done or in other hands.

    Before → after: queued (or running with an expired lease) → succeeded, failed (a rule refused, with its sentence),
    superseded, or, after a defect, queued again and parked after the third attempt. Delivered twice it runs once.

    Raises:
        Exception: a defect inside the calculation, after the run was given back.
    """
    lease = claim_run(run_id)
    if lease is not None:
        with _Settling(lease), Heartbeat(lease):
            kind = run_kind(lease.run.kind)
            _note_inputs(lease, kind)
            lease.complete(kind.execute(lease))
    return Run.objects.select_related("plan").get(pk=run_id)


def _note_inputs(lease: RunLease, kind: RunKind) -> None:
    plan = lease.run.plan
    if plan is not None:
        lease.run.inputs = inputs_of(kind, plan)
        lease.run.revision = plan.revision
        lease.run.save(update_fields=["inputs", "revision"])


def sweep_runs() -> int:
    """Wake workers for runs whose message was lost or whose worker died; park what died too often.

    Returns:
        How many runs were woken. Calling it at any time, any number of times, changes no result.
    """
    expired = Run.objects.filter(state=RunState.RUNNING.value, lease_until__lt=Now())
    for run in expired.filter(attempt__gte=MAX_ATTEMPTS):
        with transaction.atomic():
            parked = expired.filter(pk=run.pk, attempt__gte=MAX_ATTEMPTS).update(
                state=RunState.PARKED.value,
                message="The worker died three times while computing this.",
                finished_at=Now(),
                lease_until=None,
            )
            if parked:
                tell_run_moved(run, RunState.PARKED)
    lost = Q(state=RunState.QUEUED.value) | Q(state=RunState.RUNNING.value, lease_until__lt=Now())
    waiting = list(Run.objects.filter(lost).order_by("id").values_list("pk", flat=True)[:200])
    for run_id in waiting:
        wake_worker(run_id)
    return len(waiting)


def finish_run(run_id: int, *, patience_seconds: float = 600.0) -> Run:
    """Execute a run here and now, or wait for the worker that has it; returns it as it ended.

    Raises:
        NotAllowedNow: somebody else's run did not end within the patience.
        Exception: a defect inside the calculation.
    """
    deadline = time.monotonic() + patience_seconds
    while (run := execute_run(run_id)).is_active:
        if time.monotonic() > deadline:
            raise NotAllowedNow(f"Run {run_id} is in the hands of a worker and does not end.")
        time.sleep(0.2)
    return run


def drain_runs(plan: Plan | None = None) -> list[Run]:
    """Execute every queued run here and now, oldest first, until none is active; the workers' own code path.

    With a plan: its runs and those without a plan; without one: all. Runs in another worker's hands are waited for.

    Returns:
        The runs executed or awaited, in order, as they ended.

    Raises:
        NotAllowedNow: a run in a worker's hands does not end.
        Exception: a defect inside a calculation.
    """
    active = Run.objects.filter(state__in=ACTIVE_STATES)
    if plan is not None:
        active = active.filter(Q(plan=plan) | Q(plan__isnull=True))
    finished: list[Run] = []
    while (run_id := active.order_by("id").values_list("pk", flat=True).first()) is not None:
        finished.append(finish_run(run_id))
    return finished


def latest_result(plan: Plan | None, kind: str) -> Run | None:
    """Return the latest succeeded run of a kind for a plan (or without plan), None if there is none."""
    return Run.objects.filter(plan=plan, kind=kind, state=RunState.SUCCEEDED.value).order_by("-id").first()


def is_stale(run: Run, plan: Plan) -> bool:
    """Return whether the plan, or a result the run has read, has moved on since it started, or its formula changed."""
    kind = run_kind(run.kind)
    return run.version != kind.version or run.inputs != inputs_of(kind, plan)
