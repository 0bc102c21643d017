"""Dataset `fx_rates`: month rates between the reporting currency and the currencies that markets sell in."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pandas as pd

from catalog.datasets.company import require_company
from catalog.models import FxRate, ImportBatch, Region
from catalog.registry import Column, Dataset, Difference, Fault, FileRefused
from catalog.services.table_rows import replace_rows

SIX_PLACES = Decimal("0.000001")


def _check(rows: pd.DataFrame) -> list[Fault]:
    wrong = rows[np.array([rate <= 0 for rate in rows["average_rate"]], np.bool_)]
    reason, remedy = "A rate is positive.", "Correct it in the source."
    return [Fault(int(line), "average_rate", str(rate), reason, remedy) for line, rate in wrong["average_rate"].items()]


def _apply(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    reporting = require_company().currency_id
    sold_in = set(Region.objects.values_list("currency_id", flat=True)) - {reporting}
    records, skipped = {}, 0
    for line, row in zip(rows.index, rows.to_dict("records"), strict=True):
        currency, rate = _to_reporting(row, reporting)
        if currency not in sold_in:
            skipped += 1
            continue
        key = (currency, row["month"], row["kind"] or FxRate.Kind.ACTUAL.value)
        if key in records:
            reason = f"{currency} is already given for this month, perhaps the other way round."
            raise FileRefused(
                [
                    Fault(
                        int(line),
                        "to_currency",
                        str(row["to_currency"]),
                        reason,
                        "Keep one row.",
                    )
                ]
            )
        records[key] = rate
    wanted = [{"currency_id": key[0], "month": key[1], "kind": key[2], "rate": rate} for key, rate in records.items()]
    difference = replace_rows(FxRate.objects.all(), key=["currency_id", "month", "kind"], rows=wanted)
    totals = {
        "rates kept": str(len(wanted)),
        "rows of currencies that no market sells in": str(skipped),
    }
    return replace(difference, totals=totals)


def _to_reporting(row: dict[str, object], reporting: str) -> tuple[str, Decimal]:
    """The other currency of a row, and reporting currency per unit of it, to six places.

    A row says how much `to_currency` one unit of `from_currency` buys; a rate from the reporting currency is
    inverted. A row between two other currencies yields an empty code.
    """
    rate = Decimal(str(row["average_rate"]))
    if row["to_currency"] == reporting:
        return str(row["from_currency"]), rate.quantize(SIX_PLACES, ROUND_HALF_EVEN)
    if row["from_currency"] == reporting:
        return str(row["to_currency"]), (1 / rate).quantize(SIX_PLACES, ROUND_HALF_EVEN)
    return "", rate


FX_RATES = Dataset(
    name="fx_rates",
    title="Exchange rates",
    file_name="fx_rates_monthly.csv",
    app="catalog",
    order=80,
    columns=(
        Column("month", "month"),
        Column("from_currency", "text"),
        Column("to_currency", "text"),
        Column(
            "average_rate",
            "decimal",
            help="units of to_currency per unit of from_currency",
        ),
        Column(
            "kind",
            "text",
            required=False,
            nullable=True,
            choices=("plan", "budget", "actual"),
            help="else actual",
        ),
    ),
    key=("month", "from_currency", "to_currency", "kind"),
    duplicates="refuse",
    mandatory=False,
    grain="the rate between two currencies in a month",
    apply=_apply,
    check=_check,
)
