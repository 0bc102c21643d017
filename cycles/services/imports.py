"""Imports as runs: staged and checked while the person waits, applied whole by a worker, audited."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from catalog.models import ImportBatch
from catalog.services import imports as catalog_imports
from catalog.services.imports import ChosenMapping
from cycles.errors import ImportRefused
from cycles.failpoints import failpoint
from cycles.models import Plan, Run, User
from cycles.policy import Action
from cycles.selectors import plan_in_progress
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.leases import RunLease
from cycles.services.plans import bump_revision, lock_plan
from cycles.services.run_news import tell_import_refused
from cycles.services.runs import request_run
from cycles.signals import dataset_applied

KIND = "cycles.import"


def stage_import(
    *, dataset: str, file_name: str, content: bytes, actor: User, mapping: ChosenMapping | None = None
) -> ImportBatch:
    """Check a file whole and keep it with its faults or the difference it would make; nothing is applied. Audited.

    While a cycle is in progress its data stage must be open. `mapping` says how the source's columns become the
    dataset's; without one they have the dataset's own names.

    Raises:
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    authorise(actor=actor, action=Action.IMPORT, plan=plan_in_progress())
    plan = plan_in_progress()
    with transaction.atomic():
        file = catalog_imports.HandedIn(dataset, file_name, content, mapping)
        batch = catalog_imports.stage_handed_in(file, actor=actor)
        refused = batch.status == ImportBatch.Status.REFUSED
        record_audit(
            actor=actor,
            code="cycles.import.refused" if refused else "cycles.import.requested",
            plan=plan,
            subject=f"{dataset} · {file_name}",
            after={
                "batch": batch.pk,
                "faults": batch.fault_count,
                "sha256": batch.sha256,
                "mapping": f"{batch.mapping_name} {batch.mapping_revision}" if batch.mapping_name else "",
            },
        )
        if refused:
            tell_import_refused(batch=batch, plan=plan, actor=actor)
    failpoint("import.staged")
    return batch


def request_application(*, batch: ImportBatch, actor: User) -> Run:
    """Queue the application of a staged batch; asking twice gives the same run.

    Raises:
        NotAllowedToYou, NotAllowedNow: by the rights table.
        ImportRefused: the file has faults; `batch_id` leads to rows, columns, values, reasons and remedies.
    """
    authorise(actor=actor, action=Action.IMPORT, plan=plan_in_progress())
    if batch.status == ImportBatch.Status.REFUSED:
        raise ImportRefused(f"{batch.file_name} has {batch.fault_count} faults; nothing was applied.", batch.pk)
    return request_run(kind=KIND, plan=None, actor=actor, parameters={"batch": batch.pk, "dataset": batch.dataset})


def request_import(
    *, dataset: str, file_name: str, content: bytes, actor: User, mapping: ChosenMapping | None = None
) -> Run:
    """Check a file whole and queue its application in one step; the difference it makes is in the batch.

    The staged batch is kept in any case, with its faults. The same file again ends as a run that changes nothing.

    Raises:
        NotAllowedToYou, NotAllowedNow: by the rights table.
        ImportRefused: the file has faults; `batch_id` leads to rows, columns, values, reasons and remedies.
    """
    batch = stage_import(dataset=dataset, file_name=file_name, content=content, actor=actor, mapping=mapping)
    return request_application(batch=batch, actor=actor)


def run_import(lease: RunLease) -> dict[str, Any]:
    """Apply a staged batch in one transaction with its audit row; bump the rates revision of the plan in progress.

    Raises:
        ImportRefused: the file does not fit the tables any more.
        NotAllowedNow: the data stage of the plan in progress was closed meanwhile.
    """
    actor = lease.run.requested_by
    lease.report(0, 1, f"Applying {lease.parameters['dataset']}")
    with lease.publish_without_plan():
        plan = _locked_plan_in_progress(actor)
        batch = _apply(int(lease.parameters["batch"]), actor)
        failpoint("import.half_applied")
        changed = batch.added + batch.changed + batch.removed > 0
        lease.result.update(_counts(batch))
        record_audit(
            actor=actor,
            code="cycles.import.applied",
            plan=plan,
            subject=f"{batch.dataset} · {batch.file_name}",
            after={"batch": batch.pk, **_counts(batch)},
        )
        if plan is not None and changed:
            bump_revision(plan, ledger="rates", actor=actor)
        dataset_applied.send(sender=ImportBatch, dataset=batch.dataset, batch_id=batch.pk, changed=changed, actor=actor)
    return lease.result


def _apply(batch_id: int, actor: User) -> ImportBatch:
    batch = ImportBatch.objects.get(pk=batch_id)
    if batch.status == ImportBatch.Status.STAGED:
        batch = catalog_imports.apply_batch(batch_id=batch_id, actor=actor)
    if batch.status == ImportBatch.Status.REFUSED:
        first = batch.faults[0] if batch.faults else {}
        raise ImportRefused(
            f"{batch.file_name} does not fit any more, nothing was applied: row {first.get('row')}, "
            f"{first.get('column')}: {first.get('reason')}",
            batch.pk,
        )
    return batch


def _locked_plan_in_progress(actor: User) -> Plan | None:
    plan = plan_in_progress()
    if plan is None:
        return None
    plan = lock_plan(plan.pk)
    authorise(actor=actor, action=Action.IMPORT, plan=plan)
    return plan


def _counts(batch: ImportBatch) -> dict[str, Any]:
    return {
        "batch": batch.pk,
        "status": batch.status,
        "rows": batch.row_count,
        "added": batch.added,
        "changed": batch.changed,
        "removed": batch.removed,
        "unchanged": batch.unchanged,
        "totals": dict(batch.totals),
    }
