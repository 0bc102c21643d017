"""How much stock a policy asks for, and how long what is there will last."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from supply.calc.problem import Floats

NORMAL = NormalDist()


@dataclass(frozen=True)
class StockPolicy:
    """Safety stock and reorder point in units; ``cycle_service`` the chance of no shortage in an order cycle;
    ``fill_rate`` the share of demand served from stock, None where no lot is given."""

    safety_stock: float
    reorder_point: float
    cycle_service: float
    fill_rate: float | None


def lead_time_deviation(demand: float, deviation: float, lead_time: float, lead_time_deviation: float = 0.0) -> float:
    """Standard deviation of the demand during the lead time, units: √(L·σ_D² + D²·s_L²).

    Args:
        demand: Mean units per period. deviation: σ_D, units per period.
        lead_time: Mean periods. lead_time_deviation: s_L, periods; 0 = the lead time is certain.
    """
    return float(np.sqrt(lead_time * deviation**2 + demand**2 * lead_time_deviation**2))


def for_service(mean: float, deviation: float, service: float, lot: float | None = None) -> StockPolicy:
    """The policy that reaches a cycle service level: safety stock z·σ.

    Args:
        mean, deviation: Demand during the lead time, units, normally distributed. service: in (0, 1).
        lot: Units per order.

    Raises:
        ValueError: A service level outside (0, 1): no stock reaches certainty.
    """
    if not 0 < service < 1:
        raise ValueError("a service level lies between 0 and 1, both excluded")
    safety = NORMAL.inv_cdf(service) * deviation
    return StockPolicy(safety, mean + safety, service, _fill_rate(safety, deviation, lot))


def for_reorder_point(mean: float, deviation: float, reorder_point: float, lot: float | None = None) -> StockPolicy:
    """What a given reorder point achieves; with certain demand the service is 1 or 0."""
    safety = reorder_point - mean
    service = NORMAL.cdf(safety / deviation) if deviation > 0 else float(safety >= 0)
    return StockPolicy(safety, reorder_point, service, _fill_rate(safety, deviation, lot))


def _fill_rate(safety: float, deviation: float, lot: float | None) -> float | None:
    """1 − expected shortage per cycle / lot; the shortage is σ·φ(k) − ss·(1 − Φ(k)) with k = ss / σ."""
    if not lot:
        return None
    if deviation <= 0:
        return 1.0 - max(-safety, 0.0) / lot
    k = safety / deviation
    return 1.0 - (deviation * NORMAL.pdf(k) - safety * (1.0 - NORMAL.cdf(k))) / lot


def projected_balance(
    opening: float, forecast: Floats, orders: Floats, receipts: Floats, *, fence: int = 0
) -> tuple[Floats, Floats]:
    """Stock that will be left: before + receipts − demand, with demand = max(forecast, orders), and inside the demand
    time fence orders only.

    Args:
        opening: Units on hand. forecast, orders, receipts: Units (period,). fence: Periods inside the fence.

    Returns:
        (balance, demand) in units (period,); a negative balance is a shortage.
    """
    inside = np.arange(len(forecast)) < fence
    demand = np.where(inside, orders, np.maximum(forecast, orders))
    return opening + np.cumsum(receipts - demand), demand


def forward_cover(on_hand: float, demand: Floats) -> float | None:
    """Periods that stock lasts, eating the coming periods one by one, the last one in part.

    Returns:
        Periods; the number of known periods when stock outlasts them all; None when no demand is coming ("no demand",
        never a large number). 0 for no stock.
    """
    if demand.sum() <= 0:
        return None
    used = np.cumsum(demand)
    whole = int(np.searchsorted(used, on_hand, side="right"))
    if whole == len(demand):
        return float(whole)
    return whole + max(on_hand - (used[whole - 1] if whole else 0.0), 0.0) / float(demand[whole])


def excess_and_obsolete(on_hand: float, demand: Floats, window: int) -> tuple[float, float]:
    """Units beyond the demand of the policy window, and units for which no demand is coming at all (then no excess)."""
    if demand.sum() <= 0:
        return 0.0, max(on_hand, 0.0)
    return max(on_hand - float(demand[:window].sum()), 0.0), 0.0
