"""A kind of run for the fault tests, known to the workers that a test forks: slow steps, then one audit row per publication."""

from __future__ import annotations

import time
from typing import Any

from django.utils import timezone

from cycles.models import Run
from cycles.registry import RunKind, audit_codes, register_audit_codes, register_run_kind, run_kinds
from cycles.services.audit import record_audit
from cycles.services.leases import RunLease

KIND = "tests.slow"
PUBLISHED = "tests.slow.published"
STEPS = 10


def execute(lease: RunLease) -> dict[str, Any]:
    """Take about a second in ten steps, then leave one audit row."""
    for step in range(STEPS):
        lease.report(step, STEPS, "counting")
        time.sleep(0.1)
    with lease.publish_without_plan():
        record_audit(actor=lease.run.requested_by, code=PUBLISHED, subject=str(lease.run.pk))
    return {"steps": STEPS}


def claim_blindly(run_id: int) -> RunLease:
    """A claim without the condition: the protection taken out."""
    Run.objects.filter(pk=run_id).update(state="running", lease_until=timezone.now())
    return RunLease(Run.objects.select_related("requested_by", "plan").get(pk=run_id))


def register() -> None:
    """Add the kind once per process."""
    if PUBLISHED not in audit_codes():
        register_audit_codes(PUBLISHED)
    if KIND not in {kind.name for kind in run_kinds()}:
        register_run_kind(RunKind(KIND, "Slow", "1", execute))


register()
