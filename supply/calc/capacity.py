"""Rough-cut capacity: hours that a production plan needs, hours that the work centres have."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RoutingLines:
    """Operations: hours of one work centre for one unit of a node (an item made at a site).

    Attributes:
        node: (operation,) int. centre: (operation,) int. hours: hours per unit (operation,) float.
    """

    node: NDArray[np.int64]
    centre: NDArray[np.int64]
    hours: NDArray[np.float64]


def required_hours(made: NDArray[np.float64], routing: RoutingLines, centres: int) -> NDArray[np.float64]:
    """Hours needed: Σ over operations of units × hours per unit, by work centre and month.

    Args:
        made: Units made (node, month), whole units (not milli-units).
        routing: Operations over the same nodes.
        centres: Number of work centres.

    Returns:
        (work centre, month) float64 hours; zero for a centre without operations.
    """
    load = np.zeros((centres, made.shape[1]))
    np.add.at(load, routing.centre, made[routing.node] * routing.hours[:, None])
    return load


def available_hours(
    hours_per_day: NDArray[np.float64], days: NDArray[np.int64], efficiency: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Regular hours: hours per day × calendar days of the month × efficiency (1 when not given).

    Args:
        hours_per_day: (work centre,), all machines and shifts together.
        days: Calendar days (month,).
        efficiency: Share of the hours that produces (work centre,).

    Returns:
        (work centre, month) float64 hours.
    """
    share = np.ones(len(hours_per_day)) if efficiency is None else efficiency
    return (hours_per_day * share)[:, None] * days[None, :].astype(np.float64)


def load_percent(required: NDArray[np.float64], available: NDArray[np.float64]) -> NDArray[np.float64]:
    """Load in % of the available hours (work centre, month); NaN where there are no hours to compare with."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(available > 0, 100.0 * required / available, np.nan)


def units_to_start(good: NDArray[np.float64], scrap_share: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Units to start so that ``good`` units remain after a share is scrapped: good / (1 − scrap).

    Raises:
        ValueError: A scrap share below 0 or not below 1.
    """
    share = np.asarray(scrap_share, dtype=np.float64)
    if np.any(share < 0) or np.any(share >= 1):
        raise ValueError("a scrap share lies in [0, 1)")
    return np.asarray(good / (1.0 - share), dtype=np.float64)


def split_load(hours: float, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Split hours of a bill of resources over centres by historical shares that must add to 1 (centre,).

    Raises:
        ValueError: The shares do not add to 1.
    """
    if not np.isclose(shares.sum(), 1.0):
        raise ValueError("shares of a work-centre split must add to 1")
    return hours * shares
