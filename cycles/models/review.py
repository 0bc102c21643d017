"""The memory of reviews: sign-offs, findings, waivers and audit rows. All append-only."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from cycles.models.planning import Plan, Stage

SIGN_OFF_ACTIONS = ("submit", "approve", "return", "reopen", "reset")


class SignOff(models.Model):
    """One person's word on a stage. Grain: stage × round × action; append-only.

    It is superseded when its round is lower than the stage's: reopening never removes it.
    """

    append_only = True

    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="sign_offs")
    round = models.PositiveIntegerField()
    action = models.CharField(max_length=10, choices=[(a, a) for a in SIGN_OFF_ACTIONS])
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    comment = models.TextField(blank=True)
    revision = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["stage", "round", "action"], name="signoff_once_per_round"),
            models.CheckConstraint(
                name="signoff_backwards_has_reason",
                condition=Q(action__in=["submit", "approve"]) | ~Q(comment=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id} · {self.action} · round {self.round}"


class Waiver(models.Model):
    """A block that was let pass, with its money and reason. Grain: one waiving; append-only.

    It holds for findings of the same plan, gate code and subject while their money is at most `money_cents` +
    `tolerance_cents` (cents of the reporting currency, absolute). Without money it holds while none is stated.
    """

    append_only = True

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="waivers")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="waivers")
    round = models.PositiveIntegerField()
    code = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    title = models.TextField()
    money_cents = models.BigIntegerField(null=True)
    tolerance_cents = models.BigIntegerField(default=0)
    reason = models.TextField()
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    waived_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["plan", "code", "subject"])]
        constraints = [
            models.CheckConstraint(name="waiver_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="waiver_tolerance_positive", condition=Q(tolerance_cents__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.subject}"


class FindingRecord(models.Model):
    """What the gates said when a stage was submitted or approved. Grain: decision × gate × subject; append-only."""

    append_only = True

    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="findings")
    round = models.PositiveIntegerField()
    action = models.CharField(max_length=10, choices=[("submit", "submit"), ("approve", "approve")])
    revision = models.PositiveIntegerField()
    code = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    severity = models.CharField(max_length=5, choices=[("info", "Info"), ("warn", "Warning"), ("block", "Block")])
    title = models.TextField()
    hint = models.TextField(blank=True)
    money_cents = models.BigIntegerField(null=True)
    waiver = models.ForeignKey(Waiver, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="finding_block_is_waived", condition=~Q(severity="block") | Q(waiver__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.subject}"


class AuditRow(models.Model):
    """Who changed what, when and why. Grain: one act; written in the act's own transaction; append-only, for ever."""

    append_only = True

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=80, db_index=True)
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="audit_rows")
    subject = models.CharField(max_length=200, blank=True)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["plan", "id"])]

    def __str__(self) -> str:
        return f"{self.code} · {self.subject}"
