"""Setting the company up: its name, money, fiscal year and policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import transaction

from catalog.calc.months import MONTHS_IN_YEAR, fiscal_year_of
from catalog.models import Company, Currency, Site

WITHOUT_DECIMALS = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "XAF",
    }
)
WITH_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


class FiscalYearUnclear(ValueError):
    """No start month, or more than one, fits the fiscal years that were given."""


def ensure_currency(code: str) -> Currency:
    """The currency of an ISO 4217 code, added when it is not there, with its usual decimals."""
    decimals = 0 if code in WITHOUT_DECIMALS else 3 if code in WITH_THREE_DECIMALS else 2
    return Currency.objects.get_or_create(code=code, defaults={"decimals": decimals})[0]


def ensure_main_site() -> Site:
    """The site `MAIN`, added when it is not there."""
    return Site.objects.get_or_create(code=Site.MAIN, defaults={"name": "Main site"})[0]


def infer_fiscal_year_start(pairs: Iterable[tuple[int, int]]) -> int:
    """The start month (1 to 12) under which every month lies in the fiscal year it is said to lie in.

    Args:
        pairs: (fiscal year named by its end, month number), as a budget states them.

    Returns:
        The only month that fits; when several fit, the first month of the earliest year if it is one of them.

    Raises:
        FiscalYearUnclear: none fits, or several fit and none is the first month given.
    """
    known = sorted(set(pairs))
    fitting = [
        start
        for start in range(1, MONTHS_IN_YEAR + 1)
        if all(fiscal_year_of(month, start) == year for year, month in known)
    ]
    if len(fitting) == 1:
        return fitting[0]
    first = min((month for _, month in known), default=0) % MONTHS_IN_YEAR + 1
    if known and first in fitting:
        return first
    raise FiscalYearUnclear("The fiscal years given do not tell in which month a fiscal year starts; state it.")


@transaction.atomic
def set_up_company(
    *,
    name: str,
    currency: str,
    fiscal_year_start_month: int,
    history_start: date,
    policies: Mapping[str, object] | None = None,
) -> Company:
    """Create the company or bring it to these settings; adds its currency and the site MAIN.

    A second call with the same values changes nothing. Who may call is the caller's question.

    Args:
        name: shown on every page.
        currency: ISO code of the reporting currency.
        fiscal_year_start_month: 1 to 12.
        history_start: first of a month.
        policies: further fields of `Company` by name; those not given keep their value (or default).

    Raises:
        IntegrityError: a value breaks a rule of the table.
    """
    ensure_main_site()
    values = {
        "name": name,
        "currency": ensure_currency(currency),
        "fiscal_year_start_month": fiscal_year_start_month,
        "history_start": history_start,
        **(policies or {}),
    }
    company, _ = Company.objects.update_or_create(pk=1, defaults=values)
    return company
