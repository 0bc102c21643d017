"""From stored integers to the canonical long rows of the exchange: exact text, one row per month, zeros explicit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np

from catalog.calc.months import last_day, month_date
from catalog.calc.rounding import round_to_quantum

WHOLE_UNIT_MILLI = 1000
PRICE_PLACES = Decimal("0.000001")
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
        Rows in order of month. `quantity` has 3 decimals (none after the point when whole units are asked for);
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
            "quantity": units_text(shown[position]),
            "unconstrained_quantity": units_text(shown_wanted[position]),
            "uom": fields["uom"],
            "amount": money_text(amount),
            "unit_price": price_text(amount, planned[position]),
            "currency": fields["currency"],
            "family": fields["family"],
        }


def supply_rows(stamp: Stamp, key: Sequence[str], fields: Mapping[str, Any], currency: str) -> Iterator[dict[str, Any]]:
    """The months of one item at one site as rows: what is made, bought, consumed and stocked, and what it costs extra.

    Args:
        stamp: the snapshot.
        key: ('production', item, site).
        fields: lists over the horizon, milli-units and cents; `uom`.
        currency: of the amounts.
    """
    quantities = {name: _shown(stamp, fields[source]) for source, name in SUPPLY_QUANTITIES.items()}
    for position in range(len(fields["make"])):
        yield {
            **_head(stamp, position),
            "item": key[1],
            "site": key[2],
            **{name: units_text(values[position]) for name, values in quantities.items()},
            "uom": fields["uom"],
            **{name: money_text(fields[source][position]) for source, name in SUPPLY_AMOUNTS.items()},
            "currency": currency,
        }


def units_text(milli: int) -> str:
    """Milli-units as text with three decimals: 1500 → '1.500', −1 → '-0.001'."""
    return f"{'-' if milli < 0 else ''}{abs(milli) // 1000}.{abs(milli) % 1000:03d}"


def money_text(cents: int) -> str:
    """Cents as text with two decimals: −5 → '-0.05'."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def price_text(cents: int, milli: int) -> str | None:
    """Amount ÷ quantity per unit to six places, None without a quantity."""
    if milli == 0:
        return None
    price = Decimal(cents) * 10 / Decimal(milli)
    return f"{price.quantize(PRICE_PLACES, ROUND_HALF_EVEN):f}"


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
