"""manage.py forecast: the portal's baseline calculation on any CSV of (series, month, value)."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from django.core.management.base import BaseCommand, CommandError, CommandParser
from numpy.typing import NDArray

from demand.calc.forecast_block import ForecastBlock, stacked
from demand.calc.forecast_file import UnreadableHistory, forecast_table, history_of
from demand.calc.forecasting import forecast_series

Floats = NDArray[np.float64]

CORES = 2
PORTION = 25


class Command(BaseCommand):
    """Reads the history, forecasts it on two cores, writes one row per series and month; needs no database."""

    help = (
        "Forecast every series of a CSV (series, month, value) and write (series, month, value, lower, upper, model)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the two files, the horizon, and how much time it may take."""
        parser.add_argument("--history", type=Path, required=True, help="CSV with a row per series and month")
        parser.add_argument("--horizon", type=int, required=True, help="months to forecast, 1 or more")
        parser.add_argument("--out", type=Path, required=True, help="CSV to write")
        parser.add_argument("--thorough", action="store_true", help="take the slow methods too")
        parser.add_argument("--cores", type=int, default=CORES, help="processes, %(default)s by default")

    def handle(self, *args: Any, **options: Any) -> None:
        """Forecast and write; a file that cannot be read ends the command with its reason."""
        if options["horizon"] < 1 or options["cores"] < 1:
            raise CommandError("--horizon and --cores are whole numbers from 1 up.")
        started = time.monotonic()
        try:
            table = pd.read_csv(options["history"], dtype=str, keep_default_na=False)
            history = history_of(table)
        except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise CommandError(f"{options['history']} cannot be read as CSV: {error}") from error
        except UnreadableHistory as error:
            raise CommandError(f"{options['history']}: {error}") from error
        if history.filled:
            self.stderr.write(f"{history.filled} months missing inside their series count as 0.")
        block = self._forecast(history.values, options)
        options["out"].parent.mkdir(parents=True, exist_ok=True)
        forecast_table(history, block).to_csv(options["out"], index=False, float_format="%.10g")
        self.stderr.write(f"{len(history.names)} series in {time.monotonic() - started:.0f} s → {options['out']}")

    def _forecast(self, values: Floats, options: dict[str, Any]) -> ForecastBlock:
        """The forecast in portions, so that every core is busy and the progress is seen."""
        portions = [values[start : start + PORTION] for start in range(0, len(values), PORTION)]
        work = partial(forecast_series, horizon=options["horizon"], thorough=options["thorough"])
        blocks, done = [], 0
        with ProcessPoolExecutor(max_workers=min(options["cores"], len(portions))) as pool:
            for block in pool.map(work, portions):
                blocks.append(block)
                done += len(block.points)
                self.stderr.write(f"{done} of {len(values)} series forecast")
        return stacked(blocks)
