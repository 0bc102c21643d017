"""What production can answer of an assumption: good units made and the share that was scrapped."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Count, Sum

from catalog.calc.months import month_index
from cycles.registry.metrics import Metric, MetricScope, Reading, register_metric
from supply.models import ProductionActual

FAMILY = frozenset({"family"})


def _made(first: date, last: date, scope: MetricScope) -> tuple[int, int] | None:
    """Good and scrapped milli-units of the months; None unless production was loaded for every month."""
    loaded = ProductionActual.objects.filter(month__range=(first, last))
    if (loaded.aggregate(months=Count("month", distinct=True))["months"]) <= month_index(last) - month_index(first):
        return None
    rows = loaded.filter(item__family=scope.family_id) if scope.family_id else loaded
    sums = rows.aggregate(good=Sum("good_milli"), scrapped=Sum("scrapped_milli"))
    return sums["good"] or 0, sums["scrapped"] or 0


def made_reading(first: date, last: date, scope: MetricScope) -> Reading:
    """Read the good units made in the months."""
    made = _made(first, last, scope)
    if made is None:
        return Reading(None, "production is not loaded for every month")
    return Reading(Decimal(made[0]) / 1000, f"production {first:%Y-%m} to {last:%Y-%m}")


def scrap_reading(first: date, last: date, scope: MetricScope) -> Reading:
    """Read scrapped ÷ (good + scrapped) units in percent; None where nothing was made."""
    made = _made(first, last, scope)
    if made is None or sum(made) == 0:
        return Reading(None, "production is not loaded for every month")
    return Reading(Decimal(made[1]) / sum(made) * 100, f"production {first:%Y-%m} to {last:%Y-%m}")


def register_metrics() -> None:
    """Register what production can answer; called once at start-up."""
    register_metric(Metric("supply.units_made", "Good units made", "units", made_reading, 0, FAMILY))
    register_metric(Metric("supply.scrap", "Scrap share", "%", scrap_reading, 2, FAMILY))
