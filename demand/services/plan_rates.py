"""The rates of a plan as its pages of money show them: the present ones, and after approval those that were frozen then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.core.cache import caches
from numpy.typing import NDArray

from catalog.calc.dollars import FX6_ONE, to_cents
from catalog.frames.series_rows import read_series
from cycles.models import Plan, Snapshot
from cycles.selectors import latest_snapshot, stage_of
from cycles.workflow import StageKind, StageStatus
from demand.frames import load_rates
from demand.services.series_store import PAIR

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class PlanRates:
    """Net prices and exchange rates of series over months, (n, T).

    `price4` ten-thousandths of the market's currency, 0 where it is `missing`; `fx6` millionths, 1 where none is known.
    `frozen` is the snapshot that they come from, None for present rates.
    """

    price4: Ints
    fx6: Ints
    missing: NDArray[np.bool_]
    frozen: Snapshot | None

    def cents(self, units: Ints, rows: Ints) -> Ints:
        """Cents (k, T) of milli-units (k, T) on the series `rows` (k,); nothing where the price is missing."""
        return to_cents(units, self.price4[rows], self.fx6[rows])

    def columns(self, wanted: slice) -> PlanRates:
        """The same rates of some of the months."""
        return PlanRates(self.price4[:, wanted], self.fx6[:, wanted], self.missing[:, wanted], self.frozen)


def plan_rates(plan: Plan, items: Ints, markets: Ints, months: Sequence[int] | None = None) -> PlanRates:
    """Rates of series over months of a plan: frozen while the plan is approved, else the present ones.

    A file of prices that comes after the approval moves the next plan, not the figures that were approved. A series that
    the snapshot does not hold has no price there.

    Args:
        items, markets: aligned ids (n,).
        months: T month numbers inside the plan, its horizon when None.
    """
    snapshot = approved_snapshot(plan)
    wanted = list(months) if months is not None else list(range(plan.first_month_index, _end(plan)))
    if snapshot is None:
        rates = load_rates(plan, items, markets, wanted)
        price4, fx6, missing = rates.net_price4, rates.fx6, rates.missing
    else:
        price4, fx6 = _frozen(snapshot, items * PAIR + markets)
        columns = [month - plan.first_month_index for month in wanted]
        price4, fx6 = price4[:, columns], fx6[:, columns]
        missing = (price4 < 0) | (fx6 <= 0)
    return PlanRates(np.where(missing, 0, price4), np.where(fx6 > 0, fx6, FX6_ONE), missing, snapshot)


def approved_snapshot(plan: Plan) -> Snapshot | None:
    """The snapshot of a plan that stands approved; None before, and again once a stage is reopened."""
    if stage_of(plan, StageKind.EXECUTIVE).status != StageStatus.APPROVED:
        return None
    return latest_snapshot(plan)


def _end(plan: Plan) -> int:
    return plan.first_month_index + plan.horizon


def _frozen(snapshot: Snapshot, keys: Ints) -> tuple[Ints, Ints]:
    """Net prices and exchange rates (n, H) of the series `keys` (n,) as frozen; −1 where the snapshot has none."""
    own, price4, fx6 = _money_rates(snapshot)
    place = np.minimum(np.searchsorted(own, keys), max(len(own) - 1, 0))
    known = own[place] == keys if len(own) else np.zeros(len(keys), bool)
    frozen = []
    for block in (price4, fx6):
        found = np.full((len(keys), snapshot.horizon), -1, np.int64)
        found[known] = block[place[known]]
        frozen.append(found)
    return frozen[0], frozen[1]


def _money_rates(snapshot: Snapshot) -> tuple[Ints, Ints, Ints]:
    """Keys (m,) ascending, net prices and exchange rates (m, H) of a snapshot; it never changes, so they are kept."""
    cache, key = caches["rates"], f"frozen:{snapshot.pk}:{snapshot.root}"
    kept = cache.get(key)
    if kept is not None:
        return kept  # type: ignore[no-any-return]
    arrays = ", ".join(
        f"ARRAY(SELECT jsonb_array_elements_text(r.fields->'{name}')::bigint)" for name in ("net_price4", "fx6")
    )
    keys, (price4, fx6) = read_series(
        f"SELECT i.id::int4, m.id::int4, {arrays} FROM cycles_snapshotrow r "
        "JOIN catalog_item i ON i.code = r.key[2] JOIN catalog_market m ON m.code = r.key[3] "
        "WHERE r.snapshot_id = %s AND r.section = 'finance' AND r.key[1] = 'money' ORDER BY i.id, m.id",
        keys=2,
        columns=2,
        months=snapshot.horizon,
        parameters=(snapshot.pk,),
    )
    found = keys[0].astype(np.int64) * PAIR + keys[1], price4, fx6
    cache.set(key, found, None)
    return found
