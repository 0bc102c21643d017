"""A pack of files small enough to write here: everything that a month can have open is open in it once.

Chairs are made at one work centre whose hours do not suffice (overload) from bought kits; lamps are bought. Lamps sell
in the south only since September (exception). Stock is of a later day (finding). The budget is far from the plan (gap).
"""

from __future__ import annotations

from pathlib import Path

MONTHS = [f"{2012 + k // 12}-{k % 12 + 1:02d}-01" for k in range(26)]
LAMPS_IN_THE_SOUTH = 20
PRICE = {"CHAIR": 100, "LAMP": 40}
COST = {"CHAIR": 60, "LAMP": 22, "KIT": 30}
UNITS = {"CHAIR": 100, "LAMP": 200}

FILES = {
    "company.csv": "name,currency,fiscal_year_start_month,history_start,mix_level,unanswered_amount,exception_amount,default_horizon\n"
    "Tiny,USD,1,2012-01-01,family,1000.00,1000.00,24\n",
    "channels.csv": "channel,name\nDIRECT,Direct\n",
    "markets.csv": "market,name\nNORTH,North\nSOUTH,South\n",
    "products.csv": "sku,name,category,family,uom,make_buy,finished_good,sold,safety_stock,lead_days,sell_start,sell_end\n"
    "CHAIR,Chair,Furniture,Chairs,EA,MAKE,Y,Y,0,5,2012-01-01,\n"
    "LAMP,Lamp,Lighting,Lamps,EA,BUY,Y,Y,0,5,2012-01-01,\n"
    "KIT,Chair kit,,,EA,BUY,N,N,0,5,2012-01-01,\n",
    "price_history.csv": "sku,valid_from,valid_to,list_price,currency\n"
    + "".join(f"{sku},2012-01-01,,{price},USD\n" for sku, price in PRICE.items()),
    "cost_history.csv": "sku,valid_from,valid_to,standard_cost,currency\n"
    + "".join(f"{sku},2012-01-01,,{cost},USD\n" for sku, cost in COST.items()),
    "work_centres.csv": "work_centre,name,cost_rate_per_hour,currency,availability_hours,is_production\n"
    "WOOD,Wood shop,12,USD,10,Y\n",
    "routings.csv": "sku,operation,work_centre,std_hours_per_unit,hours_per_order,std_hours_per_unit_last12\n"
    "CHAIR,1,WOOD,2,2,2\n",
    "bom.csv": "parent_sku,component_sku,qty_per,uom,bom_level,valid_from,valid_to\nCHAIR,KIT,1,EA,1,2012-01-01,\n",
    "inventory.csv": "sku,location,on_hand,as_of\nCHAIR,MAIN,20,2014-06-30\nLAMP,MAIN,50,2014-06-30\nKIT,MAIN,500,2014-06-30\n",
}


def write_tiny_pack(folder: Path) -> Path:
    """Write the files; sales of two years and two months at 90 % of list, a budget of 2014 at twice the plan."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**FILES, "sales_monthly.csv": _sales(), "budget_derived.csv": _budget()}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _sales() -> str:
    lines = ["month,sku,market,channel,units,list_value,net_revenue,std_cogs"]
    for place, month in enumerate(MONTHS):
        for sku, units in UNITS.items():
            for market in ("NORTH", "SOUTH"):
                if sku == "LAMP" and market == "SOUTH" and place < LAMPS_IN_THE_SOUTH:
                    continue
                value = units * PRICE[sku]
                lines.append(f"{month},{sku},{market},DIRECT,{units},{value},{value * 0.9:.2f},{units * COST[sku]}")
    return "\n".join(lines) + "\n"


def _budget() -> str:
    lines = ["fiscal_year,month,family,category,market,channel,units,revenue,standard_cogs,basis"]
    for month in range(1, 13):
        for family, category, revenue in (("Chairs", "Furniture", 18_000), ("Lamps", "Lighting", 16_000)):
            for market in ("NORTH", "SOUTH"):
                row = f"2014,2014-{month:02d}-01,{family},{category},{market},DIRECT,200,{revenue},9000,agreed"
                lines.append(row)
    return "\n".join(lines) + "\n"
