"""Stock below its safety stock that the plan's first month fills up: named, because inventory and cash move by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from cycles.models import Plan


@dataclass(frozen=True)
class Refill:
    """What refilling safety stock puts into inventory in the plan's first month: cents at standard, positive."""

    month: date
    item_count: int
    cents: int


def refill_of(plan: Plan) -> Refill | None:
    """The refill of the first month; None when no item opened below its safety stock and was brought nearer to it.

    Per item over its sites: min(closing, safety stock) − opening, where positive, at the standard of the month
    (closing value ÷ closing units). A dearer or cheaper rest of the stock is not part of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH stock AS (SELECT m.item_id, i.safety_stock_milli AS safety, sum(s.opening) AS opening, "
            "sum(m.closing_units[1]) AS closing, sum(m.value_cents[1]) AS cents FROM finance_inventorymoney m "
            "JOIN catalog_item i ON i.id = m.item_id JOIN supply_supplyseries s ON s.plan_id = m.plan_id "
            "AND s.item_id = m.item_id AND s.site_id = m.site_id WHERE m.plan_id = %s AND i.safety_stock_milli > 0 "
            "GROUP BY 1, 2) SELECT count(*), coalesce(sum(round((least(closing, safety) - opening) * cents / closing)), 0)"
            "::bigint FROM stock WHERE closing > opening AND opening < safety",
            (plan.pk,),
        )
        count, cents = cursor.fetchone()
    return Refill(plan.first_month, int(count), int(cents)) if cents else None
