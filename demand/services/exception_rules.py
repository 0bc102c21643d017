"""Exceptions by comparison: outside the band, changed since last cycle, bias, zero after sales, jump against last year."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.models import Company
from cycles.models import Plan
from demand.calc import exceptions as rules
from demand.models import ExceptionKind
from demand.services.exception_entry import DemandException, Spot, Stake
from demand.services.exception_inputs import Inputs, judged_months, load_bands, load_inputs

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
NAMED_MONTHS = 3


def compared_exceptions(plan: Plan, company: Company) -> Iterator[DemandException]:
    """Every exception that a comparison over the next twelve months finds; no amount is judged here."""
    inputs = load_inputs(plan)
    if not len(inputs.item_ids):
        return
    yield from _outside_band(plan, inputs)
    yield from _cycle_change(inputs, float(company.exception_change_fraction))
    yield from _bias(plan, inputs, float(company.exception_bias_fraction))
    yield from _zero_after_sales(inputs)
    yield from _jump(inputs)


def _outside_band(plan: Plan, inputs: Inputs) -> Iterator[DemandException]:
    bands = load_bands(plan, inputs)
    edited = inputs.plan - inputs.baseline
    cents, planned = inputs.cents(inputs.plan) - inputs.cents(inputs.baseline), inputs.by_segment(inputs.plan)
    flags = rules.outside_band(planned, bands.low, bands.high, inputs.by_segment(cents))
    for place, row in enumerate(flags.rows.tolist()):
        meant = flags.months[place]
        above = planned[row, meant].sum() > bands.high[row, meant].sum()
        side = "above" if above else "below"
        spot = _segment_spot(inputs, row, np.where(meant, cents, 0).sum(axis=1))
        yield DemandException(
            ExceptionKind.OUTSIDE_BAND,
            spot,
            f"{spot.family} in {spot.market}: {side} the 80 % interval in {_months(inputs, meant)}.",
            f"Plan {_units(planned[row, meant])}; the statistics say {_units(bands.low[row, meant])} to"
            f" {_units(bands.high[row, meant])}.",
            _stake(inputs, row, flags.cents[place], np.where(meant, edited, 0)),
            tuple(inputs.months[meant].tolist()),
        )


def _cycle_change(inputs: Inputs, fraction: float) -> Iterator[DemandException]:
    if inputs.before is None:
        return
    cents = inputs.cents(inputs.plan) - inputs.cents(inputs.before)
    plan, before = inputs.by_segment(inputs.plan), inputs.by_segment(inputs.before)
    flags = rules.cycle_change(plan, before, inputs.by_segment(cents), fraction=fraction)
    for place, row in enumerate(flags.rows.tolist()):
        spot = _segment_spot(inputs, row, cents.sum(axis=1))
        yield DemandException(
            ExceptionKind.CYCLE_CHANGE,
            spot,
            f"{spot.family} in {spot.market}: {_share(flags.share[place])} since the last cycle.",
            f"Year ahead {_units(before[row])} in the last plan, {_units(plan[row])} now.",
            _stake(inputs, row, flags.cents[place], inputs.plan - inputs.before),
            tuple(inputs.months[flags.months[place]].tolist()),
        )


def _bias(plan: Plan, inputs: Inputs, fraction: float) -> Iterator[DemandException]:
    """By earlier plans where there are enough; else by the backtest of the baseline."""
    actual, forecast = judged_months(plan, inputs)
    cents = inputs.cents(inputs.plan).sum(axis=1)
    ahead = inputs.by_segment(cents)
    by_plans = actual.shape[1] >= rules.LEAST_JUDGED
    if by_plans:
        flags = rules.lasting_bias(actual, forecast, ahead, fraction=fraction)
        told = f"The plans of the last {actual.shape[1]} months, a month ahead,"
    else:
        bands = load_bands(plan, inputs)
        flags = rules.stated_bias(bands.bias, bands.signal, ahead, fraction=fraction)
        told = "The baseline, tried on closed months,"
    for place, row in enumerate(flags.rows.tolist()):
        share = flags.share[place]
        spot = _segment_spot(inputs, row, cents)
        yield DemandException(
            ExceptionKind.BIAS,
            spot,
            f"{spot.family} in {spot.market}: {'too high' if share > 0 else 'too low'} again and again.",
            f"{told} were {abs(share):.0%} {'above' if share > 0 else 'below'} what was sold."
            if by_plans
            else f"{told} is {abs(share):.0%} {'above' if share > 0 else 'below'} what was sold.",
            _stake(inputs, row, flags.cents[place], inputs.plan),
        )


def _zero_after_sales(inputs: Inputs) -> Iterator[DemandException]:
    priced = inputs.cents(np.maximum(inputs.last_year, 0))
    flags = rules.zero_after_sales(
        inputs.plan, inputs.last_year, recent=inputs.recent, alive=inputs.alive, last_year_cents=priced
    )
    for place, row in enumerate(flags.rows.tolist()):
        meant = flags.months[place]
        item = int(inputs.item_ids[row])
        spot = _segment_spot(inputs, int(inputs.segment[row]), None, item=item)
        missing = int(np.where(meant & inputs.missing[row], inputs.last_year[row], 0).sum())
        yield DemandException(
            ExceptionKind.ZERO_AFTER_SALES,
            spot,
            f"{spot.item} in {spot.market} is planned at 0 in {_months(inputs, meant)}.",
            f"It sold {_units(inputs.last_year[row, meant])} in the same months a year before and sells regularly.",
            Stake(int(flags.cents[place]), missing),
            tuple(inputs.months[meant].tolist()),
        )


def _jump(inputs: Inputs) -> Iterator[DemandException]:
    """Series with planned units that have no price are left out on both sides: their year ahead has no dollars."""
    known = inputs.unpriced(inputs.plan)[:, None] == 0
    cents, sold_cents = np.where(known, inputs.cents(inputs.plan), 0), np.where(known, inputs.sold_cents, 0)
    planned, sold = inputs.by_segment(cents), inputs.by_segment(sold_cents)
    flags = rules.year_on_year_jump(planned, sold)
    for place, row in enumerate(flags.rows.tolist()):
        spot = _segment_spot(inputs, row, (cents - sold_cents).sum(axis=1))
        yield DemandException(
            ExceptionKind.JUMP,
            spot,
            f"{spot.family} in {spot.market}: next {len(inputs.months)} months"
            f" {_share(flags.share[place])} against the last.",
            "In dollars at net prices; more than half as much again, or less than half.",
            Stake(int(flags.cents[place])),
        )


def _segment_spot(inputs: Inputs, row: int, weight: Ints | None, *, item: int | None = None) -> Spot:
    """The place of a segment; with `weight` (n,) the series of it that weighs most is where one would begin."""
    family, market = inputs.segments[row].tolist()
    lead = item
    if weight is not None:
        own = np.flatnonzero(inputs.segment == row)
        lead = int(inputs.item_ids[own[np.argmax(np.abs(weight[own]))]])
    items = inputs.items
    return Spot(
        family_id=family,
        market_id=market,
        family=str(items.at[int(inputs.item_ids[np.argmax(inputs.segment == row)]), "family"]),
        market=inputs.markets[market],
        item_id=item,
        item=str(items.at[item, "code"]) if item is not None else "",
        lead_id=lead,
        lead=str(items.at[lead, "code"]) if lead is not None else "",
    )


def _stake(inputs: Inputs, row: int, cents: np.int64, milli: Ints) -> Stake:
    own = inputs.segment == row
    return Stake(int(cents), int(np.where(inputs.missing[own], np.abs(milli[own]), 0).sum()))


def _months(inputs: Inputs, meant: Bools) -> str:
    months = inputs.months[meant].tolist()
    names = [f"{month_date(month):%b %Y}" for month in months[:NAMED_MONTHS]]
    if len(months) > NAMED_MONTHS:
        return f"{len(months)} months from {names[0]} on"
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[:-1] else names)


def _units(milli: Ints) -> str:
    return f"{int(milli.sum()) / 1000:,.0f}"


def _share(share: np.float64) -> str:
    """A change in percent with its sign; 'from nothing' where there is nothing to relate it to."""
    return "from nothing" if np.isnan(share) else f"{share:+.0%}".replace("-", "−")
