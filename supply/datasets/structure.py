"""Files of how things are made: work centres, routings, bills of materials."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd

from catalog.calc.dollars import RATE4_ONE
from catalog.models import Company, ImportBatch, Item, Site
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from supply.calc.explosion import CircularBillOfMaterialsError, low_level_codes
from supply.models import BomLine, Routing, WorkCentre, WorkCentreMonth
from supply.models.structure import OVERTIME_LIMIT, OVERTIME_PREMIUM, SHIFT_PREMIUM


def _apply_work_centres(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    main = Site.objects.get(code=Site.MAIN).pk
    incoming = [
        {
            "code": row.work_centre,
            "name": row.title,
            "site_id": row.site_id if row.site_id > 0 else main,
            "cost_rate": Decimal(int(row.cost_rate_per_hour)) / RATE4_ONE,
            "hours_per_day": row.availability_hours,
            "is_production": bool(row.is_production),
            "overtime_limit": OVERTIME_LIMIT if row.overtime_limit is None else row.overtime_limit,
            "overtime_premium": OVERTIME_PREMIUM if row.overtime_premium is None else row.overtime_premium,
            "shift_hours": Decimal(0) if row.shift_hours is None else row.shift_hours,
            "shift_premium": SHIFT_PREMIUM if row.shift_premium is None else row.shift_premium,
        }
        for row in frame.rename(columns={"name": "title"}).itertuples(index=False)
    ]
    difference = replace_rows(WorkCentre.objects.all(), key=["code"], rows=incoming, retire={"is_production": False})
    hours = sum((Decimal(str(row["hours_per_day"])) for row in incoming if row["is_production"]), Decimal(0))
    return replace(difference, totals={"hours per day of production": f"{hours:f} h"})


def _check_work_centres(frame: pd.DataFrame) -> list[Fault]:
    reporting = Company.objects.current().currency_id
    foreign = frame[(frame["currency"] != reporting) & (frame["currency"] != "")]
    return [
        Fault(
            int(row),
            "currency",
            str(frame.at[row, "currency"]),
            f"cost rates are kept in {reporting}",
            f"Give the rate in {reporting}.",
        )
        for row in foreign.index
    ]


WORK_CENTRES = Dataset(
    name="work_centres",
    title="Work centres",
    file_name="work_centres.csv",
    app="supply",
    order=300,
    columns=(
        Column("work_centre", "text"),
        Column("name", "text"),
        Column("cost_rate_per_hour", "rate", minimum=0, help="reporting currency per hour"),
        Column("currency", "text", nullable=True),
        Column("availability_hours", "decimal", minimum=0, help="hours per calendar day"),
        Column("is_production", "flag"),
        Column("site", "text", required=False, nullable=True, references="site"),
        Column("overtime_limit", "decimal", required=False, nullable=True, minimum=0, help="fraction of regular hours"),
        Column("overtime_premium", "decimal", required=False, nullable=True, minimum=0, help="fraction of the rate"),
        Column(
            "shift_hours",
            "decimal",
            required=False,
            nullable=True,
            minimum=0,
            help="most hours of extra shifts a month",
        ),
        Column("shift_premium", "decimal", required=False, nullable=True, minimum=0, help="fraction of the rate"),
    ),
    key=("work_centre",),
    duplicates="refuse",
    mandatory=True,
    grain="one work centre",
    apply=_apply_work_centres,
    check=_check_work_centres,
)


def _apply_calendar(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    incoming = [
        {"work_centre_id": row.work_centre_id, "month": row.month, "hours": row.hours}
        for row in frame.itertuples(index=False)
    ]
    months = sorted(set(frame["month"]))
    difference = replace_rows(
        WorkCentreMonth.objects.filter(month__in=months), key=["work_centre_id", "month"], rows=incoming
    )
    hours = sum((Decimal(str(row["hours"])) for row in incoming), Decimal(0))
    return replace(difference, totals={"hours": f"{hours:f} h", "months": str(len(months))})


CAPACITY_CALENDAR = Dataset(
    name="capacity_calendar",
    title="Capacity calendar",
    file_name="capacity_calendar.csv",
    app="supply",
    order=305,
    columns=(
        Column("work_centre", "text", references="work_centre"),
        Column("month", "month"),
        Column("hours", "decimal", minimum=0, help="regular hours of the month"),
    ),
    key=("work_centre", "month"),
    duplicates="refuse",
    mandatory=False,
    grain="the regular hours of one work centre in one month, in place of hours per day × days",
    apply=_apply_calendar,
)


def _apply_routings(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    incoming = [
        {
            "item_id": row.item_id,
            "operation": row.operation,
            "work_centre_id": row.work_centre_id,
            "hours_per_unit": row.std_hours_per_unit,
            "recent_hours_per_unit": row.std_hours_per_unit_last12,
            "is_alternative": bool(row.is_alternative),
        }
        for row in frame.itertuples(index=False)
    ]
    difference = replace_rows(Routing.objects.all(), key=["item_id", "operation", "work_centre_id"], rows=incoming)
    return replace(difference, totals={"items with a routing": str(frame["item_id"].nunique())})


def _check_routings(frame: pd.DataFrame) -> list[Fault]:
    """A fault for every alternative whose operation has no ordinary row at its site: nothing that it could replace."""
    is_other = frame["is_alternative"].to_numpy(dtype=bool)
    sites = dict(WorkCentre.objects.values_list("id", "site_id"))
    places = [
        (item, operation, sites.get(centre))
        for item, operation, centre in zip(frame["item_id"], frame["operation"], frame["work_centre_id"], strict=True)
    ]
    ordinary = {place for place, other in zip(places, is_other, strict=True) if not other}
    reason = "is an alternative, but the operation has no ordinary row at its site that it could replace"
    return [
        Fault(int(row), "is_alternative", str(frame.at[row, "work_centre"]), reason, "Mark one row of it N.")
        for row, place, other in zip(frame.index, places, is_other, strict=True)
        if other and place not in ordinary
    ]


ROUTINGS = Dataset(
    name="routings",
    title="Routings",
    file_name="routings.csv",
    app="supply",
    order=310,
    columns=(
        Column("sku", "text", references="item"),
        Column("operation", "integer", minimum=0),
        Column("work_centre", "text", references="work_centre"),
        Column("std_hours_per_unit", "decimal", minimum=0),
        Column("std_hours_per_unit_last12", "decimal", required=False, nullable=True, minimum=0),
        Column("is_alternative", "flag", required=False, nullable=True, help="Y: in place of the other rows of it"),
    ),
    key=("sku", "operation", "work_centre"),
    duplicates="refuse",
    mandatory=True,
    grain="one operation of an item at a work centre",
    apply=_apply_routings,
    check=_check_routings,
)


def _apply_bom(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    incoming = [
        {
            "parent_id": row.parent_id,
            "component_id": row.component_id,
            "quantity": row.qty_per,
            "uom": row.uom,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
        }
        for row in frame.itertuples(index=False)
    ]
    difference = replace_rows(BomLine.objects.all(), key=["parent_id", "component_id", "valid_from"], rows=incoming)
    open_ended = sum(row["valid_to"] is None for row in incoming)
    return replace(difference, totals={"lines in force without end": str(open_ended)})


def _check_bom(frame: pd.DataFrame) -> list[Fault]:
    return [*_circles(frame), *_overlaps(frame), *_units_clash(frame)]


def _units_clash(frame: pd.DataFrame) -> list[Fault]:
    """A fault for every line in another unit than its component's: 3 ounces would be planned as 3 pieces."""
    codes = {str(code) for code in frame["component_sku"]}
    own = dict(Item.objects.filter(code__in=codes).values_list("code", "uom"))
    faults = []
    for row in frame.index:
        given, code = str(frame.at[row, "uom"] or ""), str(frame.at[row, "component_sku"])
        if given and given != own.get(code, given):
            reason = f"{code} is measured in {own[code]}; a line in {given} cannot be added to it"
            faults.append(Fault(int(row), "uom", given, reason, f"Give qty_per in {own[code]}."))
    return faults


