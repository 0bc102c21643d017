"""Sales that a file adds, changes or restates, as people read them: item · market · month, old → new."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.models import Item, Market
from catalog.registry import Restatement, RowChange
from catalog.services.row_changes import SHOWN, Change, exact
from demand.frames import ActualBlock
from demand.models import ActualRestatement

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
MEASURES = ("units", "net_cents", "list_cents", "cogs_cents")
LABELS = {"units": "units", "net_cents": "net revenue", "list_cents": "list value", "cogs_cents": "standard cost"}


def cell_changes(
    before: Ints, after: Ints, block: ActualBlock, kinds: Sequence[tuple[Change, Flags]]
) -> tuple[RowChange, ...]:
    """The first cells of each kind of change, in the order of items, markets and months.

    Args:
        before: (measure, series, month), milli-units and cents, as stored.
        after: the same as it will be.
        block: the series' keys and first month.
        kinds: kind of change and the cells (series, month) that it befalls.
    """
    shown = []
    for change, flags in kinds:
        rows, columns = np.nonzero(flags)
        shown += [
            (change, row, column) for row, column in zip(rows[:SHOWN].tolist(), columns[:SHOWN].tolist(), strict=True)
        ]
    items = Item.objects.in_bulk([int(block.item_ids[row]) for _, row, _ in shown])
    markets = Market.objects.in_bulk([int(block.market_ids[row]) for _, row, _ in shown])
    return tuple(
        RowChange(
            change,
            f"{items[int(block.item_ids[row])]} · {markets[int(block.market_ids[row])]} · "
            f"{month_date(block.first_month + column):%Y-%m}",
            tuple(
                (
                    LABELS[name],
                    "" if change == "added" else _shown(name, before[place, row, column]),
                    "" if change == "removed" else _shown(name, after[place, row, column]),
                )
                for place, name in enumerate(MEASURES)
                if before[place, row, column] != after[place, row, column]
            ),
        )
        for change, row, column in shown
    )


def _shown(name: str, value: int) -> str:
    return exact(int(value), 3 if name == "units" else 2)


def restated_actuals(batch_id: int | None, most: int) -> tuple[int, list[Restatement]]:
    """Cells of loaded months that came again with another number, newest first; of one batch, or of all when None."""
    found = ActualRestatement.objects.select_related("item", "market").order_by("-batch_id", "-month", "item_id")
    if batch_id is not None:
        found = found.filter(batch_id=batch_id)
    rows = [
        Restatement(
            row.batch_id,
            f"{row.item} · {row.market} · {row.month:%Y-%m}",
            tuple(
                (name, exact(old, decimals), exact(new, decimals))
                for name, decimals, old, new in (
                    ("units", 3, row.units_before, row.units_after),
                    ("net revenue", 2, row.net_cents_before, row.net_cents_after),
                )
                if old != new
            ),
        )
        for row in found[:most]
    ]
    return found.count(), rows
