"""From stored integers to the canonical long rows of the exchange: exact text, one row per month, zeros explicit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catalog.calc.months import last_day, month_date
from catalog.calc.rounding import round_to_quantum
from integrations.calc.texts import cents_text, milli_text, price_text

WHOLE_UNIT_MILLI = 1000
SUPPLY_QUANTITIES = {
    "make": "production_quantity",
    "overtime": "overtime_quantity",
    "buy": "purchase_quantity",
    "subcontract": "subcontract_quantity",
    "consumed": "consumed_quantity",
    "shipped": "shipped_quantity",
    "inventory": "closing_stock_quantity",
}
SUPPLY_AMOUNTS = {
    "overtime_cents": "overtime_amount",
    "expedite_cents": "expedite_amount",
    "subcontract_cents": "subcontract_amount",
    "freight_cents": "freight_amount",
}


@dataclass(frozen=True)
class Stamp:
    """What every row of one export carries: number and hash of the snapshot, its first month and whole-unit rounding."""

    plan_number: str
    snapshot_hash: str
    first_month: int
    whole_units: bool = False


def line_rows(stamp: Stamp, key: Sequence[str], fields: Mapping[str, Any], site: str) -> Iterator[dict[str, Any]]:
    """The months of one series (item × market) as rows.

    Args:
        stamp: the snapshot.
        key: ('money', item, market).
        fields: quantity and unconstrained_quantity milli-units, amount cents, each a list over the horizon; text.
        site: the only site that ships the item, '' when several do.

    Yields:
        Rows in order of month. `quantity` is exact, or whole units when asked for;
        `amount` is never re-derived from it; `unit_price` = amount ÷ quantity of the plan, null without a quantity.
    """
    planned, wanted = fields["quantity"], fields["unconstrained_quantity"]
    shown, shown_wanted = _shown(stamp, planned), _shown(stamp, wanted)
    for position, amount in enumerate(fields["amount"]):
        yield {
            **_head(stamp, position),
            "item": key[1],
            "site": site,
            "market": key[2],
            "quantity": milli_text(shown[position]),
            "unconstrained_quantity": milli_text(shown_wanted[position]),
            "uom": fields["uom"],
            "amount": cents_text(amount),
            "unit_price": price_text(amount, planned[position]) or None,
            "currency": fields["currency"],
            "family": fields["family"],
        }


def supply_rows(stamp: Stamp, key: Sequence[str], fields: Mapping[str, Any], currency: str) -> Iterator[dict[str, Any]]:
    """The months of one item at one site as rows: what is made, bought, consumed and stocked, and what it costs extra.

    Args:
        stamp: the snapshot.
        key: ('production', item, site).
        fields: lists over the horizon, milli-units and cents; `uom`. A service has no stock: None, and null in its rows.
        currency: of the amounts.
    """
    months = len(fields["make"])
    quantities = {
        name: [None] * months if fields[source] is None else _texts(stamp, fields[source])
        for source, name in SUPPLY_QUANTITIES.items()
    }
    for position in range(months):
        yield {
            **_head(stamp, position),
            "item": key[1],
            "site": key[2],
            **{name: values[position] for name, values in quantities.items()},
            "uom": fields["uom"],
            **{name: cents_text(fields[source][position]) for source, name in SUPPLY_AMOUNTS.items()},
            "currency": currency,
        }


def _texts(stamp: Stamp, milli: Sequence[int]) -> list[str]:
    return [milli_text(value) for value in _shown(stamp, milli)]


def _shown(stamp: Stamp, milli: Sequence[int]) -> list[int]:
    """As planned, or in whole units with the remainder carried to the next month so that the sum keeps."""
    if not stamp.whole_units:
        return list(milli)
    rounded: list[int] = round_to_quantum(np.array([milli], np.float64), WHOLE_UNIT_MILLI)[0].tolist()
    return rounded


def _head(stamp: Stamp, position: int) -> dict[str, Any]:
    month = stamp.first_month + position
    return {
        "plan_number": stamp.plan_number,
        "snapshot_hash": stamp.snapshot_hash,
        "status": "approved",
        "period_start": month_date(month).isoformat(),
        "period_end": last_day(month).isoformat(),
        "bucket": "month",
    }
