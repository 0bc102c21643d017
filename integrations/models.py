"""Machines that may knock: keys, what they answered, and the writes that must not happen twice."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cycles.models import Snapshot


class Scope(StrEnum):
    """What a key may ask for."""

    READ_PLANS = "plans:read"
    ACKNOWLEDGE = "plans:acknowledge"
    READ_TRACE = "trace:read"


class ApiKey(models.Model):
    """A key of one machine client. Grain: one secret; owned by the admin; never deleted, only revoked or expired.

    The secret (256 bits) is shown once; `digest` is its SHA-256. `prefix` names the key in logs and lists.
    `addresses` are networks it may come from; empty = any. `replaced_by` is the key of a rotation: both work until
    this one's `expires_at`.
    """

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_keys")
    scopes = ArrayField(models.CharField(max_length=40))
    addresses = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces")

    class Meta:
        ordering = ["name", "-issued_at"]
        constraints = [
            models.CheckConstraint(name="apikey_named", condition=~Q(name="")),
            models.CheckConstraint(name="apikey_digest_is_sha256", condition=Q(digest__regex="^[0-9a-f]{64}$")),
            models.CheckConstraint(name="apikey_has_scope", condition=Q(scopes__len__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class Acknowledgement(models.Model):
    """What an ERP says it loaded of one snapshot. Grain: one answer; append-only; the latest one counts.

    `row_count` and `amount_cents` are the ERP's own totals; `differences` lists the items it took differently, in the
    ERP's words.
    """

    append_only = True

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="acknowledgements")
    api_key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="acknowledgements")
    row_count = models.PositiveIntegerField()
    amount_cents = models.BigIntegerField()
    differences = models.JSONField(default=list)
    reference = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.snapshot_id}: {self.row_count} rows"


class Pull(models.Model):
    """What a key has fetched of a snapshot. Grain: key × snapshot × resource; owned by the API, moved at each request.

    `completed_at` is the last time that the end of the list was reached (every page, or the whole file): a pull without
    it broke off.
    """

    class Resource(models.TextChoices):
        """What can be fetched."""

        HEADER = "header", "Header"
        LINES = "lines", "Demand lines"
        SUPPLY = "supply", "Supply lines"

    api_key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="pulls")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    resource = models.CharField(max_length=10, choices=Resource.choices)
    requests = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["api_key", "snapshot", "resource"], name="pull_once"),
        ]

    def __str__(self) -> str:
        return f"{self.api_key_id}: {self.resource} of {self.snapshot_id}"


class IdempotentAnswer(models.Model):
    """The answer to a write under an Idempotency-Key. Grain: key of a client × Idempotency-Key; kept 90 days."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    idempotency_key = models.CharField(max_length=100)
    request_digest = models.CharField(max_length=64)
    status_code = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["api_key", "idempotency_key"], name="idempotentanswer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.api_key_id}: {self.idempotency_key}"
