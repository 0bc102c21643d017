"""An approved plan stays what it was: whatever is loaded afterwards, its pages read the snapshot, and `verify` checks it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from catalog.calc.dollars import to_cents
from catalog.models import Item, ListPrice, StandardCost
from cycles.calc.canonical import canonical
from cycles.models import Snapshot, SnapshotRow, Stage
from cycles.selectors import Scope, scope_of
from supply.frames import load_constrained, load_production
from supply.models import (
    BomLine,
    PurchaseTerm,
    Routing,
    StockBudget,
    StockOnHand,
    StockRule,
    SupplySetting,
    WorkCentre,
    WorkCentreLoad,
)
from supply.sections import frozen_problems, supply_header, supply_rows
from supply.selectors import overloads_of, supply_state
from supply.services.frozen_stock import lost_demand_of
from supply.services.inventory import inventory_of
from supply.services.item_supply import item_supply
from supply.services.loads import planned_month
from supply.services.plan_policy import policy_centres, policy_costs
from supply.services.purchases import purchases_of
from supply.services.review import review_of
from tests.kept import fresh, kept
from tests.supply.company import SupplyCompany, demand, open_supply_stage, solve, supply_company

pytestmark = pytest.mark.django_db
NORTH = "NORTH/DIRECT"
PAGES = ("", "?show=units", "inventory/", "items/CHAIR-OAK/", "requirements/", "loads/WOOD/2014-01/?load=planned")


def _company() -> SupplyCompany:
    """Chairs beyond the hours of WOOD, a bought kit with a supplier, lamps on stock with a rule and a budget."""
    company = supply_company()
    lamp = company.base.items["LAMP-DESK"]
    PurchaseTerm.objects.create(
        item=company.kit, supplier=company.supplier, lead_time_days=0, uom="EA", price=30, currency_id="USD"
    )
    StockOnHand.objects.create(item=lamp, site=company.base.site, as_of=date(2013, 12, 31), quantity=400_000)
    StockRule.objects.create(item=lamp, most_days=30, service_level=Decimal("0.9"))
    StockBudget.objects.create(month=date(2014, 1, 1), cents=500_00)
    demand(company, {("CHAIR-OAK", NORTH): [1000.0, 0, 0, 0, 0, 0], ("LAMP-DESK", NORTH): [10.0] * 6})
    open_supply_stage(company)
    solve(company)
    return company


company_once = kept(_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def approve(company: SupplyCompany, spoilt: Mapping[tuple[str, str], list[int]] | None = None) -> Snapshot:
    """Approve the plan as far as supply is concerned: its rows frozen, the executive stage approved; fields `spoilt`."""
    now, cast = timezone.now(), company.cast
    Stage.objects.filter(plan=company.plan, kind="executive").update(
        status="approved", submitted_by=cast.finance, submitted_at=now, approved_by=cast.executive, approved_at=now
    )
    rows, header = list(supply_rows(company.plan)), {"sections": {"supply": supply_header(company.plan)}}
    snapshot = Snapshot.objects.create(
        plan=company.plan, number="2014-01", sequence=1, first_month=company.plan.first_month, horizon=6, revision=0,
        header=header, root="a" * 64, row_count=len(rows), approved_by=cast.executive,
    )  # fmt: skip
    for position, row in enumerate(rows):
        canonical(dict(row.fields))
        fields = dict(row.fields)
        fields |= {name: values for (word, name), values in (spoilt or {}).items() if word == row.key[0]}
        kept_row = {"position": position, "key": list(row.key), "fields": fields}
        SnapshotRow.objects.create(snapshot=snapshot, section="supply", digests={}, digest="0" * 64, **kept_row)
    return snapshot


def shown(company: SupplyCompany, scope: Scope) -> dict[str, Any]:
    """Everything that the supply, inventory and item pages compute."""
    plan, chair = company.plan, Item.objects.get(code="CHAIR-OAK")
    inventory = inventory_of(plan, scope)
    review = review_of(plan, scope)
    return {
        "review": replace(review, overloads=()),
        "overloads": [(row.subject, row.premium_cents, row.lost_margin_cents) for row in overloads_of(plan)],
        "inventory": inventory,
        "lost": lost_demand_of(plan, list(inventory.stranded)),
        "purchases": [(row.name, row.cents) for row in purchases_of(plan, scope).suppliers],
        "item": replace(item_supply(plan, chair, scope), item=chair, pins=()),
        "policy": (policy_costs(plan), policy_centres(plan)),
        "drill": planned_month(plan, WorkCentreLoad.objects.get(plan=plan), 0, scope).hours,
        "is_current": supply_state(plan).is_current,
    }


def page(client: Client, path: str) -> str:
    """What a page says, without what belongs to the request."""
    answer = client.get(f"/supply/2014-01/{path}")
    assert answer.status_code == 200
    main = answer.content.decode().split("<main", 1)[1]
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", main)


def load_other_files(company: SupplyCompany) -> None:
    """Costs, prices, routings, rates, names, rules, budget and policy are all others than they were."""
    StandardCost.objects.all().update(total=F("total") + 900, material=F("material") + 900)
    ListPrice.objects.all().update(price=1)
    Routing.objects.all().update(hours_per_unit=3)
    WorkCentre.objects.all().update(cost_rate=77, overtime_premium=2)
    company.supplier.name = "Another"
    company.supplier.save()
    BomLine.objects.all().update(quantity=9)
    StockRule.objects.all().update(most_days=300, shelf_life_days=5)
    StockBudget.objects.all().update(cents=1)
    Item.objects.all().update(safety_stock_milli=5_000)
    SupplySetting.objects.create(name="holding_per_month", value="0.5")


@pytest.mark.long
def test_nothing_of_an_approved_plan_moves(company: SupplyCompany, client: Client) -> None:
    """The same before and after everything was loaded anew; reopened, the plan is read with what holds today."""
    scopes = [
        scope_of(company.cast.supply_planner),
        Scope(((frozenset({company.base.items["CHAIR-OAK"].family_id}), None),)),
    ]
    before = [shown(company, scope) for scope in scopes]
    assert before[0]["purchases"][0][0] == "Supplier One"
    approve(company)
    client.force_login(company.cast.viewer)
    pages = [page(client, path) for path in PAGES]
    load_other_files(company)
    assert [path for path, text in zip(PAGES, pages, strict=True) if page(client, path) != text] == []
    after = [shown(company, scope) for scope in scopes]
    for then, now in zip(before, after, strict=True):
        assert {name for name in then if then[name] != now[name]} == set()
    Stage.objects.filter(plan=company.plan, kind="executive").update(
        status="open", submitted_by=None, submitted_at=None, approved_by=None, approved_at=None
    )
    today = shown(company, scopes[0])
    assert {name for name in today if today[name] != before[0][name]} >= {
        "review", "overloads", "inventory", "purchases", "item", "policy", "drill",
    }  # fmt: skip


def test_frozen_figures_are_checked(company: SupplyCompany) -> None:
    """Revenue by family and market is that of its shipments; stock is units × standard; a changed cell is named."""
    snapshot, made, sent = approve(company), load_production(company.plan), load_constrained(company.plan)
    rows = {tuple(row.key): row.fields for row in SnapshotRow.objects.filter(snapshot=snapshot)}
    assert not list(frozen_problems())
    revenue = [fields for key, fields in rows.items() if key[0] == "revenue"]
    assert sum(sum(row["ship"]) for row in revenue) == int(sent.ship.sum())
    assert sum(sum(row["amount"]) for row in revenue) == review_of(company.plan, Scope(((None, None),))).revenue_cents
    production = [fields for key, fields in rows.items() if key[0] == "production"]
    assert sum(row["inventory_cents"][0] for row in production) == sum(
        int(to_cents(units, row["standard4"][0]))
        for units, row in zip((row["inventory"][0] for row in production), production, strict=True)
    )
    assert len(production) == len(made.item_ids)
    assert rows[("load", "WOOD")]["overtime"][0] > 0 and ("shortage", "CHAIR-OAK", "2014-01") in rows


def test_a_changed_frozen_figure_is_named(company: SupplyCompany) -> None:
    """Stock of another value in every row, and a revenue that ships nothing while its series do."""
    approve(company, {("production", "inventory_cents"): [1] * 6, ("revenue", "ship"): [0] * 6})
    told = [problem.what for problem in frozen_problems()]
    assert told.count("inventory_cents is not inventory × standard4") == len(load_production(company.plan).item_ids)
    shipped = int(load_constrained(company.plan).ship.sum()) / 1000
    assert told[-1] == f"ship misses that of the shipments by {shipped:,.3f}"
