"""The parts of the supply programme. A new choice is one new file here and one line in ``PARTS``."""

from supply.calc.lp_part import Part
from supply.calc.parts.alternatives import ALTERNATIVES
from supply.calc.parts.backlog import BACKLOG
from supply.calc.parts.deliveries import DELIVERIES
from supply.calc.parts.frozen import FROZEN
from supply.calc.parts.goods import GOODS
from supply.calc.parts.hours import HOURS
from supply.calc.parts.limits import LIMITS
from supply.calc.parts.lots import LOTS
from supply.calc.parts.orders import ORDERS
from supply.calc.parts.people import PEOPLE
from supply.calc.parts.revenue import REVENUE
from supply.calc.parts.shelf_life import SHELF_LIFE
from supply.calc.parts.shifts import SHIFTS
from supply.calc.parts.storage import STORAGE
from supply.calc.parts.subcontract import SUBCONTRACT
from supply.calc.parts.transfers import TRANSFERS

#: In the order of columns and rows; a part may change bounds of those before it.
PARTS: tuple[Part, ...] = (
    GOODS,
    DELIVERIES,
    HOURS,
    SHIFTS,
    ALTERNATIVES,
    SUBCONTRACT,
    TRANSFERS,
    BACKLOG,
    PEOPLE,
    LIMITS,
    REVENUE,
    LOTS,
    ORDERS,
    FROZEN,
    SHELF_LIFE,
    STORAGE,
)
