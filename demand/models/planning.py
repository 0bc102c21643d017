"""The demand side of a plan: its series and the forecasts behind them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

METHODS = {
    "Combination": "Combination of methods",
    "SeasonalNaive": "As a year before",
    "AutoETS": "Exponential smoothing",
    "AutoTheta": "Theta",
    "Theta": "Theta (optimised)",
    "Theta-additive": "Theta, additive season",
    "CES": "Complex smoothing",
    "MSTL-Theta": "Theta over a moving season",
    "MFLES": "Boosted components",
    "CrostonSBA": "Croston (sparse)",
    "TSB": "Size and chance of a sale (sparse)",
    "ADIDA": "Sums over its own interval (sparse)",
    "IMAPA": "Sums over several intervals (sparse)",
    "Rhythm": "Quarterly rhythm",
    "Rhythm-slow": "Quarterly rhythm, slow",
    "WindowAverage": "Recent mean",
    "WindowAverage-6": "Mean of six months",
    "None": "Nothing sold lately",
}

#: A tracking signal beyond this many MADs says that the errors lie on one side (Chopra & Meindl, ch. 7, take 6 over a
#: longer past; over six months 6 is the most there can be).
DRIFT_LIMIT = 4.0


class Series(models.Model):
    """One item in one market in one plan. Grain: plan × item × market; arrays of `plan.horizon` milli-units.

    consensus = baseline + Σ deltas of the edit lines, always: a cache that `manage.py verify` rebuilds and compares.
    Changed only by `demand.services`. `batch` tells the series of a new baseline from those that they are about to
    replace: two batches of a plan stand side by side only inside the transaction that publishes, so readers need not
    look at it (`manage.py verify` says when a series stands twice).
    """

    plan = models.ForeignKey(
        "cycles.Plan", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    item = models.ForeignKey(
        "catalog.Item", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    market = models.ForeignKey(
        "catalog.Market", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    baseline = ArrayField(models.BigIntegerField())
    consensus = ArrayField(models.BigIntegerField())
    batch = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(fields=["plan", "item", "market", "batch"], name="series_once_in_a_batch")
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.item_id} · {self.market_id}"


class SegmentForecast(models.Model):
    """How the baseline of one family in one market came about. Grain: plan × family × market; replaced by each run.

    `model` is the method chosen by backtest. `wmape` and `bias` are fractions over lags 1–3 (bias = Σ(F−A)/ΣA, positive
    is too high), `naive_wmape` that of the seasonal naive on the same windows; None where ΣA is 0 or history too short.
    `tracking_signal` = Σ(A−F)/MAD of the same windows, None where every error is 0. `cycles` earlier plans are judged by
    what they told for their own first month: `cycle_tracking`, `cycle_wmape` and `cycle_naive_wmape` over these months. `points`, `low`, `high`: milli-units
    per month of the horizon, 80 % interval. `evidence`: kind of series, SHA-256 of its history, WMAPE of every candidate,
    parameters, versions (docs/forecasting.md).
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey("catalog.Family", on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey("catalog.Market", on_delete=models.PROTECT, related_name="+")
    model = models.CharField(max_length=30)
    windows = models.PositiveSmallIntegerField()
    wmape = models.FloatField(null=True)
    bias = models.FloatField(null=True)
    naive_wmape = models.FloatField(null=True)
    tracking_signal = models.FloatField(null=True)
    cycles = models.PositiveSmallIntegerField(default=0)
    cycle_tracking = models.FloatField(null=True)
    cycle_wmape = models.FloatField(null=True)
    cycle_naive_wmape = models.FloatField(null=True)
    evidence = models.JSONField(default=dict)
    points = ArrayField(models.BigIntegerField())
    low = ArrayField(models.BigIntegerField())
    high = ArrayField(models.BigIntegerField())

    class Meta:
        ordering = ["plan", "family", "market"]
        constraints = [models.UniqueConstraint(fields=["plan", "family", "market"], name="segmentforecast_once")]

    @property
    def method(self) -> str:
        """The method in words."""
        return METHODS.get(self.model, self.model)

    @property
    def is_behind_naive(self) -> bool:
        """Whether the chosen method did worse in the backtest than saying what was sold a year before."""
        return self.wmape is not None and self.naive_wmape is not None and self.wmape > self.naive_wmape

    @property
    def drifts(self) -> bool:
        """Whether the errors of the backtest lie on one side: demand runs away from the method."""
        return self.tracking_signal is not None and abs(self.tracking_signal) > DRIFT_LIMIT

    @property
    def runs_away(self) -> bool:
        """Whether the plans of earlier cycles erred on one side, month after month."""
        return self.cycle_tracking is not None and abs(self.cycle_tracking) > DRIFT_LIMIT

    @property
    def fell_behind(self) -> bool:
        """Whether the plans of earlier cycles did worse than saying what was sold a year before."""
        mine, naive = self.cycle_wmape, self.cycle_naive_wmape
        return mine is not None and naive is not None and mine > naive

    @property
    def candidates(self) -> list[tuple[str, float]]:
        """Every candidate in words with its backtest WMAPE, the best first."""
        tried: dict[str, float] = self.evidence.get("candidates", {})
        return [(METHODS.get(name, name), error) for name, error in sorted(tried.items(), key=lambda pair: pair[1])]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.family_id} · {self.market_id}: {self.model}"
