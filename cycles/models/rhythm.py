"""The company's rhythm: by which working day each stage is to be submitted, and who owns it in a new cycle."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cycles.calc.rhythm import LAST_WORKING_DAY
from cycles.workflow import StageKind


class StageRhythm(models.Model):
    """When a stage is due in every new cycle, and whose it is. Grain: kind of stage; without a row the usual day holds.

    `working_day` counts the company's working days of the cycle's month from 1. Read when a cycle opens; a cycle
    that is open keeps its dates. Changed only by `cycles.services.settings`.
    """

    kind = models.CharField(max_length=20, unique=True, choices=[(k.value, k.label) for k in StageKind])
    working_day = models.PositiveSmallIntegerField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stagerhythm_within_the_month",
                condition=Q(working_day__gte=1, working_day__lte=LAST_WORKING_DAY),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: working day {self.working_day}"


class Holiday(models.Model):
    """A day on which the company does not work. Grain: day. It moves the due dates of cycles opened afterwards."""

    day = models.DateField(unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["day"]
        constraints = [models.CheckConstraint(name="holiday_has_name", condition=~Q(name=""))]

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"
