"""Datasets `channels`, `markets` and `sites`: where things are sold and made. A market is every region × channel."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from catalog.datasets.company import currency_faults, require_company
from catalog.models import Channel, ImportBatch, Market, Region, Site
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.company import ensure_currency, ensure_main_site
from catalog.services.table_rows import merge_rows


def cross_markets() -> int:
    """Add the market of every region × channel that has none yet; returns how many were added."""
    there = set(Market.objects.values_list("region_id", "channel_id"))
    regions = list(Region.objects.order_by("id").values_list("id", "code"))
    channels = list(Channel.objects.order_by("id").values_list("id", "code"))
    new = [
        Market(code=f"{region}/{channel}", region_id=region_id, channel_id=channel_id)
        for region_id, region in regions
        for channel_id, channel in channels
        if (region_id, channel_id) not in there
    ]
    Market.objects.bulk_create(new)
    return len(new)


def _apply_channels(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    records = [{"code": row.channel, "name": row.name} for row in rows.itertuples(index=False)]
    return _with_markets(merge_rows(Channel.objects.all(), key=["code"], rows=records))


def _apply_markets(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    company = require_company()
    for code in sorted(set(rows["sales_currency"]) - {""}):
        ensure_currency(code)
    records = [
        {
            "code": row.market,
            "name": row.name,
            "area": row.region,
            "country": row.country,
            "currency_id": row.sales_currency or company.currency_id,
        }
        for row in rows.itertuples(index=False)
    ]
    return _with_markets(merge_rows(Region.objects.all(), key=["code"], rows=records))


def _apply_sites(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    ensure_main_site()
    records = [{"code": row.site, "name": row.name} for row in rows.itertuples(index=False)]
    return merge_rows(Site.objects.all(), key=["code"], rows=records)


def _check_markets(rows: pd.DataFrame) -> list[Fault]:
    return currency_faults("sales_currency", rows["sales_currency"])


def _with_markets(difference: Difference) -> Difference:
    cross_markets()
    totals = {"markets (region × channel)": str(Market.objects.count())}
    return replace(difference, totals=totals)


CHANNELS = Dataset(
    name="channels",
    title="Channels",
    file_name="channels.csv",
    app="catalog",
    order=20,
    columns=(Column("channel", "text"), Column("name", "text")),
    key=("channel",),
    duplicates="refuse",
    mandatory=True,
    grain="a way of selling",
    apply=_apply_channels,
)
MARKETS = Dataset(
    name="markets",
    title="Markets",
    file_name="markets.csv",
    app="catalog",
    order=30,
    columns=(
        Column("market", "text", help="code of the sales region"),
        Column("name", "text"),
        Column(
            "region",
            "text",
            required=False,
            nullable=True,
            help="the area it belongs to",
        ),
        Column("country", "text", required=False, nullable=True),
        Column(
            "sales_currency",
            "text",
            required=False,
            nullable=True,
            help="of sales and prices; else the company's",
        ),
    ),
    key=("market",),
    duplicates="refuse",
    mandatory=True,
    grain="a sales region",
    apply=_apply_markets,
    check=_check_markets,
)
SITES = Dataset(
    name="sites",
    title="Sites",
    file_name="sites.csv",
    app="catalog",
    order=35,
    columns=(Column("site", "text"), Column("name", "text")),
    key=("site",),
    duplicates="refuse",
    mandatory=False,
    grain="a place that makes, buys or stocks",
    apply=_apply_sites,
)
