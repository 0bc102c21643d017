"""Files that were handed in, kept with what they did; and how the files of a source are read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ImportBatch(models.Model):
    """One file handed in for one dataset: its compressed content, its faults and the difference it makes.

    `staged` passed every check and waits; `refused` has faults and can never be applied; `applied` changed the
    tables in one transaction; `unchanged` repeats the content that was applied last. Becomes immutable once it is
    refused, applied or unchanged. People are kept by user name: users live on a higher floor.
    """

    class Status(models.TextChoices):
        """Where the batch stands."""

        STAGED = "staged", "Staged"
        REFUSED = "refused", "Refused"
        APPLIED = "applied", "Applied"
        UNCHANGED = "unchanged", "Unchanged"

    dataset = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    content = models.BinaryField(help_text="zlib-compressed bytes of the file as handed in")
    status = models.CharField(max_length=10, choices=Status.choices)
    row_count = models.PositiveIntegerField(default=0)
    ignored_columns = models.JSONField(default=list)
    faults = models.JSONField(default=list, help_text="the first faults: row, column, value, reason, remedy")
    fault_count = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    totals = models.JSONField(default=dict, help_text="control totals of the file, as text")
    examples = models.JSONField(default=list, help_text="some rows of the difference: change, row, fields old and new")
    notes = models.JSONField(default=list, help_text="sentences: what was understood, left out or added up")
    kind = models.CharField(max_length=5, default="", help_text="csv, xlsx, json; blank when it could not be told")
    mapping_name = models.CharField(max_length=80, default="")
    mapping_revision = models.PositiveIntegerField(default=0, help_text="0: no saved mapping")
    mapping = models.JSONField(default=dict, help_text="the mapping as it was when the file was handed in")
    staged_by = models.CharField(max_length=150)
    staged_at = models.DateTimeField(auto_now_add=True)
    applied_by = models.CharField(max_length=150, default="")
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "import batches"
        ordering = ["-id"]
        indexes = [models.Index(fields=["dataset", "-id"], name="importbatch_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["staged", "refused", "applied", "unchanged"]),
                name="importbatch_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="refused", fault_count__gt=0) | (~Q(status="refused") & Q(fault_count=0)),
                name="importbatch_refused_has_faults",
            ),
            models.CheckConstraint(
                condition=Q(status="applied", applied_at__isnull=False) | (~Q(status="applied") & Q(applied_at=None)),
                name="importbatch_applied_has_time",
            ),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="importbatch_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} {self.file_name} ({self.status})"


class MappingProfile(models.Model):
    """How the files of one source become one dataset: columns, constants, formats, lookups, rows to leave out.

    `document` is the mapping as `catalog.services.imports.mapping` checks it. Grain: one per name. Changed with its
    `revision`, never deleted: a withdrawn one is offered no more. A batch keeps the document that it was read with.
    People are kept by user name, as in `ImportBatch`; every change has its audit row.
    """

    name = models.CharField(max_length=80, unique=True)
    source = models.CharField(max_length=80)
    dataset = models.CharField(max_length=40)
    document = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    is_withdrawn = models.BooleanField(default=False)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["source", "dataset", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$"), name="mapping_name_plain"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="mapping_has_source"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="mapping_revision_counts"),
        ]

    def __str__(self) -> str:
        return self.name
