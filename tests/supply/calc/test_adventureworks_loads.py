"""The acceptance figures: actual units of January–April 2014 through the unexpired bill of materials, lot for lot."""

import os
from calendar import monthrange
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from supply.calc.capacity import RoutingLines, available_hours, load_percent, required_hours
from supply.calc.explosion import BomLines, explode

PACK = Path(os.environ.get("SOP_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "adventureworks"
pytestmark = pytest.mark.skipif(not PACK.is_dir(), reason="the AdventureWorks pack is not beside the checkout")
MONTHS = [1, 2, 3, 4]


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(PACK / f"{name}.csv")


@pytest.fixture(scope="module")
def loads() -> pd.DataFrame:
    """Load in % by work centre (rows) and month (columns)."""
    codes = read("products")["sku"].tolist()
    number = {code: index for index, code in enumerate(codes)}
    sales = read("sales_monthly").groupby(["sku", "month"])["units"].sum().unstack(fill_value=0)
    units = sales.reindex(codes, fill_value=0)[[f"2014-{month:02d}-01" for month in MONTHS]].to_numpy(np.float64)
    lines = read("bom").query("valid_to != valid_to")
    bom = BomLines(
        lines["parent_sku"].map(number).to_numpy(),
        lines["component_sku"].map(number).to_numpy(),
        lines["qty_per"].to_numpy(np.float64),
        np.ones((len(lines), len(MONTHS)), bool),
    )
    routings = read("routings").dropna(subset=["std_hours_per_unit_last12"])
    centres = read("work_centres").query("is_production == 'Y'").reset_index(drop=True)
    position = {code: index for index, code in enumerate(centres["work_centre"])}
    routing = RoutingLines(
        routings["sku"].map(number).to_numpy(),
        routings["work_centre"].map(position).to_numpy(),
        routings["std_hours_per_unit_last12"].to_numpy(np.float64),
    )
    days = np.array([monthrange(2014, month)[1] for month in MONTHS])
    available = available_hours(centres["availability_hours"].to_numpy(np.float64), days)
    percent = load_percent(required_hours(explode(units, bom, codes), routing, len(centres)), available)
    return pd.DataFrame(percent, index=centres["work_centre"], columns=MONTHS)


@pytest.mark.parametrize(("centre", "expected"), [("WC50", [101, 91, 117, 122]), ("WC60", [99, 88, 113, 120])])
def test_load_of_assembly(loads: pd.DataFrame, centre: str, expected: list[int]) -> None:
    assert loads.loc[centre].to_numpy() == pytest.approx(expected, abs=0.5)


def test_frames_are_no_bottleneck(loads: pd.DataFrame) -> None:
    assert loads.loc["WC10"].max() < 70
    assert loads.loc["WC20"].max() < 40
