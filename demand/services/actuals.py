"""Sales into series: the months of a file replace the same months of every series; the others stay."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_date, month_index
from catalog.frames.series_rows import write_series
from catalog.models import Company, ImportBatch
from catalog.registry import Difference
from catalog.services.row_changes import Change
from demand.frames import ActualBlock, load_actuals
from demand.models import ActualMonth, ActualRestatement, ActualSeries
from demand.services.actual_changes import MEASURES, Flags, cell_changes

Ints = NDArray[np.int64]
PAIR = 2**31


@dataclass(frozen=True)
class SalesCells:
    """Cells of a file, all (n,): keys, month numbers, milli-units, cents. One cell per item × market × month."""

    item_ids: Ints
    market_ids: Ints
    months: Ints
    units: Ints
    net_cents: Ints
    list_cents: Ints
    cogs_cents: Ints


def replace_months(cells: SalesCells, batch: ImportBatch) -> Difference:
    """Make the stored months of the file equal to the file; runs inside the import's transaction.

    Series that become known get a row; cells of a month that was loaded before and now differ are restatements, kept
    with both values. Plan cells are never touched. The same cells again change nothing.

    Returns:
        Counts of cells (item × market × month) and the control totals of the file.
    """
    loaded = {month_index(month) for month in ActualMonth.objects.values_list("month", flat=True)}
    touched = sorted(set(cells.months.tolist()))
    first = month_index(Company.objects.current().history_start)
    last = max([*touched, *loaded, first])
    before = load_actuals(first, last)
    after = _merged(before, cells, np.array(touched, np.int64))
    aligned = _aligned(before, after)
    difference = _difference(aligned, after, cells)
    if difference.added or difference.changed or difference.removed or set(touched) - loaded:
        _keep_restatements(aligned, after, batch, np.array(sorted(loaded & set(touched)), np.int64))
        ActualSeries.objects.all().delete()
        write_series(
            ActualSeries._meta.db_table,
            ["item_id", "market_id"],
            list(MEASURES),
            [after.item_ids, after.market_ids],
            [getattr(after, name) for name in MEASURES],
        )
        _keep_totals(cells, batch)
    return difference


def _merged(before: ActualBlock, cells: SalesCells, touched: Ints) -> ActualBlock:
    """The stored series with the touched months emptied and filled from the cells, ordered by item and market."""
    old = before.item_ids.astype(np.int64) * PAIR + before.market_ids
    new = cells.item_ids * PAIR + cells.market_ids
    keys = np.union1d(old, new)
    rows, columns = np.searchsorted(keys, new), cells.months - before.first_month
    blocks: dict[str, Ints] = {}
    for name in MEASURES:
        block = np.zeros((len(keys), before.units.shape[1]), np.int64)
        block[np.searchsorted(keys, old)] = getattr(before, name)
        block[:, touched - before.first_month] = 0
        np.add.at(block, (rows, columns), getattr(cells, name))
        blocks[name] = block
    items, markets = (keys // PAIR).astype(np.int32), (keys % PAIR).astype(np.int32)
    return ActualBlock(items, markets, before.first_month, **blocks)


def _aligned(before: ActualBlock, after: ActualBlock) -> Ints:
    """The stored values in the rows of `after`, (measure, n, T)."""
    keys = after.item_ids.astype(np.int64) * PAIR + after.market_ids
    rows = np.searchsorted(keys, before.item_ids.astype(np.int64) * PAIR + before.market_ids)
    aligned = np.zeros((len(MEASURES), *after.units.shape), np.int64)
    for position, name in enumerate(MEASURES):
        aligned[position, rows] = getattr(before, name)
    return aligned


def _difference(aligned: Ints, after: ActualBlock, cells: SalesCells) -> Difference:
    stacked = np.stack([getattr(after, name) for name in MEASURES])
    was, now = (aligned != 0).any(axis=0), (stacked != 0).any(axis=0)
    differs = (aligned != stacked).any(axis=0)
    totals = {
        "cells": str(len(cells.months)),
        "units": f"{int(cells.units.sum()) / 1000:,.3f}",
        "net revenue": f"{int(cells.net_cents.sum()) / 100:,.2f}",
        "months": f"{month_date(int(cells.months.min())):%Y-%m} … {month_date(int(cells.months.max())):%Y-%m}"
        if len(cells.months)
        else "none",
    }
    kinds: list[tuple[Change, Flags]] = [
        ("changed", differs & was & now),
        ("added", differs & ~was),
        ("removed", differs & was & ~now),
    ]
    changed, added, removed = (int(cells_of_kind.sum()) for _, cells_of_kind in kinds)
    return Difference(
        added=added,
        changed=changed,
        removed=removed,
        unchanged=int((~differs & now).sum()),
        totals=totals,
        examples=cell_changes(aligned, stacked, after, kinds),
    )


def _keep_restatements(aligned: Ints, after: ActualBlock, batch: ImportBatch, loaded: Ints) -> None:
    """Append both values of every cell of an already loaded month that came with another one."""
    columns = loaded - after.first_month
    old_units, old_net = aligned[0][:, columns], aligned[1][:, columns]
    new_units, new_net = after.units[:, columns], after.net_cents[:, columns]
    rows, places = np.nonzero((old_units != new_units) | (old_net != new_net))
    ActualRestatement.objects.bulk_create(
        (
            ActualRestatement(
                batch=batch,
                item_id=int(after.item_ids[row]),
                market_id=int(after.market_ids[row]),
                month=month_date(int(loaded[place])),
                units_before=int(old_units[row, place]),
                units_after=int(new_units[row, place]),
                net_cents_before=int(old_net[row, place]),
                net_cents_after=int(new_net[row, place]),
            )
            for row, place in zip(rows.tolist(), places.tolist(), strict=True)
        ),
        batch_size=5_000,
    )


def _keep_totals(cells: SalesCells, batch: ImportBatch) -> None:
    """Replace the control totals of the file's months by the file's own sums."""
    months, place = np.unique(cells.months, return_inverse=True)
    sums = {
        field.name: [int(getattr(cells, field.name)[place == k].sum()) for k in range(len(months))]
        for field in fields(cells)
        if field.name in MEASURES
    }
    counts = np.bincount(place, minlength=len(months)).tolist()
    days = [month_date(int(month)) for month in months]
    ActualMonth.objects.filter(month__in=days).delete()
    ActualMonth.objects.bulk_create(
        ActualMonth(month=day, batch=batch, rows=counts[k], **{name: values[k] for name, values in sums.items()})
        for k, day in enumerate(days)
    )
