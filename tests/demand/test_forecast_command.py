"""manage.py forecast: a file in, a file out, the calculation of the portal, no database."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from demand.calc.forecasting import forecast_segments
from sop_portal.embedded import entry

SEASON = np.array([5, 5, 6, 8, 12, 15, 16, 15, 12, 8, 6, 5], float)


def history(folder: Path) -> tuple[Path, np.ndarray]:
    """Two products of three years; the second one grows."""
    values = np.stack([np.tile(SEASON, 3), np.tile(SEASON, 3) + np.arange(36)])
    months = pd.period_range("2011-01", periods=36, freq="M").astype(str)
    rows = [(f"P{row}", month, value) for row in (0, 1) for month, value in zip(months, values[row], strict=True)]
    path = folder / "history.csv"
    pd.DataFrame(rows, columns=["series", "month", "value"]).to_csv(path, index=False)
    return path, values


def test_it_writes_what_the_portal_would_forecast(tmp_path: Path) -> None:
    path, values = history(tmp_path)
    out = tmp_path / "new" / "forecast.csv"
    call_command("forecast", history=path, horizon=18, out=out)
    told = pd.read_csv(out)
    block = forecast_segments(values, 18)
    assert told.columns.tolist() == ["series", "month", "value", "lower", "upper", "model"]
    assert told["value"].to_numpy().reshape(2, 18) == pytest.approx(block.points, rel=1e-8)
    assert told["upper"].to_numpy().reshape(2, 18) == pytest.approx(block.high, rel=1e-8)
    assert told["model"].tolist() == np.repeat(block.model, 18).tolist()
    assert told["month"].tolist()[:18] == pd.period_range("2014-01", periods=18, freq="M").astype(str).tolist()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"horizon": 0}, "--horizon"),
        ({"history": "nowhere.csv"}, "cannot be read as CSV"),
    ],
)
def test_a_refusal_names_its_reason(tmp_path: Path, words: dict[str, object], said: str) -> None:
    path, _ = history(tmp_path)
    wish = {"history": path, "horizon": 2, "out": tmp_path / "out.csv", **words}
    wish["history"] = Path(str(wish["history"]))
    with pytest.raises(CommandError, match=said):
        call_command("forecast", **wish)


def test_no_server_is_started_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first command asks for none; another one does."""
    started: list[str] = []
    monkeypatch.setattr(entry, "use_servers", lambda: started.append("both"))
    entry.use_servers_for_command(["manage.py", "forecast", "--history", "a.csv"])
    assert started == []
    entry.use_servers_for_command(["manage.py", "verify"])
    assert started == ["both"]
