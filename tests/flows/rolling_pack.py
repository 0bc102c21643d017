"""The files of three months of one company: what it knew at the opening of January, February and March 2014.

Chairs and stools are made at WOOD from bought kits, lamps and lanterns are bought. Until January it sells in the north
and the south. From February's files on: lanterns end on 31 May and NOVA, launched on 1 April, succeeds them; the east is
sold to since January; EAST's budget was there before. GLOBE is launched in March's files, in the family of lamps.
"""

from __future__ import annotations

from pathlib import Path

START = 2012 * 12
PRICE = {"CHAIR": 100, "STOOL": 50, "LAMP": 40, "LANTERN": 60, "NOVA": 66, "GLOBE": 30}
COST = {"CHAIR": 60, "STOOL": 30, "LAMP": 22, "LANTERN": 35, "NOVA": 38, "GLOBE": 15, "KIT": 20}
UNITS = {"CHAIR": 100, "STOOL": 80, "LAMP": 200, "LANTERN": 60}
FAMILY = {"CHAIR": "Chairs", "STOOL": "Chairs"}
CATEGORY = {"Chairs": "Furniture", "Lamps": "Lighting"}
EAST_UNITS = 20
LANTERN_STOCK = 900
CLOSING = {1: "2013-12-31", 2: "2014-01-31", 3: "2014-02-28"}


def write_rolling_pack(folder: Path, cycle: int) -> Path:
    """The folder as it was handed in for the `cycle`-th month (1 to 3)."""
    folder.mkdir(parents=True)
    items = [*UNITS, *(["NOVA"] if cycle >= 2 else []), *(["GLOBE"] if cycle >= 3 else [])]
    files = {
        "company.csv": _company(),
        "channels.csv": "channel,name\nDIRECT,Direct\n",
        "markets.csv": "market,name\nNORTH,North\nSOUTH,South\nEAST,East\n",
        "products.csv": _products(items, cycle),
        "price_history.csv": "sku,valid_from,valid_to,list_price,currency\n"
        + "".join(f"{sku},2012-01-01,,{PRICE[sku]},USD\n" for sku in items),
        "cost_history.csv": "sku,valid_from,valid_to,standard_cost,currency\n"
        + "".join(f"{sku},2012-01-01,,{COST[sku]},USD\n" for sku in [*items, "KIT"]),
        "work_centres.csv": "work_centre,name,cost_rate_per_hour,currency,availability_hours,is_production\n"
        "WOOD,Wood shop,12,USD,40,Y\n",
        "routings.csv": "sku,operation,work_centre,std_hours_per_unit\nCHAIR,1,WOOD,2\nSTOOL,1,WOOD,1\n",
        "bom.csv": "parent_sku,component_sku,qty_per,valid_from,valid_to\n"
        "CHAIR,KIT,1,2012-01-01,\nSTOOL,KIT,1,2012-01-01,\n",
        "inventory.csv": "sku,location,on_hand,as_of\n"
        f"CHAIR,MAIN,50,{CLOSING[cycle]}\nLANTERN,MAIN,{LANTERN_STOCK},{CLOSING[cycle]}\n",
        "sales_monthly.csv": _sales(cycle),
        "budget_derived.csv": _budget(),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _company() -> str:
    return (
        "name,currency,fiscal_year_start_month,history_start,mix_level,unanswered_amount,default_horizon\n"
        "Rolling,USD,1,2012-01-01,item,1000000.00,24\n"
    )


def _products(items: list[str], cycle: int) -> str:
    header = "sku,name,category,family,uom,make_buy,finished_good,sold,sell_start,sell_end,successor\n"
    lines = []
    for sku in items:
        family = FAMILY.get(sku, "Lamps")
        source = "MAKE" if family == "Chairs" else "BUY"
        launch = {"NOVA": "2014-04-01", "GLOBE": "2014-05-01"}.get(sku, "2012-01-01")
        end = "2014-05-31,NOVA" if sku == "LANTERN" and cycle >= 2 else ","
        lines.append(f"{sku},{sku.title()},{CATEGORY[family]},{family},EA,{source},Y,Y,{launch},{end}\n")
    return header + "".join(lines) + "KIT,Kit,,,EA,BUY,N,N,2012-01-01,,\n"


def _sales(cycle: int) -> str:
    lines = ["month,sku,market,channel,units,list_value,net_revenue,std_cogs\n"]
    for month in range(START, 2014 * 12 + cycle - 1):
        east = [("EAST", dict.fromkeys(UNITS, EAST_UNITS))] if month >= 2014 * 12 else []
        for market, units in [("NORTH", UNITS), ("SOUTH", UNITS), *east]:
            for sku, sold in units.items():
                value = sold * PRICE[sku]
                first = f"{month // 12}-{month % 12 + 1:02d}-01"
                lines.append(f"{first},{sku},{market},DIRECT,{sold},{value},{value},{sold * COST[sku]}\n")
    return "".join(lines)


def _budget() -> str:
    lines = ["fiscal_year,month,family,category,market,channel,units,revenue,standard_cogs,basis\n"]
    for month in range(1, 13):
        for market, share in (("NORTH", 1), ("SOUTH", 1), ("EAST", 0.2)):
            for family, category in CATEGORY.items():
                revenue = sum(UNITS[sku] * PRICE[sku] for sku in UNITS if FAMILY.get(sku, "Lamps") == family)
                row = f"2014,2014-{month:02d}-01,{family},{category},{market},DIRECT"
                lines.append(f"{row},{260 * share:.0f},{revenue * share:.2f},{revenue * share * 0.6:.2f},agreed\n")
    return "".join(lines)


def rate_of(item: str, market: str, east_months: int) -> float:
    """Units a month of an item as its last six months tell, by hand: its own in the market, drawn towards the family's.

    6 ÷ (6 + 2) of Σ sold ÷ 6 in the market, 2 ÷ (6 + 2) of item's rate × market's rate ÷ family's rate.
    """
    east = EAST_UNITS * east_months / 6
    family = [name for name in UNITS if FAMILY.get(name, "Lamps") == FAMILY.get(item, "Lamps")]
    sold = {name: {"NORTH": UNITS[name], "SOUTH": UNITS[name], "EAST": east} for name in family}
    in_market = sum(sold[name][market] for name in family)
    everywhere = sum(sum(rates.values()) for rates in sold.values())
    return (6 * sold[item][market] + 2 * sum(sold[item].values()) * in_market / everywhere) / 8
