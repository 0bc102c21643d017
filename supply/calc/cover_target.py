"""Stock targets in days of supply: the demand of the coming days that should stand on stock at the end of a month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.calc.problem import Floats


@dataclass(frozen=True)
class Cover:
    """Days of coming demand to keep: ``days`` (node,), NaN = no target; ``month_days`` (month,) how long each month is.

    What is missing costs what missing safety stock costs; what is more costs its holding and nothing else.
    """

    days: Floats
    month_days: Floats


def cover_targets(required: Floats, cover: Cover) -> Floats:
    """Units to keep at the end of each month (node, month), 0 without a target: the requirement of so many days after it.

    The month in which the days end counts in part. After the plan the last month is required again and again.

    Args:
        required: Units wanted of each node, its use in other items included (node, month).
        cover: Days by node.
    """
    wanted = np.flatnonzero(cover.days > 0)
    target = np.zeros(required.shape)
    if not len(wanted):
        return target
    beyond = int(np.ceil(cover.days[wanted].max() / cover.month_days.min())) + 1
    lengths = np.concatenate([cover.month_days, np.full(beyond, cover.month_days[-1])])
    until = np.concatenate([[0.0], np.cumsum(lengths)])
    ends = until[1 : required.shape[1] + 1]
    for node in wanted.tolist():
        running = np.concatenate([[0.0], np.cumsum(required[node]), np.zeros(beyond)])
        running[-beyond:] = running[-beyond - 1] + required[node, -1] * np.arange(1, beyond + 1)
        target[node] = np.interp(ends + cover.days[node], until, running) - np.interp(ends, until, running)
    return target
