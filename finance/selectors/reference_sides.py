"""A reference seen from a plan: its leaves over its months, and its totals by SQL, which the leaves must meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_date, month_index
from catalog.frames.hierarchy import Hierarchy
from catalog.frames.rates import load_fx
from catalog.frames.series_rows import read_series
from catalog.models import ReferencePlan
from cycles.models import Plan, Snapshot
from demand.frames import load_actuals, load_loaded_months
from demand.models import ActualMonth
from finance.calc.bridge_pairs import Amounts, Leaves, Side, one_after_the_other
from finance.calc.known_reference import KnownReference, NodeAmount
from finance.calc.references import BridgeMeasure, Reference, StepKey
from finance.models import Adjustment, CompanyMonth, Measure
from finance.selectors.adjustments import months_of, valid_adjustments
from finance.selectors.bridge_nodes import node_keys
from finance.selectors.reference import current_reference
from finance.selectors.reference_plans import budget_reference, reforecast_reference
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]

FX6_ONE = 1_000_000
YEAR = 12
LINES = {
    StepKey.VARIANCES: "variance_cents",
    StepKey.REVALUATION: "revaluation_cents",
    StepKey.OVERTIME: "overtime_cents",
    StepKey.EXPEDITE: "expedite_cents",
    StepKey.SUBCONTRACT: "subcontract_cents",
    StepKey.FREIGHT: "freight_cents",
}
STORED = ("revenue_cents", "cogs_cents", *LINES.values())
ADJUSTED = {
    Measure.REVENUE: BridgeMeasure.REVENUE,
    Measure.COGS: BridgeMeasure.COGS,
    Measure.COST_TO_SERVE: BridgeMeasure.COGS,
    Measure.MARGIN: BridgeMeasure.MARGIN,
    Measure.INVENTORY: BridgeMeasure.INVENTORY,
    Measure.CASH: BridgeMeasure.CASH,
}
NOT_RECORDED = "Variances, revaluation and cost to serve of closed months are n/a and count nothing."


class ReferenceMissing(LookupError):
    """The plan has no such reference; the text says why and what brings it."""


def last_approved(plan: Plan) -> Snapshot | None:
    """The snapshot of the latest cycle before this plan's that was approved, its last amendment."""
    before = Snapshot.objects.filter(first_month__lt=plan.first_month)
    return before.order_by("-first_month", "-amendment").select_related("plan").first()


def known_reference(plan: Plan, reference: Reference, hierarchy: Hierarchy) -> KnownReference:
    """Read one reference of a plan.

    Raises:
        ReferenceMissing: there is none.
    """
    readers: dict[Reference, Callable[[Plan, Hierarchy], KnownReference]] = {
        Reference.BUDGET: _budget,
        Reference.REFORECAST: _reforecast,
        Reference.LANDING: _landing,
        Reference.LAST_CYCLE: _last_cycle,
        Reference.LAST_YEAR: _last_year,
        Reference.ACTUALS: _actuals,
    }
    return readers[reference](plan, hierarchy)


def references_of(plan: Plan) -> dict[Reference, str]:
    """Every reference with '' when the plan has it, else why not; reads no leaf."""
    window = window_of(plan)
    landed = CompanyMonth.objects.filter(plan=plan).exists()
    loaded = load_loaded_months(window.start - YEAR, window.first_month - 1)
    current = current_reference(plan)
    budget = ReferencePlan.objects.filter(code=ReferencePlan.BUDGET, fiscal_year=window.fiscal_year).exists()
    here = {
        Reference.BUDGET: budget and landed,
        Reference.REFORECAST: bool(current and current.is_reforecast),
        Reference.LANDING: landed,
        Reference.LAST_CYCLE: last_approved(plan) is not None,
        Reference.LAST_YEAR: any(month < window.start for month in loaded),
        Reference.ACTUALS: any(month >= window.start for month in loaded),
    }
    return {reference: "" if here[reference] else _why_not(reference, window.fiscal_year) for reference in Reference}


def _why_not(reference: Reference, fiscal_year: int) -> str:
    return {
        Reference.BUDGET: f"Fiscal year {fiscal_year} has no budget on leaves: import it and run the landing.",
        Reference.REFORECAST: f"Fiscal year {fiscal_year} has no reforecast: it is set by a decision.",
        Reference.LANDING: "The plan has no landing yet: run it.",
        Reference.LAST_CYCLE: "No earlier cycle was approved.",
        Reference.LAST_YEAR: f"No sales were loaded for the year before fiscal year {fiscal_year}.",
        Reference.ACTUALS: f"No month of fiscal year {fiscal_year} is closed and loaded.",
    }[reference]


