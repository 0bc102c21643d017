"""The file formats that supply owns, one module per subject."""

from __future__ import annotations

from catalog.registry import register_dataset, register_reference
from supply.datasets.facts import INVENTORY, PRODUCTION
from supply.datasets.lots import PRODUCTION_LOTS
from supply.datasets.policy import MARKET_PRIORITIES, SUBCONTRACTING, SUPPLY_POLICY
from supply.datasets.purchasing import PURCHASE_TERMS, SOURCING, SUPPLIERS
from supply.datasets.stock_rules import STOCK_BUDGET, STOCK_RULES, STORAGE_LIMITS
from supply.datasets.structure import BOM, CAPACITY_CALENDAR, ROUTINGS, WORK_CENTRES
from supply.datasets.workforce import WORKFORCE
from supply.models import Supplier, WorkCentre

DATASETS = (
    WORK_CENTRES,
    CAPACITY_CALENDAR,
    WORKFORCE,
    ROUTINGS,
    BOM,
    SUPPLIERS,
    PURCHASE_TERMS,
    SUBCONTRACTING,
    PRODUCTION_LOTS,
    SOURCING,
    STOCK_RULES,
    STOCK_BUDGET,
    STORAGE_LIMITS,
    INVENTORY,
    PRODUCTION,
    SUPPLY_POLICY,
    MARKET_PRIORITIES,
)


def register() -> None:
    """Register the datasets and the codes that other files may refer to; called once at start-up."""
    register_reference("work_centre", lambda: dict(WorkCentre.objects.values_list("code", "id")))
    register_reference("supplier", lambda: dict(Supplier.objects.values_list("code", "id")))
    for dataset in DATASETS:
        register_dataset(dataset)
