"""The file formats that the ground itself owns, and the things their columns may refer to."""

from __future__ import annotations

from catalog.datasets.budget import BUDGET
from catalog.datasets.company import COMPANY
from catalog.datasets.fx import FX_RATES
from catalog.datasets.markets import CHANNELS, MARKETS, SITES
from catalog.datasets.price_actions import PRICE_ACTIONS
from catalog.datasets.products import PRODUCTS
from catalog.datasets.rates import COST_HISTORY, PLANNED_DISCOUNTS, PRICE_HISTORY
from catalog.models import (
    Category,
    Channel,
    Currency,
    Family,
    Item,
    Market,
    Region,
    Site,
)
from catalog.registry import register_dataset, register_reference


def register_all() -> None:
    """Register the ground's references and datasets; called once, when the app starts."""
    register_reference("item", lambda: dict(Item.objects.values_list("code", "id")))
    register_reference("family", lambda: dict(Family.objects.values_list("code", "id")))
    register_reference("category", lambda: dict(Category.objects.values_list("code", "id")))
    register_reference("region", lambda: dict(Region.objects.values_list("code", "id")))
    register_reference("channel", lambda: dict(Channel.objects.values_list("code", "id")))
    register_reference("market", lambda: dict(Market.objects.values_list("code", "id")))
    register_reference("site", lambda: dict(Site.objects.values_list("code", "id")))
    register_reference(
        "currency",
        lambda: {code: code for code in Currency.objects.values_list("code", flat=True)},
    )
    for dataset in (
        COMPANY,
        CHANNELS,
        MARKETS,
        SITES,
        PRODUCTS,
        PRICE_HISTORY,
        COST_HISTORY,
        PLANNED_DISCOUNTS,
        PRICE_ACTIONS,
        FX_RATES,
        BUDGET,
    ):
        register_dataset(dataset)