def _missing(reference: Reference, plan: Plan) -> ReferenceMissing:
    return ReferenceMissing(_why_not(reference, window_of(plan).fiscal_year))


def _leaves(items: Ints, markets: Ints, hierarchy: Hierarchy) -> Leaves:
    families = hierarchy.items.set_index("item_id")["family_id"].reindex(items).fillna(0).to_numpy(np.int64)
    return Leaves(items, np.maximum(families, 0), markets)


def _budget(plan: Plan, hierarchy: Hierarchy) -> KnownReference:
    found = budget_reference(plan, hierarchy)
    if found is None:
        raise _missing(Reference.BUDGET, plan)
    return found


def _reforecast(plan: Plan, hierarchy: Hierarchy) -> KnownReference:
    found = reforecast_reference(plan, hierarchy)
    if found is None:
        raise _missing(Reference.REFORECAST, plan)
    return found


def _landing(plan: Plan, hierarchy: Hierarchy) -> KnownReference:
    """Actuals of the fiscal year's closed months, and the plan from there to the end of its horizon."""
    window = window_of(plan)
    names = (
        "unconstrained_units, shipped_units, upside_cents, revenue_cents, cogs_cents, cost_to_serve_cents, cost4, fx6"
    )
    keys, blocks = read_series(
        f"SELECT item_id::int4, market_id::int4, {names} FROM finance_moneyseries WHERE plan_id = %s",
        keys=2,
        columns=8,
        months=plan.horizon,
        parameters=(plan.pk,),
    )
    stored: list[dict[str, Any]] = list(CompanyMonth.objects.filter(plan=plan).values("month", *STORED))  # type: ignore[arg-type]
    rows = [(month_index(row["month"]), row) for row in stored]
    if not rows:
        raise _missing(Reference.LANDING, plan)
    items, markets = keys[0].astype(np.int64), keys[1].astype(np.int64)
    planned = _plan_side(_leaves(items, markets, hierarchy), blocks, plan.first_month_index)
    closed = _actual_side(range(window.start, window.first_month), hierarchy)
    side = planned if not window.closed else one_after_the_other(closed, planned)
    return KnownReference(
        Reference.LANDING,
        side,
        **_stored(side.months, rows),
        adjustments=adjustments_of(plan, Reference.LANDING, hierarchy),
        notes=(NOT_RECORDED,) if window.closed else (),
    )


