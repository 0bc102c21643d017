"""What an assumption can be measured by, told by the apps that hold the facts: name, unit, and the actual value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cycles.errors import UnknownEntry
from cycles.registry import _add


@dataclass(frozen=True, slots=True)
class MetricScope:
    """Where an assumption speaks of: keys of a family and a market, code of a currency; nothing set is the company."""

    family_id: int | None = None
    market_id: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the facts say now: `value` is None while they are not loaded; `source` names what was read, in words."""

    value: Decimal | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """Something that stored facts can answer.

    `read(first, last, scope)` gives the actual over the months first … last (first days, inclusive), by facts alone.
    `unit` is written behind the number; `decimals` as many are shown. `narrows`: the parts of a scope it understands
    ('family', 'market', 'currency'), `needs` those it cannot do without; anything else is refused when the assumption
    is written down.
    `money(deviation, first, last, scope)` prices a deviation (actual − expected) in cents of the reporting currency,
    favourable positive; None where the facts cannot say.
    """

    name: str
    title: str
    unit: str
    read: Callable[[date, date, MetricScope], Reading]
    decimals: int = 0
    narrows: frozenset[str] = field(default_factory=frozenset)
    needs: frozenset[str] = field(default_factory=frozenset)
    money: Callable[[Decimal, date, date, MetricScope], int | None] | None = None


_metrics: dict[str, Metric] = {}


def register_metric(metric: Metric) -> None:
    """Add a metric; a duplicate name is a start-up error."""
    _add(_metrics, metric.name, metric, "Metric")


def metrics() -> tuple[Metric, ...]:
    """Return the metrics by title."""
    return tuple(sorted(_metrics.values(), key=lambda metric: metric.title))


def metric_named(name: str) -> Metric:
    """Return a metric.

    Raises:
        UnknownEntry: no app registered it.
    """
    try:
        return _metrics[name]
    except KeyError:
        raise UnknownEntry(f"There is no metric named {name!r}.") from None
