"""The upside of a plan beside budget, last cycle and last year, who moved it, and who still owes what."""

from demand.services.upside.nodes import By, Inside, Line, Table, inside_named, table_of
from demand.services.upside.period import Period, period_named, periods_of
from demand.services.upside.priced import Priced, priced_plan
from demand.services.upside.sides import Sides, sides_of
from demand.services.upside.walk import BridgeDoesNotClose, Walk, WalkStep, walk_of

__all__ = [
    "BridgeDoesNotClose",
    "By",
    "Inside",
    "Line",
    "Period",
    "Priced",
    "Sides",
    "Table",
    "Walk",
    "WalkStep",
    "inside_named",
    "period_named",
    "periods_of",
    "priced_plan",
    "sides_of",
    "table_of",
    "walk_of",
]
