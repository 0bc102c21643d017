"""Frozen plans: a header in a chain of roots, and canonical rows with digests. Append-only, for ever."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cycles.models.planning import Plan


class Snapshot(models.Model):
    """An approved plan, frozen. Grain: one executive approval; append-only.

    `root` = SHA-256 over the ordered row digests, the header and `previous_root`. `number` is the plan's, with .1, .2 …
    for amendments. `sequence` is the place in the chain, from 1 without gaps.
    """

    append_only = True

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="snapshots")
    number = models.CharField(max_length=24, unique=True)
    sequence = models.PositiveIntegerField(unique=True)
    amendment = models.PositiveSmallIntegerField(default=0)
    first_month = models.DateField()
    horizon = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField()
    header = models.JSONField()
    previous = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="next")
    previous_root = models.CharField(max_length=64, blank=True)
    root = models.CharField(max_length=64, unique=True)
    row_count = models.PositiveIntegerField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "amendment"], name="snapshot_amendment_once"),
            models.CheckConstraint(
                name="snapshot_first_has_no_previous",
                condition=Q(sequence=1, previous__isnull=True, previous_root="")
                | (Q(sequence__gt=1, previous__isnull=False) & ~Q(previous_root="")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SnapshotRow(models.Model):
    """One canonical row of a snapshot. Grain: snapshot × section × key; append-only.

    `digests` holds a digest per field, so that a changed field can be named; `digest` covers section, key and those.
    """

    append_only = True

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="rows")
    section = models.CharField(max_length=40)
    position = models.PositiveIntegerField()
    key = ArrayField(models.TextField())
    fields = models.JSONField()
    digests = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["snapshot_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "position"], name="snapshotrow_position_once"),
            models.UniqueConstraint(fields=["snapshot", "section", "key"], name="snapshotrow_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id} · {self.section} · {'/'.join(self.key)}"
