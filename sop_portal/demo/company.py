"""Who the demo company is: families, items, markets, plants. Constants only; every figure below is a design choice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from catalog.calc.months import month_index

SEED = 20261101
NAME = "Hearthside Kitchen Works"
CURRENCY = "USD"
HISTORY_MONTHS = 36
FIRST_CYCLE = date(2026, 10, 1)
CURRENT_CYCLE = date(2026, 11, 1)
FISCAL_YEAR = 2026
HISTORY_START = month_index(CURRENT_CYCLE) - HISTORY_MONTHS
MONTHS = tuple(range(HISTORY_START, HISTORY_START + HISTORY_MONTHS))

BUDGET_REVENUE_CENTS = 26_000_000_000
#: Annual revenue in reporting currency that the family weights are scaled to; sets the level of the actuals.
SALES_LEVEL = 256_000_000

MAJOR = (0.86, 0.84, 0.95, 0.98, 1.02, 1.02, 0.98, 0.96, 1.00, 1.06, 1.18, 1.15)
SMALL = (0.72, 0.72, 0.82, 0.88, 0.95, 0.92, 0.88, 0.90, 1.00, 1.10, 1.50, 1.61)
PEAKED = (0.84, 0.82, 0.92, 0.95, 1.00, 0.99, 0.95, 0.93, 0.98, 1.06, 1.30, 1.26)
COOLING = (0.80, 0.80, 0.92, 1.05, 1.20, 1.30, 1.25, 1.08, 0.90, 0.86, 0.92, 0.92)


@dataclass(frozen=True)
class FamilyDesign:
    """One family: list price in USD of its middle item, share of revenue, units of 2026 against 2025, and its making.

    `growth` is what 2026 sold against 2025, `promised` what the budget expected; `operations` are (work centre, hours
    per unit); `standard` is the standard cost as a fraction of list.
    """

    code: str
    prefix: str
    category: str
    list_price: int
    share: float
    growth: float
    promised: float
    season: tuple[float, ...]
    site: str
    operations: tuple[tuple[str, float], ...]
    standard: float


FAMILIES = (
    FamilyDesign("Built-in ovens", "OV", "Cooking", 890, 42, 1.00, 1.06, PEAKED, "MAIN", (("M-OVEN", 0.90),), 0.46),
    FamilyDesign("Cooktops", "CT", "Cooking", 520, 26, 0.99, 1.04, PEAKED, "MAIN", (("M-OVEN", 0.22),), 0.45),
    FamilyDesign("Range hoods", "RH", "Cooking", 310, 12, 0.97, 1.02, MAJOR, "MTY", (("Y-ASSY", 0.30),), 0.44),
    FamilyDesign("Microwaves", "MW", "Cooking", 240, 16, 1.02, 1.03, SMALL, "MTY", (("Y-ASSY", 0.26),), 0.48),
    FamilyDesign("Dishwashers", "DW", "Cleaning", 760, 36, 0.95, 1.05, MAJOR, "MAIN", (("M-DISH", 0.70),), 0.47),
    FamilyDesign("Refrigerators", "RF", "Cooling", 1180, 48, 0.97, 1.04, COOLING, "MAIN", (("M-COLD", 1.10),), 0.48),
    FamilyDesign("Wine coolers", "WC", "Cooling", 640, 8, 0.96, 1.00, COOLING, "MTY", (("Y-ASSY", 0.60),), 0.46),
    FamilyDesign("Stand mixers", "SM", "Countertop", 330, 20, 1.05, 1.04, SMALL, "POZ", (("P-SMALL", 0.42),), 0.43),
    FamilyDesign("Blenders", "BL", "Countertop", 120, 12, 0.98, 1.03, SMALL, "POZ", (("P-SMALL", 0.20),), 0.44),
    FamilyDesign("Coffee machines", "CM", "Countertop", 410, 24, 1.04, 1.05, SMALL, "POZ", (("P-SMALL", 0.50),), 0.45),
    FamilyDesign("Toasters", "TO", "Countertop", 70, 7, 0.96, 1.00, SMALL, "POZ", (("P-SMALL", 0.12),), 0.45),
    FamilyDesign("Kettles", "KE", "Countertop", 80, 9, 1.01, 1.02, SMALL, "POZ", (("P-SMALL", 0.10),), 0.44),
)

#: Model of an item within its family: name, price against the middle item, weight in units.
MODELS = (
    ("Essential 100", 0.62, 1.5),
    ("Essential 150", 0.70, 1.4),
    ("Essential 200", 0.78, 1.2),
    ("Classic 300", 0.92, 1.3),
    ("Classic 350", 1.00, 1.2),
    ("Classic 400", 1.10, 1.0),
    ("Pro 500", 1.28, 0.7),
    ("Pro 600", 1.45, 0.5),
    ("Pro 900", 1.80, 0.3),
)
LAUNCHED = "CM-900"
LAUNCH_DAY = date(2026, 4, 1)
#: Delisted after the budget was agreed, before the year began: its whole budget is the discontinued driver.
DELISTED, DELISTING_DAY, SUCCESSOR = "CT-150", date(2025, 12, 31), "CT-200"
#: Ran out within the year; the trade sent the rest back in August.
RUN_OUT, RUN_OUT_DAY = "TO-100", date(2026, 6, 30)


@dataclass(frozen=True)
class RegionDesign:
    """One sales region: its currency, share of revenue, local price against the USD list, exchange rates to USD."""

    code: str
    name: str
    area: str
    country: str
    currency: str
    share: float
    price_factor: float
    actual_fx: float
    budget_fx: float
    plan_fx: float


REGIONS = (
    RegionDesign("US", "United States", "Americas", "United States", "USD", 0.52, 1.00, 1.0, 1.0, 1.0),
    RegionDesign("CA", "Canada", "Americas", "Canada", "CAD", 0.12, 1.36, 0.728, 0.742, 0.722),
    RegionDesign("UK", "United Kingdom", "Europe", "United Kingdom", "GBP", 0.16, 0.80, 1.284, 1.305, 1.272),
    RegionDesign("DE", "Germany", "Europe", "Germany", "EUR", 0.20, 0.93, 1.094, 1.118, 1.086),
)
CHANNELS = (("RETAIL", "Retail chains and kitchen studios", 0.68), ("ONLINE", "Own web shop", 0.32))
#: Discount off list per channel: budgeted, really given, planned from the current cycles on.
DISCOUNTS = {"RETAIL": (0.305, 0.318, 0.320), "ONLINE": (0.075, 0.082, 0.085)}
LIST_STEPS = ((2023, 0.955), (2025, 0.978), (2026, 1.0), (2027, 1.02))
COST_STEPS = ((2023, 0.960), (2025, 0.985), (2026, 1.0), (2027, 1.018))

#: family prefix, region, channel, year, month, units factor, extra discount: promotions that really ran.
PROMOTIONS = (
    ("SM", "US", "ONLINE", 2024, 11, 1.35, 0.10),
    ("SM", "US", "ONLINE", 2025, 11, 1.38, 0.10),
    ("CM", "DE", "RETAIL", 2024, 12, 1.25, 0.06),
    ("CM", "DE", "RETAIL", 2025, 12, 1.28, 0.06),
    ("DW", "DE", "RETAIL", 2026, 6, 1.30, 0.08),
    ("BL", "UK", "ONLINE", 2026, 5, 1.40, 0.12),
    ("RF", "US", "RETAIL", 2026, 7, 1.12, 0.04),
    ("MW", "CA", "RETAIL", 2026, 9, 1.30, 0.09),
)

SITES = (("MAIN", "Columbus plant"), ("MTY", "Monterrey plant"), ("POZ", "Poznań plant"))


@dataclass(frozen=True)
class CentreDesign:
    """One work centre: `room` is its regular hours against its busiest month of the last year."""

    code: str
    name: str
    site: str
    rate: int
    room: float


CENTRES = (
    CentreDesign("M-PRESS", "Metal pressing", "MAIN", 48, 1.25),
    CentreDesign("M-OVEN", "Oven and hob assembly", "MAIN", 52, 0.78),
    CentreDesign("M-COLD", "Cooling line", "MAIN", 50, 1.10),
    CentreDesign("M-DISH", "Dishwasher line 1", "MAIN", 49, 1.20),
    CentreDesign("Y-PRESS", "Sheet metal", "MTY", 24, 1.30),
    CentreDesign("Y-ASSY", "Assembly", "MTY", 26, 1.08),
    CentreDesign("Y-TEST", "Test and pack", "MTY", 25, 1.30),
    CentreDesign("P-MOULD", "Injection moulding", "POZ", 28, 1.25),
    CentreDesign("P-SMALL", "Countertop assembly", "POZ", 27, 0.98),
    CentreDesign("P-DISH", "Dishwasher line 2", "POZ", 29, 1.20),
)


@dataclass(frozen=True)
class ComponentDesign:
    """One component: its cost in USD, the families that consume it and how many each, and who delivers it."""

    code: str
    name: str
    cost: float
    uses: tuple[tuple[str, int], ...]
    supplier: str
    lead_days: int


COMPONENTS = (
    ComponentDesign("PB-01", "Control board", 14.2, (("OV", 1), ("CT", 1), ("MW", 1), ("DW", 1)), "VOLTIS", 21),
    ComponentDesign("PB-02", "Compact control board", 5.1, (("SM", 1), ("BL", 1), ("CM", 1)), "VOLTIS", 21),
    ComponentDesign("PH-01", "Heating element", 9.6, (("OV", 2), ("CT", 3)), "KALOR", 14),
    ComponentDesign("PH-02", "Small heating element", 2.9, (("TO", 2), ("KE", 1), ("CM", 1)), "KALOR", 14),
    ComponentDesign("PC-01", "Compressor", 78.0, (("RF", 1), ("WC", 1)), "FRIGOTEC", 28),
    ComponentDesign("PM-01", "Motor", 11.8, (("SM", 1), ("BL", 1), ("RH", 1)), "MOTRANO", 20),
    ComponentDesign("PU-01", "Circulation pump", 18.5, (("DW", 1),), "MOTRANO", 20),
    ComponentDesign("PG-01", "Door glass", 16.4, (("OV", 1), ("WC", 1)), "VITRAGLAS", 14),
    ComponentDesign("PK-01", "Magnetron", 22.0, (("MW", 1),), "VOLTIS", 25),
    ComponentDesign("PP-01", "Packaging set", 1.8, (("KE", 1), ("TO", 1), ("BL", 1)), "KARTON", 7),
    ComponentDesign("PS-01", "Oven cavity", 46.0, (("OV", 1),), "", 3),
    ComponentDesign("PS-02", "Moulded housing", 6.4, (("CM", 1), ("KE", 1)), "", 3),
)
#: Components made in-house, on which centre, hours per unit.
MADE_COMPONENTS = {"PS-01": ("M-PRESS", 0.25), "PS-02": ("P-MOULD", 0.06)}
SUPPLIERS = (
    ("VOLTIS", "Voltis Electronics", 45),
    ("KALOR", "Kalor Elements", 30),
    ("FRIGOTEC", "Frigotec Compressors", 60),
    ("MOTRANO", "Motrano Drives", 45),
    ("VITRAGLAS", "Vitraglas", 30),
    ("KARTON", "Karton Packaging", 30),
)
