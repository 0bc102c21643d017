"""The file formats that demand owns."""

from __future__ import annotations

from catalog.registry import register_dataset, register_history_probe
from demand.datasets.opportunities import OPPORTUNITIES
from demand.datasets.sales import SALES
from demand.models import ActualSeries


def register() -> None:
    """Register the files of sales and opportunities and tell which items have history; called once at start-up."""
    register_dataset(SALES)
    register_dataset(OPPORTUNITIES)
    register_history_probe("demand.actuals", lambda: set(ActualSeries.objects.values_list("item_id", flat=True)))
