"""Tables of finance, by subject; import them from here."""

from finance.models.answers import Action, ActionState, Adjustment, AdjustmentKind, Measure
from finance.models.inputs import ChannelCost, OpeningBalance, PlannedVariance, VarianceKind
from finance.models.results import BridgeLeaf, CashMonth, CompanyMonth, InventoryMoney, MoneySeries

__all__ = [
    "Action",
    "ActionState",
    "Adjustment",
    "AdjustmentKind",
    "BridgeLeaf",
    "CashMonth",
    "ChannelCost",
    "CompanyMonth",
    "InventoryMoney",
    "Measure",
    "MoneySeries",
    "OpeningBalance",
    "PlannedVariance",
    "VarianceKind",
]
