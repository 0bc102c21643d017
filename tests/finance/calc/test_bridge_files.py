"""The bridge of two lists of rows against the formulas in exact fractions, and the worked examples to the cent."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.calc.bridge import Driver, MixLevel
from finance.calc.bridge_files import PRINTED, FileRow, bridge_rows

JANUARY = 2014 * 12


def row(item: str, units: str, price: str, **other: str) -> FileRow:
    amount = Decimal(units) * Decimal(price)
    month = JANUARY + int(other.get("month", "0"))
    place = other.get("family", "F"), other.get("market", "M")
    return FileRow(item, *place, month, Decimal(units), amount, Decimal(other.get("fx", "1")))


BUDGET_260 = [row("A", "1000000", "100"), row("B", "800000", "90"), row("C", "500000", "120"), row("D", "400000", "70")]
PLAN_248 = [row("A", "900000", "101"), row("B", "820000", "88"), row("C", "470000", "120"), row("D", "400000", "71.35")]


def nearest(cents: Fraction) -> int:
    """Nearest integer; the examples have no halves."""
    return round(cents)


def test_248_against_260_to_the_cent() -> None:
    """FORMULAS §2: volume (2,590/2,700 − 1) × 260 M, mix the rest of units at budget price, price by row."""
    bridge = bridge_rows(BUDGET_260, PLAN_248, mix_level=MixLevel.ITEM)
    volume = (Fraction(2_590_000, 2_700_000) - 1) * 260_000_000_00
    units_at_budget_price = (-100_000 * 100 + 20_000 * 90 - 30_000 * 120) * 100
    assert bridge.drivers[Driver.VOLUME] == nearest(volume) == -10_592_592_59
    assert bridge.drivers[Driver.MIX] == nearest(units_at_budget_price - volume) == -1_207_407_41
    assert bridge.drivers[Driver.PRICE] == (900_000 * 100 - 820_000 * 200 + 400_000 * 135) == -200_000_00
    assert bridge.total == sum(bridge.drivers.values()) == -12_000_000_00


def test_248_by_family_is_volume_and_price() -> None:
    """The leaf is the family: 2,590,000 units at 248 M / 2,590,000 against 260 M / 2,700,000; there is nothing to mix."""
    bridge = bridge_rows(BUDGET_260, PLAN_248, mix_level=MixLevel.FAMILY)
    volume = nearest((Fraction(2_590_000, 2_700_000) - 1) * 260_000_000_00)
    assert (bridge.drivers[Driver.VOLUME], bridge.drivers[Driver.MIX]) == (volume, 0)
    assert bridge.drivers[Driver.PRICE] == -12_000_000_00 - volume


def test_soda_king() -> None:
    """Horngren, ex. 14-24, contribution per unit: volume +1,054,000, mix −234,000."""
    promised = [row("K", "400000", "2.00"), row("D", "600000", "1.20"), row("P", "1500000", "2.50")]
    sold = [row("K", "480000", "2.00"), row("D", "900000", "1.20"), row("P", "1620000", "2.50")]
    drivers = bridge_rows(promised, sold, mix_level=MixLevel.ITEM).drivers
    contribution = 400_000 * 2 + 600_000 * 6 // 5 + 1_500_000 * 5 // 2
    assert drivers[Driver.VOLUME] == (3_000_000 - 2_500_000) * contribution * 100 // 2_500_000 == 1_054_000_00
    assert drivers[Driver.MIX] == -234_000_00 and drivers[Driver.PRICE] == 0


def test_fx_new_and_discontinued() -> None:
    before = [row("A", "100", "10", fx="1.10"), row("GONE", "3", "7", fx="1.10")]
    after = [row("A", "100", "10", fx="1.17"), row("NEW", "2", "50", fx="1.17")]
    drivers = bridge_rows(before, after, mix_level=MixLevel.ITEM).drivers
    assert drivers[Driver.FX] == 100 * 10 * 7
    assert drivers[Driver.NEW] == 2 * 50 * 117
    assert drivers[Driver.DISCONTINUED] == -3 * 7 * 110


def test_a_market_that_the_other_file_lacks_has_no_fx() -> None:
    """A family new to a market in euros: its whole amount is new, whatever the rate."""
    after = [row("A", "10", "10"), row("A", "10", "10", market="EU", fx="1.17")]
    drivers = bridge_rows([row("A", "10", "10")], after, mix_level=MixLevel.ITEM).drivers
    assert (drivers[Driver.NEW], drivers[Driver.FX]) == (10 * 10 * 117, 0)


def test_new_is_judged_over_all_months() -> None:
    before, after = [row("A", "10", "10"), row("B", "5", "10", month="1")], [row("B", "5", "10"), row("A", "1", "10")]
    drivers = bridge_rows(before, after, mix_level=MixLevel.ITEM).drivers
    assert drivers[Driver.NEW] == drivers[Driver.DISCONTINUED] == 0


def test_rows_of_one_key_are_added_up() -> None:
    split = [row("A", "4", "10"), row("A", "6", "10"), *BUDGET_260[1:]]
    whole = [row("A", "10", "10"), *BUDGET_260[1:]]
    for level in MixLevel:
        assert bridge_rows(split, PLAN_248, mix_level=level) == bridge_rows(whole, PLAN_248, mix_level=level)


def test_an_amount_without_units_is_price_and_returns_are_units() -> None:
    credit = FileRow("A", "F", "M", JANUARY + 1, Decimal(0), Decimal("-25.50"), Decimal(1))
    after = [row("A", "10", "10"), credit, row("B", "-2", "10")]
    drivers = bridge_rows([row("A", "10", "10"), row("B", "3", "10")], after, mix_level=MixLevel.ITEM).drivers
    assert drivers[Driver.PRICE] == -25_50
    assert drivers[Driver.VOLUME] + drivers[Driver.MIX] == -5 * 10_00


def test_nothing_against_nothing_and_against_something() -> None:
    assert bridge_rows([], [], mix_level=MixLevel.ITEM).drivers == dict.fromkeys(PRINTED, 0)
    assert bridge_rows([], PLAN_248, mix_level=MixLevel.ITEM).drivers[Driver.NEW] == 248_000_000_00
    assert bridge_rows(PLAN_248, [], mix_level=MixLevel.ITEM).drivers[Driver.DISCONTINUED] == -248_000_000_00


@pytest.mark.parametrize(("units", "cents"), [("0.5", 1), ("-0.5", -1), ("0.4", 0)])
def test_parts_of_a_cent_are_rounded_once(units: str, cents: int) -> None:
    assert bridge_rows([], [row("A", units, "0.01")], mix_level=MixLevel.ITEM).total == cents


places = st.tuples(st.sampled_from("AB"), st.sampled_from("MN"), st.integers(0, 2))
numbers = st.decimals("-3", "400", places=2) | st.just(Decimal(0))


@st.composite
def lists_of_rows(draw: st.DrawFn) -> list[FileRow]:
    """Rows of five items in two families and markets, with returns, credits, repeats and sub-cent amounts."""
    rows = []
    for item in draw(st.lists(st.integers(1, 5), max_size=12)):
        family, market, month = draw(places)
        units, amount = draw(numbers), draw(st.decimals("-900", "90000", places=4))
        fx = {"M": Decimal(1), "N": draw(st.sampled_from([Decimal("1.1"), Decimal("1.17")]))}[market]
        rows.append(FileRow(f"{family}{item}", family, market, JANUARY + month, units, amount, fx))
    return rows


@settings(max_examples=120, deadline=None)
@given(lists_of_rows(), lists_of_rows(), st.sampled_from(list(MixLevel)))
def test_the_drivers_add_to_the_difference_of_the_revenues(
    before: list[FileRow], after: list[FileRow], level: MixLevel
) -> None:
    bridge = bridge_rows(before, after, mix_level=level)
    exact = revenue(after) - revenue(before)
    assert sum(bridge.drivers.values()) == bridge.total
    assert abs(bridge.total - exact) <= Fraction(1, 2)


@settings(max_examples=120, deadline=None)
@given(lists_of_rows(), lists_of_rows())
def test_new_discontinued_volume_and_mix_are_their_formulas(before: list[FileRow], after: list[FileRow]) -> None:
    """Written again from FORMULAS in exact fractions; every driver within a cent."""
    drivers = bridge_rows(before, after, mix_level=MixLevel.ITEM).drivers
    new, gone, volume = by_formula(before, after)
    assert abs(drivers[Driver.NEW] - new) <= 1
    assert abs(drivers[Driver.DISCONTINUED] - gone) <= 1
    assert abs(drivers[Driver.VOLUME] - volume) <= 1


Leaf = tuple[str, str, str]
Sums = dict[tuple[Leaf, int], list[Fraction]]


def revenue(rows: list[FileRow]) -> Fraction:
    return sum((Fraction(r.amount) * Fraction(r.fx) * 100 for r in rows), Fraction(0))


def summed(rows: list[FileRow]) -> Sums:
    sums: Sums = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for r in rows:
        cell = sums[(r.item, r.family, r.market), r.month]
        cell[0] += Fraction(r.units)
        cell[1] += Fraction(r.amount) * Fraction(r.fx) * 100
    return sums


def by_formula(before: list[FileRow], after: list[FileRow]) -> tuple[Fraction, Fraction, Fraction]:
    b, a = summed(before), summed(after)
    had, has = ({leaf for (leaf, _), cell in side.items() if cell[0]} for side in (b, a))
    new = sum((cell[1] for (leaf, _), cell in a.items() if leaf in has - had), Fraction(0))
    gone = -sum((cell[1] for (leaf, _), cell in b.items() if leaf in had - has and cell[0]), Fraction(0))
    stays, volume = (had & has) | ({leaf for leaf, _ in [*b, *a]} - had - has), Fraction(0)
    for group in {(leaf[1:], month) for leaf, month in [*b, *a]}:
        cells = [(leaf, group[1]) for leaf in stays if leaf[1:] == group[0]]
        promised = sum((b[cell][0] for cell in cells if cell in b), Fraction(0))
        expected = sum((a[cell][0] for cell in cells if cell in a), Fraction(0))
        for cell in cells:
            (qb, mb), (qa, ma) = b.get(cell, [Fraction(0)] * 2), a.get(cell, [Fraction(0)] * 2)
            if promised > 0:
                volume += (expected / promised - 1) * (mb if qb else 0)
            elif qb or qa:
                volume += ma - mb
    return new, gone, volume
