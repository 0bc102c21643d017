"""Tables of demand, by subject; import them from here."""

from demand.models.actuals import ActualMonth, ActualRestatement, ActualSeries
from demand.models.ledger import Edit, EditKind, EditLine, Intent
from demand.models.planning import ExceptionAnswer, SegmentForecast, Series

__all__ = [
    "ActualMonth",
    "ActualRestatement",
    "ActualSeries",
    "Edit",
    "EditKind",
    "EditLine",
    "ExceptionAnswer",
    "Intent",
    "SegmentForecast",
    "Series",
]
