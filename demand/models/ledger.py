"""The ledger of named edits: one gesture is one `Edit`, its lines are signed deltas per series. Append-only."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from catalog.calc.reason_codes import LONGEST


class EditKind(StrEnum):
    """The stream of the ledger that a gesture belongs to."""

    OVERRIDE = "override"
    PROMOTION = "promotion"
    PIPELINE = "pipeline"
    NEW_PRODUCT = "new_product"
    CARRIED = "carried"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.replace("_", " ").capitalize()


class Intent(IntEnum):
    """What the person meant when the baseline moves later: keep the change, keep the typed value, or follow it.

    RESTORE says nothing of its own: its delta brings the cell to what the other lines mean (a moved baseline, an undo).
    """

    CHANGE = 0
    SET = 1
    RESET = 2
    RESTORE = 3


#: The few entries that say which promotions are in the plan: prices are asked for with every edit.
NAMES_OR_UNDOES = Q(undoes__isnull=False) | Q(gesture__has_key="events")


class Edit(models.Model):
    """One gesture of one person: a cell, a range, a paste, a spread, an undo. Grain: gesture; append-only, for ever.

    `revision` is the plan's revision after it. `session` tells two windows of one person apart: a conflict is a line of
    somebody else, or of another session, above the writer's base revision. `gesture` describes it for people (node,
    months, typed value, how it was spread). `reason_code` is one of the company's codes in the words of that day, "" where
    none was asked for. `undoes` names the gesture that this one takes back.
    """

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="edits", db_index=False)
    revision = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=[(k.value, k.label) for k in EditKind])
    reason = models.TextField()
    reason_code = models.CharField(max_length=LONGEST, blank=True, default="", db_default="")
    gesture = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    session = models.CharField(max_length=40)
    undoes = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["plan", "id"]),
            models.Index(fields=["plan"], condition=NAMES_OR_UNDOES, name="edit_names_or_undoes"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["plan", "revision"], name="edit_one_per_revision"),
            models.CheckConstraint(condition=~Q(reason=""), name="edit_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} r{self.revision} · {self.kind}"

    @property
    def why(self) -> str:
        """Code and comment in one line; only one of them where the other is missing or says the same."""
        return self.reason if self.reason_code in ("", self.reason) else f"{self.reason_code}: {self.reason}"


class EditLine(models.Model):
    """What one gesture did to one series. Grain: edit × item × market; append-only; arrays of `plan.horizon`.

    `delta` signed milli-units; `touched` 1 in the months that the gesture set, also where the delta is 0; `typed` the
    milli-units meant there when `intent` is SET, else 0. Keys without database constraints: thousands in one gesture.
    """

    append_only = True

    edit = models.ForeignKey(Edit, on_delete=models.PROTECT, related_name="lines", db_constraint=False, db_index=False)
    plan = models.ForeignKey(
        "cycles.Plan", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    item = models.ForeignKey(
        "catalog.Item", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    market = models.ForeignKey(
        "catalog.Market", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    intent = models.IntegerField(choices=[(i.value, i.name.lower()) for i in Intent])
    delta = ArrayField(models.BigIntegerField())
    touched = ArrayField(models.BigIntegerField())
    typed = ArrayField(models.BigIntegerField())

    class Meta:
        indexes = [models.Index(fields=["plan", "item", "market"])]
        constraints = [
            models.UniqueConstraint(fields=["edit", "item", "market"], name="editline_once"),
            models.CheckConstraint(condition=Q(intent__in=[i.value for i in Intent]), name="editline_intent_known"),
        ]

    def __str__(self) -> str:
        return f"{self.edit_id} · {self.item_id} · {self.market_id}"
