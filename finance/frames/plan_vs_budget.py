"""Plan against any reference by any two dimensions, inside a node and a person's limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import fiscal_quarter_of, month_date
from catalog.frames.hierarchy import Hierarchy, load_hierarchy
from catalog.models import Company
from cycles.models import Plan
from cycles.selectors import Scope
from finance.calc.bridge_pairs import Leaves, Side, on_same_leaves
from finance.calc.cross_table import CrossTable, cross_table
from finance.calc.references import Reference
from finance.frames.results import load_bridge
from finance.selectors.reference_sides import known_reference
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]


class Dimension(StrEnum):
    """What the rows or columns of the table stand for."""

    CATEGORY = "category"
    FAMILY = "family"
    ITEM = "item"
    MARKET = "market"
    REGION = "region"
    CHANNEL = "channel"
    MONTH = "month"
    QUARTER = "quarter"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.capitalize()

    @property
    def is_time(self) -> bool:
        """Whether it is a span of time and not a node of the hierarchy."""
        return self in (Dimension.MONTH, Dimension.QUARTER)


class TableMeasure(StrEnum):
    """What is compared. Margin is revenue less COGS at standard; units are what lands."""

    REVENUE = "revenue"
    COGS = "cogs"
    MARGIN = "margin"
    UNITS = "units"

    @property
    def label(self) -> str:
        """The name people read."""
        return {"cogs": "COGS at standard", "margin": "Margin at standard"}.get(self.value, self.value.capitalize())

    @property
    def wanted(self) -> str:
        """Whether more of it is good or bad: 'more' or 'less'."""
        return "less" if self is TableMeasure.COGS else "more"


@dataclass(frozen=True)
class TableQuestion:
    """What is asked: two dimensions, a measure, the reference, and the keys to which the table is narrowed."""

    rows: Dimension
    columns: Dimension
    measure: TableMeasure
    reference: Reference
    within: tuple[tuple[Dimension, int], ...] = ()


@dataclass(frozen=True)
class TableAnswer:
    """The table with (code, name) of its keys, and what to say about it; `missing` says why there is none, else ''.

    `is_whole_year`: both sides have every month of the fiscal year.
    """

    question: TableQuestion
    table: CrossTable | None
    row_names: dict[int, tuple[str, str]]
    column_names: dict[int, tuple[str, str]]
    within_names: tuple[tuple[Dimension, int, str], ...]
    notes: tuple[str, ...]
    is_whole_year: bool
    missing: str = ""


def plan_vs_reference(plan: Plan, question: TableQuestion, scope: Scope) -> TableAnswer:
    """The plan's landing against a reference over the months of the fiscal year that both have.

    Raises:
        ReferenceMissing: the plan has no landing, or not this reference.
    """
    hierarchy = load_hierarchy()
    base = known_reference(plan, question.reference, hierarchy)
    landing = known_reference(plan, Reference.LANDING, hierarchy)
    months = _months(plan, base.side, landing.side)
    names = {dimension: names_of(dimension, hierarchy, months) for dimension in Dimension}
    answer = TableAnswer(
        question,
        None,
        names[question.rows],
        names[question.columns],
        tuple((dimension, key, names[dimension].get(key, ("?", ""))[0]) for dimension, key in question.within),
        (*base.notes, *_left_out(plan, months), *_about_units(question)),
        is_whole_year=not _left_out(plan, months),
    )
    reference, planned = on_same_leaves(base.side, landing.side, months=months)
    blocks = _measured(plan, question, reference, planned)
    if blocks is None:
        why = f"{question.reference.label} does not say its COGS by item and market: n/a."
        return TableAnswer(**{**vars(answer), "missing": why})
    keys = {dimension: keys_of(dimension, planned.leaves, months, hierarchy) for dimension in Dimension}
    chosen = scope.mask(planned.leaves.families, planned.leaves.markets)
    inside = np.ones(len(months), dtype=bool)
    for dimension, key in question.within:
        if dimension.is_time:
            inside &= keys[dimension][0] == key
        else:
            chosen &= keys[dimension][:, 0] == key
    cut = [_cut(keys[each], each, chosen, inside) for each in (question.rows, question.columns)]
    plan_block, reference_block = (block[chosen][:, inside] for block in blocks)
    table = cross_table(plan_block, reference_block, rows=cut[0], columns=cut[1])
    return TableAnswer(**{**vars(answer), "table": table})


def keys_of(dimension: Dimension, leaves: Leaves, months: Ints, hierarchy: Hierarchy) -> Ints:
    """The key of each leaf (leaf, 1) or month (1, month) in a dimension; 0 where a leaf has none."""
    if dimension is Dimension.MONTH:
        return months[None, :]
    if dimension is Dimension.QUARTER:
        start = Company.objects.current().fiscal_year_start_month
        return np.array([[fiscal_quarter_of(int(month), start) for month in months]], dtype=np.int64)
    items, markets = hierarchy.items, hierarchy.markets.set_index("market_id")
    families = items[items["family_id"] > 0].drop_duplicates("family_id").set_index("family_id")
    found = {
        Dimension.ITEM: lambda: leaves.items,
        Dimension.FAMILY: lambda: leaves.families,
        Dimension.CATEGORY: lambda: families["category_id"].reindex(leaves.families).fillna(0).to_numpy(),
        Dimension.MARKET: lambda: leaves.markets,
        Dimension.REGION: lambda: markets["region_id"].reindex(leaves.markets).fillna(0).to_numpy(),
        Dimension.CHANNEL: lambda: markets["channel_id"].reindex(leaves.markets).fillna(0).to_numpy(),
    }[dimension]()
    column: Ints = np.maximum(np.asarray(found, np.int64), 0)[:, None]
    return column


def names_of(dimension: Dimension, hierarchy: Hierarchy, months: Ints) -> dict[int, tuple[str, str]]:
    """Key → (code, name) of a dimension."""
    if dimension is Dimension.MONTH:
        return {int(month): (f"{month_date(int(month)):%b %y}", f"{month_date(int(month)):%Y-%m}") for month in months}
    if dimension is Dimension.QUARTER:
        return {quarter: (f"Q{quarter}", "") for quarter in (1, 2, 3, 4)}
    items, markets = hierarchy.items, hierarchy.markets
    frame, key, code, name = {
        Dimension.ITEM: (items, "item_id", "code", "name"),
        Dimension.FAMILY: (items, "family_id", "family", "category"),
        Dimension.CATEGORY: (items, "category_id", "category", "category"),
        Dimension.MARKET: (markets, "market_id", "code", "region_name"),
        Dimension.REGION: (markets, "region_id", "region", "region_name"),
        Dimension.CHANNEL: (markets, "channel_id", "channel", "channel_name"),
    }[dimension]
    unique = frame.drop_duplicates(key)
    named = {int(k): (str(c), str(n)) for k, c, n in zip(unique[key], unique[code], unique[name], strict=True)}
    return named | {0: ("Not brought to items" if dimension is Dimension.ITEM else "None", "")}


def _cut(keys: Ints, dimension: Dimension, chosen: NDArray[np.bool_], inside: NDArray[np.bool_]) -> Ints:
    return keys[:, inside] if dimension.is_time else keys[chosen]


def _months(plan: Plan, base: Side, landing: Side) -> Ints:
    year = np.array(window_of(plan).months, dtype=np.int64)
    return np.intersect1d(np.intersect1d(base.months, landing.months), year)


def _left_out(plan: Plan, months: Ints) -> tuple[str, ...]:
    lost = sorted(set(window_of(plan).months) - set(months.tolist()))
    named = ", ".join(f"{month_date(month):%Y-%m}" for month in lost)
    return (f"Only the months that both have are compared; left out: {named}.",) if lost else ()


def _about_units(question: TableQuestion) -> tuple[str, ...]:
    if question.measure is TableMeasure.UNITS and question.reference is Reference.LAST_CYCLE:
        return ("Units of both plans are those wanted, before supply.",)
    return ()


def _measured(plan: Plan, question: TableQuestion, reference: Side, planned: Side) -> tuple[Ints, Ints] | None:
    """The measure of plan and reference, (leaf, month) each; None where the reference does not know it."""
    if question.measure is TableMeasure.UNITS:
        shipped = _units(planned) if question.reference is Reference.LAST_CYCLE else _landed_units(plan, planned)
        return shipped, _units(reference)
    if question.measure is TableMeasure.REVENUE:
        return planned.revenue.cents, reference.revenue.cents
    if planned.cogs is None or reference.cogs is None:
        return None
    if question.measure is TableMeasure.COGS:
        return planned.cogs.cents, reference.cogs.cents
    return planned.revenue.cents - planned.cogs.cents, reference.revenue.cents - reference.cogs.cents


def _units(side: Side) -> Ints:
    return np.rint(side.revenue.units).astype(np.int64)


def _landed_units(plan: Plan, planned: Side) -> Ints:
    """Units that land, sold or shipped, on the leaves of the plan, (leaf, month) milli-units."""
    bridge = load_bridge(plan, fiscal_start=window_of(plan).start)
    columns = (bridge.keys[name].to_numpy() for name in ("item_id", "family_id", "market_id"))
    leaves = Leaves(*columns)
    landed = np.zeros((len(planned.leaves.items), len(planned.months)), dtype=np.int64)
    keys = planned.leaves.keys
    known = np.isin(leaves.keys, keys)
    rows = np.searchsorted(keys, leaves.keys[known])
    landed[rows] = bridge.blocks["qa"][known][:, planned.months - bridge.first_month]
    return landed
