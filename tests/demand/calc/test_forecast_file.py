"""Reading a history of any kind of months, refusing what is none, writing the forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from demand.calc.forecast_file import UnreadableHistory, forecast_table, history_of
from demand.calc.forecasting import forecast_series


def table(*rows: tuple[str, str, str], columns: tuple[str, str, str] = ("series", "month", "value")) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    "months",
    [("2013-11", "2013-12"), ("2013-11-01", "2013-12-31"), ("201311", "2013/12"), ("2013M11", "2013-12-01 00:00:00")],
)
def test_months_in_words_of_the_calendar(months: tuple[str, str]) -> None:
    history = history_of(table(("A", months[0], "1"), ("A", months[1], "2.5")))
    assert history.dated and history.last.tolist() == [2013 * 12 + 11]
    assert history.values.tolist() == [[1, 2.5]] and history.filled == 0


def test_series_end_with_their_own_last_month_in_any_order_of_rows() -> None:
    rows = [("B", "7", "30"), ("A", "3.0", "2"), ("B", "6", "20"), ("A", "1", "1")]
    history = history_of(table(*rows, columns=("unique_id", "ds", "y")))
    assert history.names == ["B", "A"] and history.last.tolist() == [7, 3] and not history.dated
    assert np.isnan(history.values[0, 0]) and history.values[0, 1:].tolist() == [20, 30]
    assert history.values[1].tolist() == [1, 0, 2] and history.filled == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("A", "2013-11", "x")], "row 2, value 'x' is not a number"),
        ([("A", "2013-11", "1"), ("A", "2013-13", "1")], "row 3, month '2013-13' is not a month"),
        ([("A", "2013-11", "1"), ("A", "2013-11-01", "1")], "row 3, month '2013-11-01' stands twice"),
        ([(" ", "2013-11", "1")], "row 2, series ' ' names no series"),
        ([], "no rows"),
    ],
)
def test_what_cannot_be_read_names_row_column_and_value(rows: list[tuple[str, str, str]], said: str) -> None:
    with pytest.raises(UnreadableHistory) as refused:
        history_of(table(*rows))
    assert said in str(refused.value).replace(": ", " ")


def test_a_missing_column_says_what_there_is() -> None:
    with pytest.raises(UnreadableHistory, match="No column for the value: the file has series, month, amount"):
        history_of(table(("A", "1", "1"), columns=("series", "month", "amount")))


def test_the_forecast_follows_each_series_own_last_month() -> None:
    rows = [("A", f"2013-{month:02d}", "5") for month in range(1, 13)] + [("B", "2013-05", "3"), ("B", "2013-06", "3")]
    history = history_of(table(*rows))
    told = forecast_table(history, forecast_series(history.values, horizon=2))
    assert told["month"].tolist() == ["2014-01", "2014-02", "2013-07", "2013-08"]
    assert told["value"].tolist() == pytest.approx([5, 5, 3, 3])
    assert (told["lower"] <= told["value"]).all() and (told["value"] <= told["upper"]).all()


def test_a_series_below_zero_is_forecast_below_zero() -> None:
    history = history_of(table(*[("A", str(month), str(-50 + month % 2)) for month in range(1, 25)]))
    block = forecast_series(history.values, horizon=3)
    assert (np.abs(block.points + 49.5) <= 0.5 + 1e-9).all()


def test_a_silent_series_has_a_model_that_is_no_missing_value() -> None:
    history = history_of(table(*[("A", str(month), "0") for month in range(1, 15)]))
    told = forecast_table(history, forecast_series(history.values, horizon=2))
    assert told["model"].tolist() == ["Zero"] * 2 and not told[["value", "lower", "upper"]].to_numpy().any()
