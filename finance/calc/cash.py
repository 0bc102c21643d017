"""Operating cash flow, direct and indirect, equal in cents in every month, with receivables counted from invoices.

Source: FORMULAS §1. Cash never depends on a standard cost: both ways start from revenue, purchases and what was paid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finance.calc.fixed_costs import FixedCostMonths, fixed_cost_months

Ints = NDArray[np.int64]

DAYS_IN_TERMS_MONTH = 30


class CashDoesNotTie(ArithmeticError):
    """Direct and indirect operating cash flow differ: an invoice, a payment or a cost line was dropped or doubled."""


@dataclass(frozen=True)
class Invoices:
    """Amounts by when they were issued and when they fall due, cents.

    `due` (invoice, month): months run from the window's first month on, past its end where terms reach further.
    `issued` (invoice,): month position of issue; −1 and below are open invoices brought in at the opening.
    """

    due: Ints
    issued: Ints


@dataclass(frozen=True)
class OperatingLines:
    """What the month's result consists of, cents, each (month,); costs are positive.

    `revenue`, `cogs` at standard, `variances` that reach the margin, `cost_to_serve`; `receipts` and `consumption` at
    standard (inventory in and out by the bill of materials); `purchases` on supplier terms, `conversion` and
    `other_variances` paid in the month; `capitalised` is what stock takes of variances (released: negative).
    Receipts + variances + capitalised = consumption + purchases + conversion + other variances.
    """

    revenue: Ints
    cogs: Ints
    variances: Ints
    cost_to_serve: Ints
    receipts: Ints
    consumption: Ints
    purchases: Ints
    conversion: Ints
    other_variances: Ints
    capitalised: Ints


@dataclass(frozen=True)
class CashBlock:
    """Both statements, cents, each (month,). `direct` and `indirect` are equal by assertion."""

    collections: Ints
    payments: Ints
    conversion: Ints
    cost_to_serve: Ints
    other_variances: Ints
    margin_before_revaluation: Ints
    receivables: Ints
    payables: Ints
    receivables_change: Ints
    inventory_change: Ints
    payables_change: Ints
    fixed: FixedCostMonths
    direct: Ints
    indirect: Ints


def payment_profile(days: int) -> NDArray[np.float64]:
    """Share of an invoice that falls due 0, 1, 2 … months later for terms of `days` (30 days a month), summing to 1.

    45 days: half after one month, half after two. Not negative days.
    """
    whole, rest = divmod(days, DAYS_IN_TERMS_MONTH)
    profile = np.zeros(whole + 2)
    profile[whole] = 1 - rest / DAYS_IN_TERMS_MONTH
    profile[whole + 1] = rest / DAYS_IN_TERMS_MONTH
    return profile[:-1] if rest == 0 else profile


def issue_invoices(amounts: Ints, profile: NDArray[np.float64], *, first: int = 0, months: int) -> Invoices:
    """Split each month's amount over its due months by largest remainder: not a cent is lost.

    Args:
        amounts: cents issued per month, (invoice month,); negative amounts are credit notes.
        profile: shares by months after issue, (lag,), summing to 1.
        first: month position of the first amount, negative for months before the window.
        months: length of the window; dues past it are kept, dues before it are dropped (they were paid before).

    Returns:
        One invoice per month of `amounts`; `due` is months + len(profile) wide.
    """
    width = months + len(profile)
    due = np.zeros((len(amounts), width), dtype=np.int64)
    for row, amount in enumerate(amounts):
        for lag, part in enumerate(_split(int(amount), profile)):
            position = first + row + lag
            if 0 <= position < width:
                due[row, position] = part
    return Invoices(due=due, issued=np.arange(first, first + len(amounts), dtype=np.int64))


def opening_invoices(balance: int, profile: NDArray[np.float64], *, months: int) -> Invoices:
    """An opening balance of which only the total is known, as one invoice of the month before the window.

    Falls due by the profile's months after the first, rescaled; at once when the terms are shorter than a month.
    """
    later = profile[1:] if profile[1:].sum() > 0 else np.ones(1)
    dues = issue_invoices(np.array([balance]), later / later.sum(), first=0, months=months)
    return Invoices(due=dues.due, issued=np.array([-1], dtype=np.int64))


def joined(*parts: Invoices) -> Invoices:
    """Several sets of invoices of one window as one; widths may differ."""
    width = max(part.due.shape[1] for part in parts)
    dues = [np.pad(part.due, ((0, 0), (0, width - part.due.shape[1]))) for part in parts]
    return Invoices(due=np.concatenate(dues), issued=np.concatenate([part.issued for part in parts]))


def settled(invoices: Invoices, months: int) -> Ints:
    """Cents falling due in each month of the window, (month,)."""
    paid: Ints = invoices.due[:, :months].sum(axis=0)
    return paid


def open_balance(invoices: Invoices, months: int) -> Ints:
    """Cents issued and not yet due at the opening and at each month's end, (1 + month,), counted by invoice."""
    balances = []
    for month in range(-1, months):
        is_issued = invoices.issued <= month
        balances.append(int(invoices.due[is_issued, month + 1 :].sum()))
    return np.array(balances, dtype=np.int64)


def cash_flow(
    lines: OperatingLines, sales: Invoices, purchases: Invoices, *, fixed: FixedCostMonths | None = None
) -> CashBlock:
    """Operating cash both ways, cents per month; inflow is positive. Without `fixed` there are no fixed costs.

    direct = collections − payments − conversion − cost-to-serve − other variances − fixed costs paid;
    indirect = margin before revaluation − fixed cost + non-cash − ΔAR − Δinventory before revaluation + ΔAP + Δaccruals.

    Raises:
        CashDoesNotTie: the two differ in any month.
    """
    months = len(lines.revenue)
    costs = fixed_cost_months((), months) if fixed is None else fixed
    receivables, payables = open_balance(sales, months), open_balance(purchases, months)
    collections, payments = settled(sales, months), settled(purchases, months)
    margin = lines.revenue - lines.cogs - lines.variances - lines.cost_to_serve
    stock = lines.receipts - lines.consumption - lines.cogs + lines.capitalised
    direct = collections - payments - lines.conversion - lines.cost_to_serve - lines.other_variances - costs.paid
    indirect = margin - costs.expensed + costs.non_cash - np.diff(receivables) - stock + np.diff(payables)
    indirect += np.diff(costs.accruals)
    if (direct != indirect).any():
        month = int(np.flatnonzero(direct != indirect)[0])
        difference = int(direct[month] - indirect[month])
        raise CashDoesNotTie(f"month {month}: direct differs from indirect by {difference} cents")
    return CashBlock(
        collections=collections,
        payments=payments,
        conversion=lines.conversion,
        cost_to_serve=lines.cost_to_serve,
        other_variances=lines.other_variances,
        margin_before_revaluation=margin,
        receivables=receivables[1:],
        payables=payables[1:],
        receivables_change=np.diff(receivables),
        inventory_change=stock,
        payables_change=np.diff(payables),
        fixed=costs,
        direct=direct,
        indirect=indirect,
    )


def _split(amount: int, profile: NDArray[np.float64]) -> list[int]:
    """Largest remainder of one amount over the profile."""
    exact = [abs(amount) * float(share) for share in profile]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda lag: (parts[lag] - exact[lag], lag))
    for lag in by_remainder[: abs(amount) - sum(parts)]:
        parts[lag] += 1
    return parts if amount >= 0 else [-part for part in parts]
