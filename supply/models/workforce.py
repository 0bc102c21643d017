"""People of the work centres: how many there are and may be, what they work and cost, and how many a plan has."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from supply.models.results import months


class WorkforceTerm(models.Model):
    """The people of one work centre. Grain: work centre; owned by the supply planner; from the file.

    Hours are per head and month; money is the reporting currency: `wage` per head and month, paid whether they work or
    not, `hire_cost` and `release_cost` per head. The regular hours of such a work centre are those of its people: hours
    per day and calendar do not count there; `most_heads` (empty = no limit) is what its room and machines allow.
    """

    work_centre = models.OneToOneField("supply.WorkCentre", on_delete=models.CASCADE, related_name="people")
    opening_heads = models.PositiveIntegerField()
    hours_per_head = models.DecimalField(max_digits=8, decimal_places=2)
    overtime_hours_per_head = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    wage = models.DecimalField(max_digits=18, decimal_places=4)
    hire_cost = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    release_cost = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    least_heads = models.PositiveIntegerField(default=0)
    most_heads = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["work_centre"]
        constraints = [
            models.CheckConstraint(condition=Q(hours_per_head__gt=0), name="workforceterm_works"),
            models.CheckConstraint(
                condition=Q(overtime_hours_per_head__gte=0, wage__gte=0, hire_cost__gte=0, release_cost__gte=0),
                name="workforceterm_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(most_heads__isnull=True) | Q(most_heads__gte=F("least_heads")), name="workforceterm_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opening_heads} at {self.work_centre_id}"


class PlannedHeads(models.Model):
    """The people of one work centre in a plan, per month; replaced as a whole by every supply run.

    Heads before (`opening` before the first month) + hired − released = heads. Cents of the reporting currency: `wages`,
    `hire`, `release`, and `absorbed`, what standard costs count for the regular hours worked.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    work_centre = models.ForeignKey("supply.WorkCentre", on_delete=models.PROTECT, related_name="+")
    opening = models.IntegerField()
    heads = months()
    hired = months()
    released = months()
    wages_cents = months()
    hire_cents = months()
    release_cents = months()
    absorbed_cents = months()

    class Meta:
        verbose_name_plural = "planned heads"
        ordering = ["plan", "work_centre"]
        constraints = [models.UniqueConstraint(fields=["plan", "work_centre"], name="plannedheads_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.work_centre_id}"
