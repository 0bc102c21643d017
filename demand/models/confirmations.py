"""A planner's word that a family's plan stands as the statistics say."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class FamilyConfirmation(models.Model):
    """Somebody looked at a family and leaves it as it is. Grain: plan × family × person × baseline; append-only.

    Holds while `baseline_version` is the plan's: a new baseline asks again. `revision` is the plan's at the time.
    """

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey("catalog.Family", on_delete=models.PROTECT, related_name="+")
    baseline_version = models.PositiveIntegerField()
    revision = models.PositiveIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "family", "author", "baseline_version"], name="familyconfirmation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.family_id} · baseline {self.baseline_version}"
