"""What a company asks of its stock, as choices of the supply problem: days, shelf life, room; and who waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from catalog.calc.months import days_in_month, month_date, month_index
from catalog.models import Site
from supply.calc.cover_target import Cover
from supply.calc.explosion import CircularBillOfMaterialsError
from supply.calc.inventory import classes_of, opening_lots
from supply.calc.late_delivery import backlog_terms
from supply.calc.parts.shelf_life import ShelfLife, expiry_cost
from supply.calc.parts.storage import Storage
from supply.calc.problem import MILLI, Choices, Floats, Ints, PinRows, SupplyProblem
from supply.calc.requirement import gross_requirement
from supply.frames.frozen import frozen_pins
from supply.frames.inventory import RECEIPTS, load_rules, load_sold
from supply.frames.nodes import MONTH_DAYS
from supply.frames.plan_rows import PlanRows
from supply.models import ProductionActual, StockRule, StorageLimit

PLAN_FIELDS = ("least_days", "shelf_life_days", "storage_per_unit")


@dataclass(frozen=True)
class Places:
    """Keys and rates behind the nodes of a problem: ``items`` and ``sites`` (node,), ``standard`` cost per unit
    (node, month) and net ``price`` of the groups (group, month), both reporting currency."""

    items: Ints
    sites: Ints
    standard: Floats
    price: Floats


def with_stock_terms(rows: PlanRows, problem: SupplyProblem, places: Places) -> SupplyProblem:
    """The problem with the company's days of supply, shelf lives, storage limits, frozen months and late delivery.

    A company without such rules and settings has the very same problem. One query, a few more where rules exist.
    """
    choices = problem.choices
    if rows.policy.is_late_allowed:
        terms = rows.policy.backlog
        late = backlog_terms(problem.groups.quantity, places.price, share=terms.cost, months=terms.months)
        choices = replace(choices, backlog=late)
    if rows.frozen:
        choices = replace(choices, frozen=_frozen(rows, problem, places))
    rules = _rules(rows, problem, places)
    if rules is not None:
        choices = _with_rules(rows, problem, places, choices, rules)
    return replace(problem, choices=choices)


def _frozen(rows: PlanRows, problem: SupplyProblem, places: Places) -> PinRows | None:
    """The frozen quantities; what is subcontracted by a pin is in the receipts already."""
    keys = zip(places.items.tolist(), places.sites.tolist(), strict=True)
    number = {key: node for node, key in enumerate(keys)}
    given = problem.choices.subcontract
    outside = np.zeros(len(number), bool) if given is None else given.limit.any(axis=1)
    kinds = {"make": problem.nodes.can_make, "buy": problem.nodes.can_buy, "subcontract": outside}
    pinned = {key: units for key, units in rows.pins.quantities.items() if key[0] == "subcontract"}
    left = {key: max(units - pinned.get(key, 0), 0) for key, units in rows.frozen.items()}
    return frozen_pins(left, number, kinds)


def _rules(rows: PlanRows, problem: SupplyProblem, places: Places) -> Mapping[str, Floats] | None:
    """Values of the rules by node, None where no rule says anything that the plan asks for."""
    given = list(StockRule.objects.values_list("abc_class", *PLAN_FIELDS))
    told = [row for row in given if any(value is not None for value in row[1:])]
    if not told:
        return None
    keys, group = np.unique(places.items, return_inverse=True)
    items = rows.items.loc[keys]
    letters = _classes(rows, problem, places, keys) if any(row[0] for row in told) else ("",) * len(keys)
    return {name: values[group] for name, values in load_rules(items, letters).items()}


def _classes(rows: PlanRows, problem: SupplyProblem, places: Places, keys: Ints) -> tuple[str, ...]:
    """A, B, C by item: sold ones by revenue, the others by what the whole demand uses of them at standard."""
    try:
        gross = gross_requirement(problem)
    except CircularBillOfMaterialsError:
        gross = np.zeros(places.standard.shape)
    use = np.zeros(len(keys))
    np.add.at(use, np.searchsorted(keys, places.items), (gross * places.standard).sum(axis=1))
    return classes_of(rows.items.loc[keys, "is_sold"].to_numpy(bool), load_sold(rows.plan, keys)[1], use)


def _with_rules(
    rows: PlanRows, problem: SupplyProblem, places: Places, choices: Choices, rules: Mapping[str, Floats]
) -> Choices:
    days = np.where(problem.nodes.stocked & (rules["least_days"] > 0), rules["least_days"], np.nan)
    if np.isfinite(days).any():
        lengths = np.array([days_in_month(month) for month in rows.months], np.float64)
        choices = replace(choices, cover=Cover(days, lengths))
    life = rules["shelf_life_days"]
    if np.isfinite(life).any():
        months = np.where(np.isfinite(life), np.nan_to_num(life) // MONTH_DAYS, -1).astype(np.int64)
        lots = _lots(rows, problem, places, months)
        choices = replace(
            choices, shelf_life=ShelfLife(months, lots, expiry_cost(places.standard, problem.costs.holding))
        )
    return replace(choices, storage=_storage(problem, places, np.nan_to_num(rules["storage_per_unit"])))


def _lots(rows: PlanRows, problem: SupplyProblem, places: Places, months: Ints) -> Floats:
    """Opening stock of what perishes by the months since it was made (node, age); age 0 = not known, it counts as new."""
    perishes = months >= 0
    made = np.zeros((len(months), RECEIPTS))
    keys = zip(places.items.tolist(), places.sites.tolist(), strict=True)
    row_of = {key: row for row, key in enumerate(keys) if perishes[row]}
    facts = ProductionActual.objects.filter(
        item__in={item for item, _ in row_of},
        month__gte=month_date(rows.months.start - RECEIPTS),
        month__lt=rows.plan.first_month,
    )
    for item, site, month, good in facts.values_list("item_id", "site_id", "month", "good_milli"):
        if (item, site) in row_of:
            made[row_of[item, site], rows.months.start - 1 - month_index(month)] += good / MILLI
    return np.where(perishes[:, None], opening_lots(problem.nodes.opening / MILLI, made), 0.0)


def _storage(problem: SupplyProblem, places: Places, per_unit: Floats) -> Storage | None:
    """Room of the sites that have a limit; None where none has, or nothing takes any room."""
    limits = list(StorageLimit.objects.order_by("site_id"))
    if not limits or not per_unit.any():
        return None
    number = {limit.site_id: row for row, limit in enumerate(limits)}
    codes = dict(Site.objects.filter(pk__in=number).values_list("id", "code"))
    return Storage(
        labels=tuple(codes[limit.site_id] for limit in limits),
        node_site=np.array([number.get(site, -1) for site in places.sites.tolist()], np.int64),
        per_unit=np.where(problem.nodes.stocked, per_unit, 0.0),
        room=np.repeat(np.array([[float(limit.room)] for limit in limits]), problem.months, axis=1),
        outside_cost=np.array([np.inf if row.outside_cost is None else float(row.outside_cost) for row in limits]),
    )
