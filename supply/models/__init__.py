"""Tables of supply, by subject; import them from here."""

from supply.models.facts import ProductionActual, StockOnHand
from supply.models.ledger import OverloadChoice, OverloadDecision, Pin, PinKind, ShortageChoice, ShortageDecision
from supply.models.lots import ProductionLot
from supply.models.policy import MarketPriority, SubcontractTerm, SupplySetting
from supply.models.purchasing import PurchaseTerm, Sourcing, Supplier
from supply.models.results import (
    PinEffect,
    PlanBasis,
    ReroutedSeries,
    ShipSeries,
    Shortage,
    ShortageCause,
    StorageLoad,
    SupplySeries,
    WorkCentreLoad,
)
from supply.models.stock_rules import StockBudget, StockRule, StorageLimit
from supply.models.structure import BomLine, Routing, WorkCentre, WorkCentreMonth
from supply.models.workforce import PlannedHeads, WorkforceTerm

__all__ = [
    "BomLine",
    "MarketPriority",
    "OverloadChoice",
    "OverloadDecision",
    "Pin",
    "PinEffect",
    "PinKind",
    "PlanBasis",
    "PlannedHeads",
    "ProductionActual",
    "ProductionLot",
    "PurchaseTerm",
    "ReroutedSeries",
    "Routing",
    "ShipSeries",
    "Shortage",
    "ShortageCause",
    "ShortageChoice",
    "ShortageDecision",
    "Sourcing",
    "StockBudget",
    "StockOnHand",
    "StockRule",
    "StorageLimit",
    "StorageLoad",
    "SubcontractTerm",
    "Supplier",
    "SupplySeries",
    "SupplySetting",
    "WorkCentre",
    "WorkCentreLoad",
    "WorkCentreMonth",
    "WorkforceTerm",
]