def _circles(frame: pd.DataFrame) -> list[Fault]:
    """A fault when lines without end contain an item in itself."""
    lines = frame[frame["valid_to"].isna()]
    names, codes = np.unique(
        np.concatenate([lines["parent_sku"], lines["component_sku"]]).astype(str), return_inverse=True
    )
    try:
        low_level_codes(codes[: len(lines)], codes[len(lines) :], names.tolist())
    except CircularBillOfMaterialsError as error:
        return [Fault(0, "component_sku", "", str(error), "Close one of these lines with a valid_to.")]
    return []


def _overlaps(frame: pd.DataFrame) -> list[Fault]:
    """A fault for every line that starts before the one before it has ended."""
    faults = []
    for _, lines in frame.sort_values("valid_from").groupby(["parent_sku", "component_sku"]):
        if len(lines) < 2:
            continue
        for before, after in pairwise(lines.itertuples()):
            if pd.isna(before.valid_to) or before.valid_to >= after.valid_from:
                reason = f"overlaps the line of {after.component_sku} in {after.parent_sku} from {before.valid_from}"
                faults.append(Fault(int(after.Index), "valid_from", str(after.valid_from), reason, "End the other."))
    return faults


BOM = Dataset(
    name="bom",
    title="Bills of materials",
    file_name="bom.csv",
    app="supply",
    order=320,
    columns=(
        Column("parent_sku", "text", references="item", id_name="parent_id"),
        Column("component_sku", "text", references="item", id_name="component_id"),
        Column("qty_per", "decimal"),
        Column("uom", "text", required=False, nullable=True),
        Column("valid_from", "date"),
        Column("valid_to", "date", nullable=True),
    ),
    key=("parent_sku", "component_sku", "valid_from"),
    duplicates="refuse",
    mandatory=False,
    grain="one component of an item from a day on",
    apply=_apply_bom,
    check=_check_bom,
)
