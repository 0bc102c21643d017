"""The lines of the company's statement: what each is read from or added up of, in the order in which people read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """How a line behaves over time and beside the others."""

    FLOW = "flow"
    BALANCE = "balance"
    TOTAL = "total"
    REFERENCE = "reference"
    GAP = "gap"


@dataclass(frozen=True)
class LineSpec:
    """One line: read from `column` of the months (`of_cash`: of the cash months), or the signed sum of `parts`.

    `group` heads the block that it opens. `is_good_up` is False where more is worse. An optional line is left out when
    nothing of it is known or all of it is 0.
    """

    key: str
    label: Promise | str
    role: Role = Role.FLOW
    column: str = ""
    parts: tuple[tuple[int, str], ...] = ()
    of_cash: bool = False
    group: Promise | None = None
    is_good_up: bool = True
    is_optional: bool = False


RELEASED = ((1, "variances"), (-1, "variances_incurred"))
UNSEEN_LINES = (LineSpec("variances_incurred", _("Variances incurred"), column="variance_incurred_cents"),)
RESULT_LINES: tuple[LineSpec, ...] = (
    LineSpec("upside", _("Unconstrained revenue"), Role.REFERENCE, "upside_cents", group=_("Revenue")),
    LineSpec("revenue", _("Revenue"), Role.TOTAL, "revenue_cents"),
    LineSpec("budget_revenue", _("Budget"), Role.REFERENCE, "budget_revenue_cents"),
    LineSpec("revenue_gap", _("Plan − budget"), Role.GAP, parts=((1, "revenue"), (-1, "budget_revenue"))),
    LineSpec("upside_gap", _("Upside − plan"), parts=((1, "upside"), (-1, "revenue"))),
    LineSpec("fx_effect", _("Of it: plan against budget exchange rates"), column="fx_effect_cents", is_optional=True),
    LineSpec("cogs", _("COGS at standard"), Role.TOTAL, "cogs_cents", group=_("COGS"), is_good_up=False),
    LineSpec("budget_cogs", _("Budget"), Role.REFERENCE, "budget_cogs_cents"),
    LineSpec("cogs_gap", _("Plan − budget"), Role.GAP, parts=((1, "cogs"), (-1, "budget_cogs")), is_good_up=False),
    LineSpec(
        "standard_margin",
        _("Margin at standard"),
        Role.TOTAL,
        parts=((1, "revenue"), (-1, "cogs")),
        group=_("Margin"),
    ),
    LineSpec("budget_margin", _("Budget"), Role.REFERENCE, parts=((1, "budget_revenue"), (-1, "budget_cogs"))),
    LineSpec("margin_gap", _("Plan − budget"), Role.GAP, parts=((1, "standard_margin"), (-1, "budget_margin"))),
    LineSpec("variances", _("Planned variances"), column="variance_cents"),
    LineSpec("released", _("Of it: released from stock, less put into it"), parts=RELEASED, is_optional=True),
    LineSpec("revaluation", _("Revaluation of stock"), column="revaluation_cents"),
    LineSpec("overtime", _("Overtime premium"), column="overtime_cents"),
    LineSpec("expedite", _("Expedite"), column="expedite_cents"),
    LineSpec("subcontract", _("Subcontract premium"), column="subcontract_cents"),
    LineSpec("freight", _("Freight and channel cost"), column="freight_cents"),
    LineSpec("gross_margin", _("Gross margin"), Role.TOTAL, "margin_cents"),
    LineSpec("fixed_cost", _("Fixed cost"), Role.TOTAL, "fixed_cost_cents", is_good_up=False, is_optional=True),
    LineSpec("budget_fixed", _("Budget"), Role.REFERENCE, "budget_fixed_cost_cents", is_optional=True),
    LineSpec(
        "fixed_gap",
        _("Plan − budget"),
        Role.GAP,
        parts=((1, "fixed_cost"), (-1, "budget_fixed")),
        is_good_up=False,
        is_optional=True,
    ),
    LineSpec("operating_margin", _("Operating margin"), Role.TOTAL, "operating_margin_cents"),
    LineSpec(
        "budget_operating",
        _("Budget: revenue − COGS − fixed cost"),
        Role.REFERENCE,
        parts=((1, "budget_margin"), (-1, "budget_fixed")),
        is_optional=True,
    ),
    LineSpec(
        "operating_gap",
        _("Plan − budget"),
        Role.GAP,
        parts=((1, "operating_margin"), (-1, "budget_operating")),
        is_optional=True,
    ),
    LineSpec("inventory", _("Inventory at standard"), Role.BALANCE, "inventory_cents", group=_("Balances at the end")),
    LineSpec("capitalised", _("Variances capitalised on it"), Role.BALANCE, "capitalised_cents", is_optional=True),
    LineSpec("receivables", _("Receivables"), Role.BALANCE, "receivables_cents", of_cash=True),
    LineSpec("payables", _("Payables"), Role.BALANCE, "payables_cents", of_cash=True),
    LineSpec("accruals", _("Accrued fixed costs"), Role.BALANCE, "accruals_cents", of_cash=True, is_optional=True),
)

CASH_LINES: tuple[LineSpec, ...] = (
    LineSpec("collections", _("Collections"), column="collections_cents", of_cash=True, group=_("Direct")),
    LineSpec("payments", _("Payments to suppliers"), column="payments_cents", of_cash=True),
    LineSpec("conversion", _("Conversion"), column="conversion_cents", of_cash=True),
    LineSpec("served", _("Cost to serve"), column="cost_to_serve_cents", of_cash=True),
    LineSpec("other_variances", _("Conversion variances"), column="other_variances_cents", of_cash=True),
    LineSpec("fixed_paid", _("Fixed costs paid"), column="fixed_paid_cents", of_cash=True, is_optional=True),
    LineSpec("direct", _("Operating cash flow, direct"), Role.TOTAL, "direct_cents", of_cash=True),
    LineSpec(
        "cash_margin",
        _("Margin before revaluation"),
        column="margin_before_revaluation_cents",
        of_cash=True,
        group=_("Indirect"),
    ),
    LineSpec("fixed_expensed", _("Fixed cost"), column="fixed_cost_cents", of_cash=True, is_optional=True),
    LineSpec("non_cash", _("Of it: never paid"), column="non_cash_cents", of_cash=True, is_optional=True),
    LineSpec("receivables_change", _("Δ receivables"), column="receivables_change_cents", of_cash=True),
    LineSpec("inventory_change", _("Δ inventory"), column="inventory_change_cents", of_cash=True),
    LineSpec("payables_change", _("Δ payables"), column="payables_change_cents", of_cash=True),
    LineSpec("accruals_change", _("Δ accruals"), column="accruals_change_cents", of_cash=True, is_optional=True),
    LineSpec("indirect", _("Operating cash flow, indirect"), Role.TOTAL, "indirect_cents", of_cash=True),
)

UNIT_LINES: tuple[LineSpec, ...] = (
    LineSpec("wanted", _("Unconstrained"), Role.REFERENCE, group=_("Units")),
    LineSpec("landed", _("Plan"), Role.TOTAL),
    LineSpec("budget_units", _("Budget"), Role.REFERENCE),
    LineSpec("units_gap", _("Plan − budget"), Role.GAP, parts=((1, "landed"), (-1, "budget_units"))),
    LineSpec("short", _("Unconstrained − plan"), Role.GAP, parts=((1, "wanted"), (-1, "landed")), is_good_up=False),
)


def result_lines(fixed_lines: Iterable[str]) -> tuple[LineSpec, ...]:
    """The lines of the result with one line per fixed cost, above their total; names are those of the files."""
    named = [LineSpec(fixed_key(line), line) for line in fixed_lines]
    if named:
        named[0] = replace(named[0], group=_("Fixed cost and operating margin"))
    place = [spec.key for spec in RESULT_LINES].index("fixed_cost")
    return (*RESULT_LINES[:place], *named, *RESULT_LINES[place:])


def fixed_key(line: str) -> str:
    """The key of a line of fixed cost."""
    return f"fixed:{line}"
