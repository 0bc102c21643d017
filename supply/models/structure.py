"""How things are made: work centres, operations and bills of materials."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

OVERTIME_LIMIT = Decimal("0.2500")
OVERTIME_PREMIUM = Decimal("0.5000")
SHIFT_PREMIUM = Decimal("1.0000")


class WorkCentre(models.Model):
    """One group of machines or people whose hours limit production. Owned by the supply planner; from the file.

    Regular hours of a month = `hours_per_day` × calendar days, unless the calendar (`WorkCentreMonth`) says other. It constrains only when `is_production` and its hours
    are above 0. `overtime_limit` is the fraction of the regular hours that may be worked on top, `overtime_premium`
    the fraction of `cost_rate` paid on top of it; both are company policy where the file does not say. Extra shifts may
    add up to `shift_hours` a month, at `shift_premium` on top of the rate; 0 hours = there are none.
    """

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="work_centres")
    cost_rate = models.DecimalField(max_digits=18, decimal_places=4, help_text="reporting currency per hour")
    hours_per_day = models.DecimalField(max_digits=12, decimal_places=4)
    is_production = models.BooleanField(default=True)
    overtime_limit = models.DecimalField(max_digits=6, decimal_places=4, default=OVERTIME_LIMIT)
    overtime_premium = models.DecimalField(max_digits=6, decimal_places=4, default=OVERTIME_PREMIUM)
    shift_hours = models.DecimalField(max_digits=12, decimal_places=4, default=Decimal(0))
    shift_premium = models.DecimalField(max_digits=6, decimal_places=4, default=SHIFT_PREMIUM)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="workcentre_has_code"),
            models.CheckConstraint(
                condition=Q(cost_rate__gte=0, hours_per_day__gte=0, overtime_limit__gte=0, overtime_premium__gte=0),
                name="workcentre_not_negative",
            ),
            models.CheckConstraint(condition=Q(shift_hours__gte=0, shift_premium__gte=0), name="workcentre_shifts"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_constraint(self) -> bool:
        """Whether its hours limit the plan."""
        return self.is_production and self.hours_per_day > 0


class WorkCentreMonth(models.Model):
    """Regular hours of one work centre in one month, in place of hours per day × calendar days.

    Holidays, shutdowns, people who join or leave. Grain: work centre × month; owned by the supply planner; from the
    file. A month without a row has the hours of the day rule.
    """

    work_centre = models.ForeignKey(WorkCentre, on_delete=models.CASCADE, related_name="calendar")
    month = models.DateField()
    hours = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        ordering = ["work_centre", "month"]
        constraints = [
            models.UniqueConstraint(fields=["work_centre", "month"], name="workcentremonth_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="workcentremonth_month_is_first"),
            models.CheckConstraint(condition=Q(hours__gte=0), name="workcentremonth_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.work_centre_id} {self.month:%Y-%m}: {self.hours}"


class Routing(models.Model):
    """One operation: hours of one work centre for one unit of an item. Grain: item × operation × work centre.

    `hours_per_unit` is the long-run standard; `recent_hours_per_unit` that of the last 12 months where known. The plan
    uses the recent one, else the long-run one. An item with operations at several sites can be made at each of them.
    Several rows of one operation at a site are all needed, except those that are `is_alternative`: each of these takes
    the place of the others of its operation where the plan sends units there.
    """

    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, related_name="routings")
    operation = models.PositiveIntegerField()
    work_centre = models.ForeignKey(WorkCentre, on_delete=models.PROTECT, related_name="operations")
    hours_per_unit = models.DecimalField(max_digits=18, decimal_places=6)
    recent_hours_per_unit = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    is_alternative = models.BooleanField(default=False)

    class Meta:
        ordering = ["item", "operation", "work_centre"]
        constraints = [
            models.UniqueConstraint(fields=["item", "operation", "work_centre"], name="routing_once"),
            models.CheckConstraint(condition=Q(hours_per_unit__gte=0), name="routing_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.operation} at {self.work_centre_id}"


class BomLine(models.Model):
    """One component line: units of `component` in one unit of `parent`, in the component's unit of measure.

    Valid from a day to a day, both inclusive, empty end = still valid; a month uses the lines valid on its last day.
    """

    parent = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, related_name="bom_lines")
    component = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="used_in")
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    uom = models.CharField(max_length=10, default="", blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["parent", "component", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "component", "valid_from"], name="bomline_one_per_start"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="bomline_positive"),
            models.CheckConstraint(condition=~Q(parent=F("component")), name="bomline_not_itself"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="bomline_valid_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent_id} ← {self.quantity} × {self.component_id}"
