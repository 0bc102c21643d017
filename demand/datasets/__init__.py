"""The file formats that demand owns."""

from __future__ import annotations

from catalog.registry import register_dataset, register_history_probe
from demand.datasets.sales import SALES
from demand.models import ActualSeries


def register() -> None:
    """Register the sales file and tell which items have history; called once at start-up."""
    register_dataset(SALES)
    register_history_probe("demand.actuals", lambda: set(ActualSeries.objects.values_list("item_id", flat=True)))
