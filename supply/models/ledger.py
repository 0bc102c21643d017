"""The supply ledger: pinned quantities and decided overloads. Append-only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class PinKind(models.TextChoices):
    """What a pin fixes."""

    MAKE = "make", "Production"
    BUY = "buy", "Purchase"
    SUBCONTRACT = "subcontract", "Subcontract"
    EXTRA_SHIFT = "extra_shift", "Extra shift"


class Pin(models.Model):
    """One entry of the supply planner, in force until a later entry on the same key; `quantity` empty = released.

    Key: make, buy, subcontract: item × site × month, milli-units (production and purchases become exactly this;
    subcontracted units arrive on top, at `unit_cost` above the standard). Extra shift: work centre × month,
    milli-hours on top of the overtime limit, paid like overtime when they are used. `carried_from` marks pins of the approved
    plan that were taken over; they are nobody's own entry.
    """

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="pins")
    revision = models.PositiveIntegerField(help_text="plan revision this entry made")
    kind = models.CharField(max_length=12, choices=PinKind.choices)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    work_centre = models.ForeignKey(
        "supply.WorkCentre", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    month = models.DateField()
    quantity = models.BigIntegerField(null=True, blank=True)
    unit_cost = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    reason = models.CharField(max_length=500)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    carried_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["plan", "revision", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="pin_month_is_first"),
            models.CheckConstraint(condition=~Q(reason=""), name="pin_has_reason"),
            models.CheckConstraint(condition=Q(kind__in=PinKind.values), name="pin_kind_known"),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gte=0), name="pin_quantity_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(kind="extra_shift", work_centre__isnull=False, item__isnull=True, site__isnull=True)
                | (~Q(kind="extra_shift") & Q(work_centre__isnull=True, item__isnull=False, site__isnull=False)),
                name="pin_names_item_or_work_centre",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.item_id or self.work_centre_id} {self.month:%Y-%m}"


class OverloadChoice(models.TextChoices):
    """How an overload is answered."""

    OVERTIME = "overtime", "Work overtime as planned"
    SHORTAGE = "shortage", "Accept the shortage"
    RELIEVE = "relieve", "Relieve by pins"
    PLAN = "plan", "Accept the plan as computed"


class OverloadDecision(models.Model):
    """A named person's answer to one overloaded work centre and month of a plan. The latest one counts.

    It holds while the overtime hours and the shortage behind it stay at or below the figures it was given for.
    """

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="overload_decisions")
    work_centre = models.ForeignKey("supply.WorkCentre", on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    choice = models.CharField(max_length=12, choices=OverloadChoice.choices)
    reason = models.CharField(max_length=500)
    supply_revision = models.PositiveIntegerField()
    overtime_milli = models.BigIntegerField(help_text="milli-hours of overtime at the time")
    cost_cents = models.BigIntegerField(help_text="overtime premium and lost margin at the time")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["plan", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="overloaddecision_month_is_first"),
            models.CheckConstraint(condition=~Q(reason=""), name="overloaddecision_has_reason"),
            models.CheckConstraint(condition=Q(choice__in=OverloadChoice.values), name="overloaddecision_choice_known"),
        ]

    def __str__(self) -> str:
        return f"{self.work_centre_id} {self.month:%Y-%m}: {self.get_choice_display()}"


class ShortageChoice(models.TextChoices):
    """How a shortage is answered."""

    OVERTIME = "overtime", "Extra hours"
    PREBUILD = "prebuild", "Build ahead"
    SUBCONTRACT = "subcontract", "Subcontract"
    OTHER_SITE = "other_site", "Another site"
    DECLINE = "decline", "Decline"


class ShortageDecision(models.Model):
    """A named person's choice between the priced options of one item that is short in a plan. The latest one counts.

    The money is what the choice was priced at, against the plan of that moment: cents, positive = more; the service in
    hundredths of a percentage point of the demand. `short_milli` and `lost_margin_cents` are the shortage it was given
    for: when it grows, it is to be decided again. Whatever the choice fixed stands in the ledger of pins at
    `supply_revision`.
    """

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="shortage_decisions")
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=12, choices=ShortageChoice.choices)
    reason = models.CharField(max_length=500)
    supply_revision = models.PositiveIntegerField()
    short_milli = models.BigIntegerField()
    lost_margin_cents = models.BigIntegerField()
    revenue_cents = models.BigIntegerField()
    margin_cents = models.BigIntegerField()
    inventory_cents = models.BigIntegerField()
    cash_cents = models.BigIntegerField()
    service_points = models.IntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["plan", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="shortagedecision_has_reason"),
            models.CheckConstraint(condition=Q(choice__in=ShortageChoice.values), name="shortagedecision_choice_known"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.get_choice_display()}"
