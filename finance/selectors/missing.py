"""Rates that are missing under units (costs, prices, exchange rates), and budgets without a plan under them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from catalog.calc.months import month_date, month_index
from catalog.models import Company
from cycles.models import Plan
from demand.calc.discounts import DiscountRule
from finance.selectors.ties import window_of

YEAR = 12


@dataclass(frozen=True)
class MissingRate:
    """One item without a usable rate: its code, the milli-units concerned, and the dollars at risk in cents if known."""

    item: str
    units: int
    cents: int | None


def items_without_cost(plan: Plan) -> list[MissingRate]:
    """Sold items with units in a month whose standard cost is missing or 0; at risk: the revenue of those months."""
    return _missing(
        plan,
        "SELECT i.code, sum(abs(u.wanted)), sum(abs(u.cents)) FROM finance_moneyseries m "
        "JOIN catalog_item i ON i.id = m.item_id, "
        "unnest(m.unconstrained_units, m.cost4, m.upside_cents) AS u(wanted, rate, cents) "
        "WHERE m.plan_id = %s AND u.wanted <> 0 AND u.rate <= 0 GROUP BY i.code ORDER BY 3 DESC, 1",
    )


def items_without_price(plan: Plan) -> list[MissingRate]:
    """Items with units in a month whose net price is missing or 0.

    At risk, as the best estimate: the units at the average that customers paid in the last twelve closed months, else at
    standard cost.
    """
    last = plan.first_month_index - month_index(Company.objects.current().history_start)
    window = (max(last - YEAR + 1, 1), last)
    return _missing(
        plan,
        "WITH lost AS (SELECT m.item_id, sum(abs(u.wanted)) AS units, "
        "sum(abs(u.wanted) * greatest(u.cost, 0) / 100000)::bigint AS cost FROM finance_moneyseries m, "
        "unnest(m.unconstrained_units, m.net_price4, m.cost4) AS u(wanted, price, cost) "
        "WHERE m.plan_id = %s AND u.wanted <> 0 AND u.price <= 0 GROUP BY 1) "
        "SELECT i.code, l.units, coalesce((SELECT (l.units * sum(t.net) / nullif(sum(t.sold), 0))::bigint "
        "FROM demand_actualseries a, unnest(a.net_cents[%s:%s], a.units[%s:%s]) AS t(net, sold) "
        "WHERE a.item_id = l.item_id), l.cost) FROM lost l JOIN catalog_item i ON i.id = l.item_id ORDER BY 3 DESC, 1",
        *window,
        *window,
    )


def average_priced_items(plan: Plan) -> list[MissingRate]:
    """Items that the average selling price stands in for, with the units and unconstrained revenue priced so at most.

    A series counts whole when one of its months is priced so.
    """
    return _missing(
        plan,
        "SELECT i.code, sum((SELECT sum(x) FROM unnest(m.unconstrained_units) x))::bigint, "
        "sum((SELECT sum(x) FROM unnest(m.upside_cents) x))::bigint FROM finance_moneyseries m "
        "JOIN catalog_item i ON i.id = m.item_id WHERE m.plan_id = %s AND m.price_rule >= %s "
        "GROUP BY 1 ORDER BY 3 DESC, 1",
        int(DiscountRule.AVERAGE_ITEM_MARKET),
    )


def currencies_without_rate(plan: Plan) -> list[MissingRate]:
    """Currencies of markets with units in a month without a plan exchange rate; at risk: their units at standard cost."""
    return _missing(
        plan,
        "SELECT r.currency_id, sum(abs(u.wanted)), sum(abs(u.wanted) * greatest(u.cost, 0) / 100000)::bigint "
        "FROM finance_moneyseries m JOIN catalog_market k ON k.id = m.market_id JOIN catalog_region r "
        "ON r.id = k.region_id, unnest(m.unconstrained_units, m.fx6, m.cost4) AS u(wanted, fx, cost) "
        "WHERE m.plan_id = %s AND u.wanted <> 0 AND u.fx <= 0 GROUP BY 1 ORDER BY 3 DESC, 1",
    )


def components_without_cost(plan: Plan) -> list[MissingRate]:
    """Items without units of demand that are stocked or used in the plan and never have a standard cost.

    Units: what is used and what lies in stock at the end. At risk, as the best estimate: the same at the lowest price
    of a supplier who sells in the item's unit and the reporting currency; None where nobody does.
    """
    return _missing(
        plan,
        "WITH bare AS (SELECT s.item_id, sum((SELECT sum(x) FROM unnest(s.consumed) x) "
        "+ greatest(s.inventory[cardinality(s.inventory)], 0)) AS units FROM supply_supplyseries s "
        "JOIN catalog_item i ON i.id = s.item_id AND NOT i.is_service WHERE s.plan_id = %s AND NOT EXISTS (SELECT 1 "
        "FROM catalog_standardcost c WHERE c.item_id = i.id AND c.total > 0) AND coalesce(i.undated_cost, 0) <= 0 "
        "AND NOT EXISTS (SELECT 1 FROM finance_moneyseries m, unnest(m.unconstrained_units) w "
        "WHERE m.plan_id = s.plan_id AND m.item_id = s.item_id AND w <> 0) GROUP BY 1) "
        "SELECT i.code, b.units, (SELECT (b.units * min(t.price) / 10)::bigint FROM supply_purchaseterm t, catalog_company k "
        "WHERE t.item_id = b.item_id AND t.uom = i.uom AND t.currency_id = k.currency_id AND t.price > 0) "
        "FROM bare b JOIN catalog_item i ON i.id = b.item_id ORDER BY 3 DESC NULLS LAST, 2 DESC, 1",
    )


def budgets_without_plan(plan: Plan) -> list[MissingRate]:
    """Items still on the market with a budget and neither plan nor sales in the fiscal year; at risk: that budget.

    Ended items are told with the data (`budgets_of_dead_items`).
    """
    end = month_date(window_of(plan).start + YEAR)
    return _missing(
        plan,
        "SELECT i.code, sum((SELECT sum(x) FROM unnest(l.qb_nano) x) / 1000000)::bigint, "
        "sum((SELECT sum(x) FROM unnest(l.budget_cents) x))::bigint FROM finance_bridgeleaf l "
        "JOIN catalog_item i ON i.id = l.item_id WHERE l.plan_id = %s AND l.flag = 2 "
        "AND (i.end_date IS NULL OR i.end_date >= %s) GROUP BY 1 ORDER BY 3 DESC, 1",
        end,
    )


def _missing(plan: Plan, query: str, *parameters: int | date) -> list[MissingRate]:
    with connection.cursor() as cursor:
        cursor.execute(query, (plan.pk, *parameters))
        return [
            MissingRate(code, int(units or 0), None if cents is None else int(cents))
            for code, units, cents in cursor.fetchall()
        ]
