"""Money of a node of the hierarchy by month: the stored landing of open months, the actuals of closed ones."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from catalog.calc.months import month_index
from catalog.models import Company
from cycles.models import Plan
from finance.selectors.position import latest_landing

WITHIN = (
    "(%(family)s::bigint IS NULL OR i.family_id = %(family)s) "
    "AND (%(category)s::bigint IS NULL OR f.category_id = %(category)s) "
    "AND (%(market)s::bigint IS NULL OR s.market_id = %(market)s)"
)
JOINED = "JOIN catalog_item i ON i.id = s.item_id JOIN catalog_family f ON f.id = i.family_id"


@dataclass(frozen=True, order=True)
class Place:
    """A node of the hierarchy by ids; all None is the company."""

    category_id: int | None = None
    family_id: int | None = None
    market_id: int | None = None


@dataclass(frozen=True)
class MonthlyMoney:
    """Revenue and margin at standard (revenue − COGS at standard) per month, cents; empty where nothing is known."""

    revenue: list[int]
    margin: list[int]


def landing_by_month(plan: Plan, place: Place, first_month: int, count: int) -> MonthlyMoney:
    """The stored landing of a node in open months of a plan; empty before the first landing.

    Args:
        plan: the plan.
        place: the node.
        first_month: month number, not before the plan's first.
        count: how many months from there; all inside the horizon.
    """
    if latest_landing(plan) is None:
        return MonthlyMoney([], [])
    rows = _sums(
        "SELECT u.n, sum(u.revenue)::bigint, sum(u.revenue - u.cogs)::bigint FROM finance_moneyseries s "
        f"{JOINED}, unnest(s.revenue_cents, s.cogs_cents) WITH ORDINALITY AS u(revenue, cogs, n) "
        f"WHERE s.plan_id = %(plan)s AND u.n BETWEEN %(first)s AND %(last)s AND {WITHIN} GROUP BY u.n",
        place,
        first=first_month - plan.first_month_index + 1,
        count=count,
        plan=plan.pk,
    )
    return _monthly(rows, first_month - plan.first_month_index + 1, count)


def actuals_by_month(place: Place, first_month: int, count: int) -> MonthlyMoney:
    """Stored net sales and margin at standard of a node in `count` closed months from `first_month`."""
    first = first_month - month_index(Company.objects.current().history_start) + 1
    rows = _sums(
        "SELECT u.n, sum(u.net)::bigint, sum(u.net - u.cogs)::bigint FROM demand_actualseries s "
        f"{JOINED}, unnest(s.net_cents, s.cogs_cents) WITH ORDINALITY AS u(net, cogs, n) "
        f"WHERE u.n BETWEEN %(first)s AND %(last)s AND {WITHIN} GROUP BY u.n",
        place,
        first=first,
        count=count,
    )
    return _monthly(rows, first, count)


def _sums(query: str, place: Place, *, first: int, count: int, plan: int = 0) -> dict[int, tuple[int, int]]:
    values = {"family": place.family_id, "category": place.category_id, "market": place.market_id, "plan": plan}
    with connection.cursor() as cursor:
        cursor.execute(query, values | {"first": first, "last": first + count - 1})
        return {int(place_of): (int(revenue), int(margin)) for place_of, revenue, margin in cursor.fetchall()}


def _monthly(rows: dict[int, tuple[int, int]], first: int, count: int) -> MonthlyMoney:
    found = [rows.get(position, (0, 0)) for position in range(first, first + count)]
    return MonthlyMoney([revenue for revenue, _ in found], [margin for _, margin in found])
