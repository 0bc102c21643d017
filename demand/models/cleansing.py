"""Months of history that the forecast does not take as they are: a ledger of named cleansings."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from demand.calc.cleansing import CleansingKind


class Cleansing(models.Model):
    """One month of one family in one market that stands out of line, or the word that takes it back. Append-only.

    Grain: one naming (`takes_back` empty) or one taking back. Named by the baseline run of `plan`, in the name of whoever
    asked for it, or typed by a person; holds for later plans too while the month's sales stay `sold` and nobody took it
    back. Forecasts read `value` instead; actual sales stay as they are everywhere else. Milli-units.
    """

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey("catalog.Family", on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey("catalog.Market", on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.label) for kind in CleansingKind])
    sold = models.BigIntegerField()
    value = models.BigIntegerField()
    reason = models.TextField()
    takes_back = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="taken_back_by"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-month", "family", "market", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["family", "market", "month", "sold"],
                condition=Q(takes_back__isnull=True) & ~Q(kind=CleansingKind.TYPED.value),
                name="cleansing_found_once",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="cleansing_has_reason"),
            models.CheckConstraint(condition=Q(value__gte=0), name="cleansing_value_is_no_return"),
        ]

    @property
    def is_in_force(self) -> bool:
        """Whether the forecast reads it: a naming that nobody took back."""
        return self.takes_back_id is None and not hasattr(self, "taken_back_by")

    def __str__(self) -> str:
        return f"{self.family_id} · {self.market_id} · {self.month:%Y-%m}: {self.kind}"
