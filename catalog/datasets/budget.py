"""Dataset `budget`: the budget at whatever level a company keeps it, with control totals; brought to leaves later."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pandas as pd

from catalog.calc.months import fiscal_year_of
from catalog.datasets.company import require_company
from catalog.models import Family, ImportBatch, ReferencePlan, ReferenceRow
from catalog.registry import Column, Dataset, Difference, Fault, FileRefused
from catalog.services.table_rows import replace_rows

KEY = [
    "plan_id",
    "month",
    "item_id",
    "family_id",
    "category_id",
    "market_id",
    "region_id",
    "channel_id",
]


def _check(rows: pd.DataFrame) -> list[Fault]:
    category_of = dict(Family.objects.values_list("id", "category_id"))
    own = rows["family_id"].map(category_of)
    wrong = (rows["family_id"] >= 0) & (rows["category_id"] >= 0) & (own != rows["category_id"])
    reason, remedy = (
        "The family belongs to another category.",
        "Correct the category, or leave it blank.",
    )
    return [
        Fault(int(line), "category", str(code), reason, remedy) for line, code in rows.loc[wrong, "category"].items()
    ]


def _apply(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    _refuse_wrong_years(rows)
    plans = {int(year): _budget_of(int(year)) for year in sorted(rows["fiscal_year"].unique())}
    records = [_record(row, plans) for row in rows.to_dict("records")]
    _refuse_repeated(rows, records)
    within = ReferenceRow.objects.filter(plan__in=plans.values())
    difference = replace_rows(within, key=KEY, rows=records)
    totals = {}
    for year, plan in plans.items():
        _keep_totals(plan, rows[rows["fiscal_year"] == year])
        totals[f"revenue FY{year}"] = f"{Decimal(plan.revenue_cents).scaleb(-2):,}"
    return replace(difference, totals=totals)


def _record(row: dict[str, object], plans: dict[int, ReferencePlan]) -> dict[str, object]:
    """One row at its narrowest levels: item, else family, else category; market, else region, else channel."""
    item, family, category = (_key(row[name]) for name in ("item_id", "family_id", "category_id"))
    market, region, channel = (_key(row[name]) for name in ("market_id", "region_id", "channel_id"))
    return {
        "plan_id": plans[int(str(row["fiscal_year"]))].pk,
        "month": row["month"],
        "item_id": item,
        "family_id": None if item else family,
        "category_id": None if item or family else category,
        "market_id": market,
        "region_id": None if market else region,
        "channel_id": None if market else channel,
        "units_milli": _amount(row["units"]),
        "revenue_cents": _amount(row["revenue"]),
        "cogs_cents": _amount(row["standard_cogs"]),
        "basis": row["basis"],
    }


def _key(value: object) -> int | None:
    return None if value == -1 else int(str(value))


def _amount(value: object) -> int | None:
    return None if pd.isna(value) else int(str(value))  # type: ignore[call-overload]


def _budget_of(year: int) -> ReferencePlan:
    title = f"Budget FY{year}"
    return ReferencePlan.objects.get_or_create(code=ReferencePlan.BUDGET, fiscal_year=year, defaults={"title": title})[
        0
    ]


def _keep_totals(plan: ReferencePlan, rows: pd.DataFrame) -> None:
    """Control totals straight from the file's rows, so that they can be compared with what the tables hold."""
    plan.row_count = len(rows)
    plan.units_milli = int(rows["units"].sum())
    plan.revenue_cents = int(rows["revenue"].sum())
    plan.cogs_cents = int(rows["standard_cogs"].sum())
    plan.save()


def _refuse_wrong_years(rows: pd.DataFrame) -> None:
    start = require_company().fiscal_year_start_month
    faults = [
        Fault(
            int(line),
            "fiscal_year",
            str(year),
            f"This month lies in FY{expected}.",
            "Correct the year or the month.",
        )
        for line, year, month in zip(rows.index, rows["fiscal_year"], rows["month_index"], strict=True)
        if (expected := fiscal_year_of(int(month), start)) != year
    ]
    if faults:
        raise FileRefused(faults)


def _refuse_repeated(rows: pd.DataFrame, records: list[dict[str, object]]) -> None:
    """Two rows can name one place in two ways (an item with and without its family); that would count it twice."""
    keys = pd.Series([tuple(record[name] for name in KEY) for record in records], index=rows.index)
    again = keys.index[keys.duplicated()]
    reason, remedy = "Another row gives the same place and month.", "Keep one of them."
    if len(again):
        raise FileRefused([Fault(int(line), "", "", reason, remedy) for line in again])


BUDGET = Dataset(
    name="budget",
    title="Budget",
    file_name="budget_derived.csv",
    app="catalog",
    order=90,
    columns=(
        Column(
            "fiscal_year",
            "integer",
            minimum=1900,
            help="named by the year in which it ends",
        ),
        Column("month", "month"),
        Column("sku", "text", required=False, nullable=True, references="item"),
        Column("family", "text", required=False, nullable=True, references="family"),
        Column("category", "text", required=False, nullable=True, references="category"),
        Column(
            "market",
            "text",
            required=False,
            nullable=True,
            references="region",
            help="blank = every region",
        ),
        Column(
            "channel",
            "text",
            required=False,
            nullable=True,
            references="channel",
            help="blank = every channel",
        ),
        Column("units", "units", required=False, nullable=True),
        Column("revenue", "money", help="reporting currency"),
        Column(
            "standard_cogs",
            "money",
            required=False,
            nullable=True,
            help="reporting currency",
        ),
        Column(
            "basis",
            "text",
            required=False,
            nullable=True,
            help="where the number comes from",
        ),
    ),
    key=("fiscal_year", "month", "sku", "family", "category", "market", "channel"),
    duplicates="refuse",
    mandatory=True,
    grain="a month at the level the company budgets at; the years in the file are replaced",
    apply=_apply,
    check=_check,
)
