"""The demo company's files: the same bytes, the agreed totals, and every trap that a month needs. No database."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from sop_portal.demo import company
from sop_portal.demo.generate import generate_pack


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated pack."""
    made = tmp_path_factory.mktemp("pack")
    generate_pack(made)
    return made


def table(folder: Path, name: str) -> pd.DataFrame:
    """A file with exact text."""
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def cents(column: pd.Series) -> int:
    """Exact sum of amounts, in cents."""
    return int(sum(map(Decimal, column)) * 100)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_same_bytes_on_every_run(folder: Path, tmp_path: Path) -> None:
    generate_pack(tmp_path)
    assert digests(tmp_path) == digests(folder)


def test_the_budget_is_the_agreed_total(folder: Path) -> None:
    assert cents(table(folder, "budget_derived")["revenue"]) == company.BUDGET_REVENUE_CENTS == 260_000_000_00


def test_the_company_has_the_size_that_was_asked_for(folder: Path) -> None:
    products = table(folder, "products")
    assert products["family"].replace("", pd.NA).nunique() == 12
    assert len(products) == 12 * 9 + 12
    assert len(table(folder, "markets")) * len(table(folder, "channels")) == 8
    assert len(table(folder, "sites")) == 3
    assert len(table(folder, "work_centres")) == 10
    assert table(folder, "sales_monthly")["month"].nunique() == 36


def test_no_file_tells_what_has_not_happened_yet(tmp_path: Path) -> None:
    generate_pack(tmp_path, cycle=company.FIRST_CYCLE)
    for name, column in (("sales_monthly", "month"), ("inventory", "as_of"), ("balances", "month")):
        assert table(tmp_path, name)[column].max() < company.FIRST_CYCLE.isoformat()


def test_an_earlier_cycle_has_the_same_past(folder: Path, tmp_path: Path) -> None:
    generate_pack(tmp_path, cycle=company.FIRST_CYCLE)
    later, earlier = table(folder, "sales_monthly"), table(tmp_path, "sales_monthly")
    past = later[later["month"] < company.FIRST_CYCLE.isoformat()].reset_index(drop=True)
    pd.testing.assert_frame_equal(past, earlier)


def test_returns_stand_as_rows_of_their_own_under_the_same_key(folder: Path) -> None:
    sales = table(folder, "sales_monthly")
    back = sales[sales["units"].str.startswith("-")]
    assert len(back) > 1000
    assert sales.duplicated(["month", "sku", "market", "channel"]).any()


def test_a_launch_a_delisting_and_a_run_out(folder: Path) -> None:
    sales, budget = table(folder, "sales_monthly"), table(folder, "budget_derived")
    months = sales.groupby("sku")["month"]
    assert months.min()[company.LAUNCHED] == company.LAUNCH_DAY.isoformat()
    assert company.LAUNCHED not in set(budget["sku"])
    assert months.max()[company.DELISTED] == date(2025, 12, 1).isoformat()
    assert company.DELISTED in set(budget["sku"])
    after = sales[(sales["sku"] == company.RUN_OUT) & (sales["month"] > company.RUN_OUT_DAY.isoformat())]
    assert (after["units"].astype(int) < 0).all()
    assert len(after) > 0


def test_net_is_list_less_discount(folder: Path) -> None:
    sales = table(folder, "sales_monthly")
    off = cents(sales["gross_revenue"]) - cents(sales["discount"])
    assert off == cents(sales["net_revenue"])


def test_prices_never_overlap_and_never_end(folder: Path) -> None:
    prices = table(folder, "price_history").sort_values(["sku", "market", "valid_from"])
    grouped = prices.groupby(["sku", "market"])
    assert (grouped["valid_to"].last() == "").all()
    following = grouped["valid_from"].shift(-1)
    inner = following.notna()
    ends = pd.to_datetime(prices.loc[inner, "valid_to"]) + pd.Timedelta(days=1)
    assert (ends == pd.to_datetime(following[inner])).all()


def test_more_than_one_currency_is_sold_in(folder: Path) -> None:
    assert set(table(folder, "markets")["sales_currency"]) == {"USD", "CAD", "GBP", "EUR"}
    kinds = table(folder, "fx_rates_monthly").groupby("from_currency")["kind"].unique()
    assert all(set(given) == {"actual", "budget", "plan"} for given in kinds)
