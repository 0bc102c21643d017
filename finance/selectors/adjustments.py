"""Named adjustments of a plan: those that hold, their part in each fiscal year, their net, and the ledger's history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from catalog.calc.months import month_date, month_index
from catalog.models import Company
from cycles.models import Plan
from finance.calc.promises import by_fiscal_year
from finance.calc.window import FiscalWindow
from finance.models import Adjustment, AdjustmentKind, Measure

PEOPLE = ("author", "owner", "named_by", "family", "category", "market")


def valid_adjustments(plan: Plan) -> QuerySet[Adjustment]:
    """Adjustments that hold now: not superseded, not withdrawn, not expired."""
    rows = Adjustment.objects.filter(plan=plan, superseded_by__isnull=True, is_withdrawal=False)
    return rows.filter(expires_on__gte=plan.first_month).select_related(*PEOPLE)


def adjusted_cents(plan: Plan, measure: Measure, window: FiscalWindow) -> int:
    """Sum of the valid adjustments of a measure inside the fiscal year, cents."""
    return sum(year_cents(row, window) for row in valid_adjustments(plan).filter(measure=measure.value))


def year_cents(row: Adjustment, window: FiscalWindow) -> int:
    """The part of an adjustment that lies in a fiscal year, cents."""
    return sum(cents for month, cents in months_of(row).items() if month in window.months)


def months_of(row: Adjustment) -> dict[int, int]:
    """Month number → cents."""
    first = month_index(row.first_month)
    return {first + place: cents for place, cents in enumerate(row.cents)}


@dataclass(frozen=True)
class LedgerEntry:
    """One adjustment with everything that was said about it. `years`: fiscal year → cents, years that net to 0 kept.

    `life`: the entries that led to it and, where it ended, the one that ended it, oldest first.
    """

    row: Adjustment
    state: str
    years: dict[int, int]
    months: list[tuple[date, int]]
    life: list[Adjustment]

    @property
    def holds(self) -> bool:
        """Whether it is in the finance landing."""
        return self.state in ("holds", "ends")


@dataclass(frozen=True)
class Net:
    """The sum of the valid adjustments of one measure and kind: fiscal year → cents, and over all months."""

    measure: Measure
    kind: AdjustmentKind
    years: dict[int, int]
    total: int
    count: int

    def parts(self, years: list[int]) -> list[int]:
        """Cents in each of the years, 0 where it has none."""
        return [self.years.get(year, 0) for year in years]


def ledger_of(plan: Plan) -> list[LedgerEntry]:
    """Every adjustment of the plan at its last wording, those that hold first, then by size.

    States: `holds`; `ends` (it holds in this plan's first month and falls away when the next cycle opens); `withdrawn`;
    `expired`.
    """
    rows = {row.pk: row for row in Adjustment.objects.filter(plan=plan).select_related(*PEOPLE)}
    replaced = {row.supersedes_id for row in rows.values() if row.supersedes_id}
    start = Company.objects.current().fiscal_year_start_month
    entries = [_entry(row, rows, plan, start) for row in rows.values() if row.pk not in replaced]
    return sorted(entries, key=lambda entry: (not entry.holds, -max(map(abs, entry.row.cents)), entry.row.pk))


def net_of(entries: list[LedgerEntry]) -> list[Net]:
    """Net of the entries that hold, by measure and kind in the order of their lists."""
    found = []
    for measure in Measure:
        for kind in AdjustmentKind:
            own = [e for e in entries if e.holds and (e.row.measure, e.row.kind) == (measure.value, kind.value)]
            if own:
                years: dict[int, int] = {}
                for entry in own:
                    for year, cents in entry.years.items():
                        years[year] = years.get(year, 0) + cents
                found.append(Net(measure, kind, years, sum(entry.row.total_cents for entry in own), len(own)))
    return found


def nets_by_year(entries: list[LedgerEntry]) -> tuple[list[int], list[tuple[Net, list[int]]]]:
    """The fiscal years that adjustments touch, and each net with its cents in each of them."""
    years = sorted({year for entry in entries if entry.holds for year in entry.years})
    return years, [(net, net.parts(years)) for net in net_of(entries)]


def _entry(row: Adjustment, rows: dict[int, Adjustment], plan: Plan, start: int) -> LedgerEntry:
    life = [row]
    while life[0].supersedes_id is not None:
        life.insert(0, rows[life[0].supersedes_id])
    months = months_of(row)
    shown = [(month_date(month), cents) for month, cents in months.items() if cents]
    return LedgerEntry(row, _state(row, plan), by_fiscal_year(months, start), shown, life)


def _state(row: Adjustment, plan: Plan) -> str:
    if row.is_withdrawal:
        return "withdrawn"
    if row.expires_on < plan.first_month:
        return "expired"
    return "ends" if row.expires_on == plan.first_month else "holds"
