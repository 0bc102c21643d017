"""Tables of finance, by subject; import them from here."""

from finance.models.answers import Action, ActionDriver, ActionMove, ActionState, Adjustment, AdjustmentKind, Measure
from finance.models.inputs import (
    ChannelCost,
    CustomerTerm,
    FixedCost,
    OpeningBalance,
    PlannedVariance,
    VarianceKind,
)
from finance.models.results import (
    BridgeLeaf,
    CashMonth,
    CompanyMonth,
    FixedCostMonth,
    InventoryMoney,
    MarketReceivable,
    MoneySeries,
)
from finance.models.shadow import ShadowAnswer, ShadowChange, ShadowCheck, ShadowDelta, ShadowState

__all__ = [
    "Action",
    "ActionDriver",
    "ActionMove",
    "ActionState",
    "Adjustment",
    "AdjustmentKind",
    "BridgeLeaf",
    "CashMonth",
    "ChannelCost",
    "CompanyMonth",
    "CustomerTerm",
    "FixedCost",
    "FixedCostMonth",
    "InventoryMoney",
    "MarketReceivable",
    "Measure",
    "MoneySeries",
    "OpeningBalance",
    "PlannedVariance",
    "ShadowAnswer",
    "ShadowChange",
    "ShadowCheck",
    "ShadowDelta",
    "ShadowState",
    "VarianceKind",
]
