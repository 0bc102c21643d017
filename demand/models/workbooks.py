"""Workbooks of a plan that came back and wait for their writer's word."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class ReturnedWorkbook(models.Model):
    """One workbook of a demand plan that somebody handed in. Grain: one file; seen by who handed it in.

    `content` is zlib-compressed and emptied once the file is applied; `edit` is then the gesture that came of it. `session`
    is the window under which it is recorded, so that applying it twice conflicts with nothing and changes nothing. A later
    file of the same person for the same plan takes the place of one that was not applied.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    session = models.CharField(max_length=40)
    edit = models.OneToOneField("demand.Edit", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="returnedworkbook_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.file_name}"
