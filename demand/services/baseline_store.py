"""A new baseline in place of the old: written beside it without the plan's lock, then swapped in one short moment."""

from __future__ import annotations

import numpy as np
from django.db import connection, transaction

from catalog.frames.series_rows import write_series
from cycles.models import Plan, User
from demand.frames import SeriesBlock
from demand.models import Series
from demand.services.replay import replay_edits
from demand.services.series_store import PAIR, add_empty_series, store_consensus


def lay_beside(plan: Plan, block: SeriesBlock) -> int:
    """Write the series of a new baseline beside those of the plan, without edits; returns the number of this writing.

    Needs no lock and is seen by nobody else: `replace_baseline` makes it the plan's own in the same transaction, or both
    are undone together. This is nearly all of the work, so that nobody who edits waits for it.

    Raises:
        TransactionManagementError: outside of a transaction the plan would have every series twice.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A baseline is laid beside in the transaction that replaces it.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [Series._meta.db_table])
        batch = int(cursor.fetchone()[0])
    write_series(
        Series._meta.db_table,
        ["plan_id", "item_id", "market_id", "batch"],
        ["baseline", "consensus"],
        [plan.pk, block.item_ids.astype(np.int64), block.market_ids.astype(np.int64), batch],
        [block.units, block.units],
    )
    return batch


def replace_baseline(plan: Plan, block: SeriesBlock, *, batch: int, actor: User) -> None:
    """Make the series that `lay_beside` wrote as `batch` the plan's, with its ledger on top; holds the plan's lock.

    Records the system entries that typed values ask for; the version and the revision are the caller's. Only series with
    edits are looked at, the others hold the baseline: the lock is short however large the plan is.
    """
    edited = replay_edits(plan, baseline=block, but=batch, actor=actor)
    Series.objects.filter(plan=plan).exclude(batch=batch).delete()
    own = block.item_ids.astype(np.int64) * PAIR + block.market_ids
    add_empty_series(plan, np.setdiff1d(edited.keys, own))
    moved = (edited.consensus != edited.baseline).any(axis=1)
    if moved.any():
        store_consensus(plan, edited.keys[moved], edited.consensus[moved])