def _stored(months: Ints, rows: list[tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    """Stored revenue, COGS and cost lines of company months, (T,) each; a line that is not recorded counts nothing."""

    def column(name: str) -> Ints:
        return _by_month(months, [(month, row.get(name) or 0) for month, row in rows])

    lines = {key: column(name) for key, name in LINES.items()}
    lines[StepKey.REVALUATION] = -lines[StepKey.REVALUATION]
    return {"revenue": column("revenue_cents"), "cogs": column("cogs_cents"), "lines": lines}


def adjustments_of(plan: Plan, reference: Reference, hierarchy: Hierarchy) -> tuple[NodeAmount, ...]:
    """The adjustments of a reference month by month: those that hold in a landing, those frozen in the last cycle."""
    if reference is Reference.LANDING:
        rows = valid_adjustments(plan)
    elif reference is Reference.LAST_CYCLE and (snapshot := last_approved(plan)) is not None:
        frozen = snapshot.rows.filter(section="finance", key__0="adjustment").values_list("key", flat=True)
        rows = Adjustment.objects.filter(pk__in=[int(key[1]) for key in frozen])
    else:
        return ()
    return tuple(
        NodeAmount(
            month,
            ADJUSTED[Measure(row.measure)],
            cents,
            node_keys((row.family_id, row.category_id, row.market_id), hierarchy),
        )
        for row in rows
        for month, cents in months_of(row).items()
    )


def _plan_side(leaves: Leaves, blocks: list[Ints], first: int) -> Side:
    """Series as they were stored: wanted, shipped, upside, revenue, COGS, cost to serve, cost4, fx6."""
    wanted, _, upside, revenue, cogs, served, cost4, fx6 = blocks
    return Side(
        months=np.arange(first, first + wanted.shape[1]),
        leaves=leaves,
        revenue=Amounts(wanted.astype(np.float64), upside, revenue),
        cogs=Amounts(wanted.astype(np.float64), to_cents(wanted, np.maximum(cost4, 0)), cogs),
        served=served,
        fx6=np.where(fx6 > 0, fx6, FX6_ONE),
    )


def _last_cycle(plan: Plan, hierarchy: Hierarchy) -> KnownReference:
    snapshot = last_approved(plan)
    if snapshot is None:
        raise _missing(Reference.LAST_CYCLE, plan)
    fields = (
        "unconstrained_quantity", "quantity", "upside_amount", "amount", "cogs", "cost_to_serve", "cost4", "fx6",
    )  # fmt: skip
    arrays = ", ".join(f"ARRAY(SELECT jsonb_array_elements_text(r.fields->'{name}')::bigint)" for name in fields)
    keys, blocks = read_series(
        f"SELECT i.id::int4, m.id::int4, {arrays} FROM cycles_snapshotrow r "
        "JOIN catalog_item i ON i.code = r.key[2] JOIN catalog_market m ON m.code = r.key[3] "
        "WHERE r.snapshot_id = %s AND r.section = 'finance' AND r.key[1] = 'money'",
        keys=2,
        columns=len(fields),
        months=snapshot.horizon,
        parameters=(snapshot.pk,),
    )
    company = snapshot.rows.filter(section="finance", key__0="company").values_list("key", "fields")
    months = [(int(key[1][:4]) * YEAR + int(key[1][5:]) - 1, row) for key, row in company]
    items, markets = keys[0].astype(np.int64), keys[1].astype(np.int64)
    side = _plan_side(_leaves(items, markets, hierarchy), blocks, month_index(snapshot.first_month))
    return KnownReference(
        Reference.LAST_CYCLE,
        side,
        **_stored(side.months, months),
        adjustments=adjustments_of(plan, Reference.LAST_CYCLE, hierarchy),
        notes=(f"Last cycle is the approved plan {snapshot.number}.",),
    )


def _last_year(plan: Plan, hierarchy: Hierarchy) -> KnownReference:
    """Actuals of a year before, each month put on the plan's calendar twelve months later; closed months only."""
    window = window_of(plan)
    loaded = load_loaded_months(window.start - YEAR, window.first_month - 1)
    if not any(month < window.start for month in loaded):
        raise _missing(Reference.LAST_YEAR, plan)
    side = _actual_side(range(min(loaded), max(loaded) + 1), hierarchy, shift=YEAR)
    revenue, cogs = _control_totals(side.months, shift=YEAR)
    return KnownReference(Reference.LAST_YEAR, side, revenue, cogs)


def _actuals(plan: Plan, hierarchy: Hierarchy) -> KnownReference:
    window = window_of(plan)
    loaded = load_loaded_months(window.start, window.first_month - 1)
    if not loaded:
        raise _missing(Reference.ACTUALS, plan)
    side = _actual_side(range(min(loaded), max(loaded) + 1), hierarchy)
    revenue, cogs = _control_totals(side.months)
    return KnownReference(Reference.ACTUALS, side, revenue, cogs)


def _actual_side(months: range, hierarchy: Hierarchy, *, shift: int = 0) -> Side:
    """Sales of some months; the exchange rate is the actual one of the month, else the plan's."""
    block = load_actuals(months.start, months.stop - 1)
    items, markets = block.item_ids.astype(np.int64), block.market_ids.astype(np.int64)
    actual, plan = load_fx(markets, months, "actual"), load_fx(markets, months, "plan")
    units = block.units.astype(np.float64)
    return Side(
        months=np.array(months, np.int64) + shift,
        leaves=_leaves(items, markets, hierarchy),
        revenue=Amounts(units, block.net_cents, block.net_cents),
        cogs=Amounts(units, block.cogs_cents, block.cogs_cents),
        served=np.zeros_like(block.net_cents),
        fx6=np.where(actual > 0, actual, np.where(plan > 0, plan, FX6_ONE)),
    )


def _control_totals(months: Ints, *, shift: int = 0) -> tuple[Ints, Ints]:
    """Net sales and COGS of closed months as the files' control totals say, cents (T,) each."""
    first, last = month_date(int(months[0]) - shift), month_date(int(months[-1]) - shift)
    rows = ActualMonth.objects.filter(month__range=(first, last)).values_list("month", "net_cents", "cogs_cents")
    return (
        _by_month(months, [(month_index(month) + shift, net) for month, net, _ in rows]),
        _by_month(months, [(month_index(month) + shift, cogs) for month, _, cogs in rows]),
    )


def _by_month(months: Ints, amounts: list[tuple[int, int]]) -> Ints:
    """Sums per month, (T,); months outside are left out."""
    sums = dict.fromkeys(months.tolist(), 0)
    for month, cents in amounts:
        if month in sums:
            sums[month] += cents
    return np.array(list(sums.values()), np.int64)
