"""Dataset `company`: one row with the company's settings; optional, the pack tells the rest."""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd

from catalog.models import Company, ImportBatch
from catalog.registry import Column, Dataset, Difference, Fault, FileRefused
from catalog.services.company import set_up_company

POLICIES = (
    Column(
        "mix_level",
        "text",
        required=False,
        choices=("family", "item"),
        help="level at which mix is told from volume",
    ),
    Column(
        "unanswered_amount",
        "money",
        required=False,
        minimum=0,
        help="a gap above it needs an answer",
    ),
    Column(
        "unanswered_fraction",
        "rate",
        required=False,
        minimum=0,
        help="and above this fraction of budget",
    ),
    Column(
        "dso_days",
        "integer",
        required=False,
        minimum=0,
        help="customer terms where a market has none",
    ),
    Column(
        "dpo_days",
        "integer",
        required=False,
        minimum=0,
        help="supplier terms where a supplier has none",
    ),
    Column(
        "default_horizon",
        "integer",
        required=False,
        minimum=6,
        help="months of a plan, 6 to 36",
    ),
    Column(
        "discount_window_months",
        "integer",
        required=False,
        minimum=1,
        help="closed months that tell the discount",
    ),
    Column(
        "allow_average_price",
        "text",
        required=False,
        choices=("Y", "N"),
        help="the average selling price stands in where an item has no price",
    ),
    Column(
        "variance_policy",
        "text",
        required=False,
        choices=("expensed", "capitalised"),
        help="when planned variances reach the margin",
    ),
    Column(
        "price_gap_fraction",
        "rate",
        required=False,
        minimum=0,
        help="a planned price further from the actual average is a finding",
    ),
    Column(
        "cost_jump_fraction",
        "rate",
        required=False,
        minimum=0,
        help="a standard that changes more from one month to the next is a finding",
    ),
    Column(
        "finding_amount",
        "money",
        required=False,
        minimum=0,
        help="such findings with fewer dollars at risk are not listed",
    ),
    Column(
        "exception_amount",
        "money",
        required=False,
        minimum=0,
        help="a demand exception with more dollars at stake needs an answer",
    ),
    Column(
        "exception_change_fraction",
        "rate",
        required=False,
        minimum=0,
        help="a year ahead that moved further since the last cycle is an exception",
    ),
    Column(
        "exception_bias_fraction",
        "rate",
        required=False,
        minimum=0,
        help="plans that erred further to one side are an exception",
    ),
)
FIELD_OF = {
    "unanswered_amount": "unanswered_amount_cents",
    "finding_amount": "finding_amount_cents",
    "exception_amount": "exception_amount_cents",
}


def require_company() -> Company:
    """The company.

    Raises:
        FileRefused: it is not set up, so the file has no currency or fiscal year to stand on.
    """
    company = Company.objects.first()
    if company is None:
        remedy = "Import company.csv or a whole pack first."
        raise FileRefused([Fault(0, "", "", "The company is not set up yet.", remedy)])
    return company


def currency_faults(column: str, codes: pd.Series[str]) -> list[Fault]:
    """One fault per cell that is neither blank nor three capital letters."""
    wrong = codes[[bool(code) and not re.fullmatch("[A-Z]{3}", str(code)) for code in codes]]
    reason, remedy = (
        "This is not an ISO currency code.",
        "Use three capital letters, e.g. USD.",
    )
    return [Fault(int(line), column, str(code), reason, remedy) for line, code in wrong.items()]


def _check(rows: pd.DataFrame) -> list[Fault]:
    faults = currency_faults("currency", rows["currency"])
    if len(rows) != 1:
        faults.append(Fault(0, "", str(len(rows)), "There is one company.", "Keep one row."))
    start = rows["fiscal_year_start_month"]
    reason, remedy = (
        "A fiscal year starts in month 1 to 12.",
        "Write the number of the month.",
    )
    faults += [
        Fault(int(line), str(start.name), str(month), reason, remedy) for line, month in start[start > 12].items()
    ]
    return faults


def _apply(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    row = rows.iloc[0]
    before = Company.objects.values().first()
    policies = {FIELD_OF.get(name, name): value for name, value in _policies(row).items()}
    company = set_up_company(
        name=row["name"],
        currency=row["currency"],
        fiscal_year_start_month=int(row["fiscal_year_start_month"]),
        history_start=row["history_start"],
        policies=policies,
    )
    after = Company.objects.values().get()
    totals = {"company": company.name}
    if before is None:
        return Difference(added=1, totals=totals)
    return Difference(changed=int(before != after), unchanged=int(before == after), totals=totals)


def _policies(row: pd.Series[object]) -> dict[str, object]:
    """The policies that the row states, as values of their fields."""
    stated: dict[str, object] = {}
    for column in POLICIES:
        value = row[column.name]
        if column.kind == "text":
            if value:
                stated[column.name] = value == "Y" if column.name == "allow_average_price" else value
        elif not pd.isna(value):
            stated[column.name] = Decimal(int(str(value))).scaleb(-4) if column.kind == "rate" else int(str(value))
    return stated


COMPANY = Dataset(
    name="company",
    title="Company settings",
    file_name="company.csv",
    app="catalog",
    order=10,
    columns=(
        Column("name", "text"),
        Column("currency", "text", help="reporting currency, ISO code"),
        Column(
            "fiscal_year_start_month",
            "integer",
            minimum=1,
            help="1 to 12; the year is named by its end",
        ),
        Column("history_start", "month", help="first month of actuals that is kept"),
        *POLICIES,
    ),
    key=("name",),
    duplicates="refuse",
    mandatory=False,
    grain="the company",
    apply=_apply,
    check=_check,
)
