"""The two steps of every import: stage a file with its difference, then apply it in one transaction."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import asdict, dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from catalog.models import ImportBatch
from catalog.registry import Dataset, Difference, Fault, FileRefused, dataset_named
from catalog.services.imports.faults import united
from catalog.services.imports.limits import LARGEST_BYTES
from catalog.services.imports.mapping import MappingDocument, document_of, mapping_of
from catalog.services.imports.reading import ReadFile, read_file

WRITTEN_LATER = [
    "status", "faults", "fault_count", "row_count", "ignored_columns", "added", "changed", "removed", "unchanged",
    "totals", "examples", "notes", "kind", "applied_by", "applied_at",
]  # fmt: skip


class BatchNotApplicable(Exception):
    """The batch has faults or repeats what is there: there is nothing to apply."""


class _Preview(Exception):
    """Rolls a trial back; carries what the trial would have changed."""

    def __init__(self, difference: Difference) -> None:
        super().__init__()
        self.difference = difference


@dataclass(frozen=True)
class ChosenMapping:
    """The mapping that reads a file, and the saved profile it came from ('' and 0: it was handed in beside the file)."""

    document: MappingDocument
    name: str = ""
    revision: int = 0


@dataclass(frozen=True)
class HandedIn:
    """A file as it was handed in, for one dataset; without a mapping its columns are the dataset's own."""

    dataset: str
    file_name: str
    content: bytes
    mapping: ChosenMapping | None = None


def stage_file(*, dataset: str, file_name: str, content: bytes, actor: AbstractBaseUser) -> ImportBatch:
    """`stage_handed_in` for a file whose columns are the dataset's own."""
    return stage_handed_in(HandedIn(dataset, file_name, content), actor=actor)


@transaction.atomic
def stage_handed_in(file: HandedIn, *, actor: AbstractBaseUser) -> ImportBatch:
    """Keep a file, check it whole and show what it would change; no other table is touched.

    The difference is measured, not estimated: the file is applied inside a savepoint that is rolled back.

    Args:
        file: what was handed in.
        actor: who hands it in.

    Returns:
        A batch: `staged`, `refused` with its faults, or `unchanged` when the content was applied last with the same
        mapping. Staging the same file again makes another batch with the same answer.

    Raises:
        LookupError: there is no such dataset.
    """
    target = dataset_named(file.dataset)
    _lock(file.dataset)
    digest = hashlib.sha256(file.content).hexdigest()
    batch = ImportBatch(
        dataset=file.dataset,
        file_name=file.file_name[:200],
        sha256=digest,
        size_bytes=len(file.content),
        content=zlib.compress(file.content, 6) if len(file.content) <= LARGEST_BYTES else b"",
        mapping=document_of(file.mapping.document) if file.mapping else {},
        mapping_name=file.mapping.name if file.mapping else "",
        mapping_revision=file.mapping.revision if file.mapping else 0,
        staged_by=actor.get_username(),
        status=ImportBatch.Status.STAGED,
    )
    applied = ImportBatch.objects.filter(dataset=file.dataset, status=ImportBatch.Status.APPLIED)
    last = applied.defer("content").order_by("-applied_at", "-id").first()
    if last is not None and last.sha256 == digest and _same_reading(last.mapping, batch.mapping):
        return _repeat(batch, last)
    return _staged(target, batch, file)


def _same_reading(one: dict[str, object], other: dict[str, object]) -> bool:
    """Whether two mappings read alike; their names and sources do not count."""
    words = ("mapping", "source")
    return {k: v for k, v in one.items() if k not in words} == {k: v for k, v in other.items() if k not in words}


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
    mapping = mapping_of(batch.mapping, target) if batch.mapping else None
    read = read_file(target, zlib.decompress(bytes(batch.content)), mapping)
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
    batch.save(update_fields=WRITTEN_LATER)
    return batch


def _staged(target: Dataset, batch: ImportBatch, file: HandedIn) -> ImportBatch:
    read = read_file(target, file.content, file.mapping.document if file.mapping else None)
    batch.row_count, batch.ignored_columns = read.row_count, read.ignored_columns
    batch.notes, batch.kind = read.notes, read.kind
    if read.faults:
        return _refused(batch, read.faults)
    batch.save()
    try:
        _count(batch, _trial(target, read, batch))
    except FileRefused as refused:
        return _refused(batch, refused.faults)
    except (IntegrityError, DataError) as error:
        return _refused(batch, [_database_fault(error)])
    batch.save(update_fields=WRITTEN_LATER)
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
    batch.notes, batch.kind = last.notes, last.kind
    batch.save()
    return batch


def _refused(batch: ImportBatch, faults: list[Fault]) -> ImportBatch:
    found = united([faults])
    batch.status, batch.fault_count = ImportBatch.Status.REFUSED, found.total
    batch.faults = [asdict(fault) for fault in found]
    batch.save(update_fields=WRITTEN_LATER if batch.pk else None)
    return batch


def _count(batch: ImportBatch, difference: Difference) -> None:
    batch.added, batch.changed = difference.added, difference.changed
    batch.removed, batch.unchanged = difference.removed, difference.unchanged
    batch.totals = dict(difference.totals)
    batch.examples = [asdict(example) for example in difference.examples]


def _database_fault(error: Exception) -> Fault:
    reason = f"The database refuses it: {str(error).splitlines()[0]}."
    return Fault(0, "", "", reason, "Correct the rows that break this rule.")


def _lock(dataset: str) -> None:
    """One import of a dataset at a time; released at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"catalog.import.{dataset}"])
