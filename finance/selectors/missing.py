"""Rates that are missing under units: costs of sold items, prices, standards of components."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from cycles.models import Plan


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
    """Items with units in a month whose net price or exchange rate is missing; at risk: their standard cost."""
    return _missing(
        plan,
        "SELECT i.code, sum(abs(u.wanted)), sum(abs(u.wanted) * greatest(u.cost, 0) / 100000)::bigint "
        "FROM finance_moneyseries m JOIN catalog_item i ON i.id = m.item_id, "
        "unnest(m.unconstrained_units, m.net_price4, m.fx6, m.cost4) AS u(wanted, price, fx, cost) "
        "WHERE m.plan_id = %s AND u.wanted <> 0 AND (u.price < 0 OR u.fx <= 0) GROUP BY i.code ORDER BY 3 DESC, 1",
    )


def components_without_cost(plan: Plan) -> list[MissingRate]:
    """Items that are not sold, are stocked or used in the plan, and have no standard cost in its first month."""
    return _missing(
        plan,
        "SELECT i.code, sum((SELECT sum(x) FROM unnest(s.consumed) x)), NULL::bigint FROM supply_supplyseries s "
        "JOIN catalog_item i ON i.id = s.item_id AND NOT i.is_sold "
        "WHERE s.plan_id = %s AND NOT EXISTS (SELECT 1 FROM catalog_standardcost c WHERE c.item_id = i.id "
        "AND c.total > 0) AND coalesce(i.undated_cost, 0) <= 0 GROUP BY i.code ORDER BY 2 DESC, 1",
    )


def _missing(plan: Plan, query: str) -> list[MissingRate]:
    with connection.cursor() as cursor:
        cursor.execute(query, (plan.pk,))
        return [
            MissingRate(code, int(units or 0), None if cents is None else int(cents))
            for code, units, cents in cursor.fetchall()
        ]
