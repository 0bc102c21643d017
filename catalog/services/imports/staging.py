"""The two steps of every import: stage a file with its difference, then apply it in one transaction."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import asdict

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from catalog.models import ImportBatch
from catalog.registry import Dataset, Difference, Fault, FileRefused, dataset_named
from catalog.services.imports.reading import ReadFile, read_file

KEPT_FAULTS = 200


class BatchNotApplicable(Exception):
    """The batch has faults or repeats what is there: there is nothing to apply."""


class _Preview(Exception):
    """Rolls a trial back; carries what the trial would have changed."""

    def __init__(self, difference: Difference) -> None:
        super().__init__()
        self.difference = difference


@transaction.atomic
def stage_file(*, dataset: str, file_name: str, content: bytes, actor: AbstractBaseUser) -> ImportBatch:
    """Keep a file, check it whole and show what it would change; no other table is touched.

    The difference is measured, not estimated: the file is applied inside a savepoint that is rolled back.

    Args:
        dataset: name of a registered dataset.
        file_name: as handed in, for display.
        content: bytes of the file.
        actor: who hands it in.

    Returns:
        A batch: `staged`, `refused` with its faults, or `unchanged` when the content was applied last. Staging the
        same file again makes another batch with the same answer.

    Raises:
        LookupError: there is no such dataset.
    """
    target = dataset_named(dataset)
    _lock(dataset)
    digest = hashlib.sha256(content).hexdigest()
    batch = ImportBatch(
        dataset=dataset,
        file_name=file_name[:200],
        sha256=digest,
        size_bytes=len(content),
        content=zlib.compress(content, 6),
        staged_by=actor.get_username(),
        status=ImportBatch.Status.STAGED,
    )
    latest = ImportBatch.objects.filter(dataset=dataset, status=ImportBatch.Status.APPLIED).order_by(
        "-applied_at", "-id"
    )
    last = latest.first()
    if last is not None and last.sha256 == digest:
        return _repeat(batch, last)
    return _staged(target, batch, content)


@transaction.atomic
def apply_batch(*, batch_id: int, actor: AbstractBaseUser) -> ImportBatch:
    """Apply a staged file: everything it says or nothing.

    The file is read and checked again, because what it refers to may have changed since it was staged; if it no
    longer passes, the batch becomes `refused` and no table is touched. A second call returns the applied batch.

    Raises:
        BatchNotApplicable: the batch is refused or unchanged.
        ImportBatch.DoesNotExist: there is no such batch.
    """
    batch = ImportBatch.objects.select_for_update().get(id=batch_id)
    if batch.status == ImportBatch.Status.APPLIED:
        return batch
    if batch.status != ImportBatch.Status.STAGED:
        raise BatchNotApplicable(f"{batch} cannot be applied.")
    target = dataset_named(batch.dataset)
    _lock(batch.dataset)
    read = read_file(target, zlib.decompress(bytes(batch.content)))
    if read.faults:
        return _refused(batch, read.faults)
    try:
        with transaction.atomic():
            difference = target.apply(read.rows, batch)
    except FileRefused as refused:
        return _refused(batch, refused.faults)
    except (IntegrityError, DataError) as error:
        return _refused(batch, [_database_fault(error)])
    _count(batch, difference)
    batch.status, batch.applied_by, batch.applied_at = (
        ImportBatch.Status.APPLIED,
        actor.get_username(),
        timezone.now(),
    )
    batch.save()
    return batch


def _staged(target: Dataset, batch: ImportBatch, content: bytes) -> ImportBatch:
    read = read_file(target, content)
    batch.row_count, batch.ignored_columns = read.row_count, read.ignored_columns
    if read.faults:
        return _refused(batch, read.faults)
    batch.save()
    try:
        _count(batch, _trial(target, read, batch))
    except FileRefused as refused:
        return _refused(batch, refused.faults)
    except (IntegrityError, DataError) as error:
        return _refused(batch, [_database_fault(error)])
    batch.save()
    return batch


def _trial(target: Dataset, read: ReadFile, batch: ImportBatch) -> Difference:
    """Apply inside a savepoint, take the difference, roll back."""
    try:
        with transaction.atomic():
            raise _Preview(target.apply(read.rows, batch))
    except _Preview as preview:
        return preview.difference


def _repeat(batch: ImportBatch, last: ImportBatch) -> ImportBatch:
    batch.status, batch.row_count, batch.unchanged = (
        ImportBatch.Status.UNCHANGED,
        last.row_count,
        last.row_count,
    )
    batch.ignored_columns, batch.totals = last.ignored_columns, last.totals
    batch.save()
    return batch


def _refused(batch: ImportBatch, faults: list[Fault]) -> ImportBatch:
    batch.status, batch.fault_count = ImportBatch.Status.REFUSED, len(faults)
    batch.faults = [asdict(fault) for fault in faults[:KEPT_FAULTS]]
    batch.save()
    return batch


def _count(batch: ImportBatch, difference: Difference) -> None:
    batch.added, batch.changed = difference.added, difference.changed
    batch.removed, batch.unchanged = difference.removed, difference.unchanged
    batch.totals = dict(difference.totals)


def _database_fault(error: Exception) -> Fault:
    reason = f"The database refuses it: {str(error).splitlines()[0]}."
    return Fault(0, "", "", reason, "Correct the rows that break this rule.")


def _lock(dataset: str) -> None:
    """One import of a dataset at a time; released at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"catalog.import.{dataset}"])
