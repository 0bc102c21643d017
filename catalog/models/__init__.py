"""Tables of the ground, by subject; import them from here."""

from catalog.models.company import Company, Currency, FxRate
from catalog.models.hierarchy import (
    Category,
    Channel,
    Family,
    Item,
    Market,
    Region,
    Site,
)
from catalog.models.imports import ImportBatch, MappingProfile
from catalog.models.rates import ListPrice, PlannedDiscount, PriceAction, StandardCost
from catalog.models.references import ReferencePlan, ReferenceRow

__all__ = [
    "Category",
    "Channel",
    "Company",
    "Currency",
    "Family",
    "FxRate",
    "ImportBatch",
    "Item",
    "ListPrice",
    "MappingProfile",
    "Market",
    "PlannedDiscount",
    "PriceAction",
    "ReferencePlan",
    "ReferenceRow",
    "Region",
    "Site",
    "StandardCost",
]
