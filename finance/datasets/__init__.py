"""Files that finance reads: variances, balances, channel costs, customer terms, fixed costs. All optional."""

from __future__ import annotations

from catalog.registry import register_dataset
from finance.datasets.balances import BALANCES
from finance.datasets.channel_costs import CHANNEL_COSTS
from finance.datasets.customer_terms import CUSTOMER_TERMS
from finance.datasets.fixed_costs import FIXED_COSTS
from finance.datasets.planned_variances import PLANNED_VARIANCES


def register() -> None:
    """Register the datasets; called once at start-up."""
    for dataset in (PLANNED_VARIANCES, BALANCES, CHANNEL_COSTS, CUSTOMER_TERMS, FIXED_COSTS):
        register_dataset(dataset)
