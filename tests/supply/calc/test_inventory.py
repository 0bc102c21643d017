"""Stock against its policy: classes, both safety stocks, bands, days, excess, age; expected values by hand."""

import numpy as np
import pytest

from supply.calc.inventory import abc_classes, bands, cover_days, mean_age, safety_stocks, stranded, units_of_days

NONE = np.array([np.nan])
DAYS = np.array([31, 28, 31, 30])


def test_the_item_that_crosses_a_limit_belongs_to_the_higher_class() -> None:
    """60 + 30 crosses 80 of 100, 90 + 6 crosses 95, 96 + 4 lies beyond; nothing sold is C."""
    assert abc_classes(np.array([30.0, 60.0, 4.0, 6.0, 0.0])) == ("A", "A", "C", "B", "C")
    assert abc_classes(np.zeros(2)) == ("C", "C")


def test_both_safety_stocks_of_the_worked_example() -> None:
    """Dell: 2,500 a day σ 500, lead time 7 days: at 90 % z·500·√7 = 1,695; with σ_L 7 z·√(7·500² + 2,500²·7²) = 22,491.

    The reorder point is the demand of the lead time and the larger of both.
    """
    found = safety_stocks(
        np.array([2_500.0]),
        np.array([500.0]),
        lead_time=np.array([7.0]),
        lead_deviation=np.array([7.0]),
        service=np.array([0.90]),
    )
    assert found.certain[0] == pytest.approx(1_695, abs=1)
    assert found.both[0] == pytest.approx(22_491, abs=1)
    assert found.reorder_point[0] == pytest.approx(2_500 * 7 + 22_491, abs=1)


def test_days_run_through_real_months() -> None:
    """310 in January, 280 in February: 45 days want 310 + 280 · 14 / 28; that stock lasts 45 days, to the day."""
    coming = np.array([310.0, 280.0, 0.0, 0.0])
    assert units_of_days(coming, DAYS, 45) == pytest.approx(310 + 280 * 14 / 28)
    assert cover_days(450.0, coming, DAYS) == pytest.approx(31 + 28 * (450 - 310) / 280)
    assert cover_days(5.0, np.zeros(4), DAYS) is None


def test_the_band_is_the_safety_stock_and_what_goes_until_the_next_order() -> None:
    """At the end of January February's 280 lie ahead: 50 to 50 + 280; a rule of 14 to 28 days: 140 to 280."""
    coming = np.array([[310.0, 280.0, 310.0, 300.0]])
    low, high = bands(coming, np.array([50.0]), month_days=DAYS, least=NONE, most=NONE, review=1)
    assert (low[0, 0], high[0, 0], high[0, 3]) == (50, 330, 350)
    low, high = bands(
        coming, np.array([50.0]), month_days=DAYS, least=np.array([14.0]), most=np.array([28.0]), review=1
    )
    assert (low[0, 0], high[0, 0]) == (pytest.approx(140), pytest.approx(280))


def test_without_demand_to_come_the_target_is_nothing() -> None:
    low, high = bands(np.zeros((1, 4)), np.array([50.0]), month_days=DAYS, least=NONE, most=NONE, review=1)
    assert not low.any() and not high.any()


def test_excess_obsolete_and_what_expires() -> None:
    """500 against 310 + 280 in two months: nothing; 700: 110 beyond; without demand all of it is obsolete, not excess.

    With a shelf life of 31 days 700 − 310 expire.
    """
    coming = np.array([[310.0, 280.0, 0.0, 0.0]] * 2 + [[0.0] * 4])
    life = np.array([np.nan, 31.0, np.nan])
    found = stranded(np.array([500.0, 700.0, 40.0]), coming, window=2, month_days=DAYS, shelf_life=life)
    assert found.excess.tolist() == [0, 700 - 310 - 280, 0]
    assert found.obsolete.tolist() == [0, 0, 40]
    assert found.expires.tolist() == [0, 700 - 310, 0]


def test_what_is_there_came_in_last() -> None:
    """150 of 100, 100 in the last two months: 100 are half a month old, 50 one and a half; of 250 fifty are older."""
    assert mean_age(150.0, np.array([100.0, 100.0])) == (pytest.approx((100 * 0.5 + 50 * 1.5) / 150), 0)
    assert mean_age(250.0, np.array([100.0, 100.0])) == (pytest.approx(1.0), 50)
    assert mean_age(10.0, np.zeros(0)) == (0, 10)
