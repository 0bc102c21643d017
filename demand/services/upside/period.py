"""Which months the review speaks of: the fiscal year, the next one, or the next twelve months."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.calc.months import fiscal_months, fiscal_year_of, month_date
from catalog.models import Company
from cycles.models import Plan

YEAR = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A span of month numbers, first … last inclusive, of which those before `first_open` are closed: they hold actuals.

    `key` names it in an address, `label` for people.
    """

    key: str
    label: str
    first: int
    last: int
    first_open: int

    @property
    def months(self) -> range:
        """Every month number."""
        return range(self.first, self.last + 1)

    @property
    def closed(self) -> range:
        """The months that hold actuals."""
        return range(self.first, max(self.first, self.first_open))

    @property
    def open(self) -> range:
        """The months that the plan says."""
        return range(max(self.first, self.first_open), self.last + 1)

    @property
    def open_label(self) -> str:
        """The open months for people."""
        return f"{month_date(self.open.start):%b %Y} – {month_date(self.last):%b %Y}"


def period_named(plan: Plan, key: str) -> Period:
    """The period of an address; a word that is none takes the first."""
    periods = periods_of(plan)
    return next((period for period in periods if period.key == key), periods[0])


def periods_of(plan: Plan) -> list[Period]:
    """The fiscal year of the plan's first month, as far as the plan reaches; the next fiscal year where the plan covers
    all of it; the next twelve months, as far as it reaches."""
    first, end = plan.first_month_index, plan.first_month_index + plan.horizon - 1
    start = Company.objects.current().fiscal_year_start_month
    year = fiscal_year_of(first, start)
    now, then = fiscal_months(year, start), fiscal_months(year + 1, start)
    found = [Period("year", f"FY{year}", now[0], min(now[-1], end), first)]
    if then[-1] <= end:
        found.append(Period("next_year", f"FY{year + 1}", then[0], then[-1], first))
    return [*found, Period("ahead", f"next {min(YEAR, plan.horizon)} months", first, min(first + YEAR - 1, end), first)]
