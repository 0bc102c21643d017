"""The check itself, without writing anything: every difference in dollars, explained, and the sum that must add up."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import NDArray

from catalog.registry import Fault
from cycles.errors import DomainError
from cycles.models import Plan
from finance.calc.shadow import Difference, ShadowKind, Tables, differences
from finance.frames.shadow import Names, PlanSide, load_names, load_plan_side
from finance.services.shadow.naming import NodeKey, Unaligned
from finance.services.shadow.reading import CENTS, MILLI, MILLION, TheirFile, read_against
from finance.services.shadow.wording import explain, node_label

Ints = NDArray[np.int64]


class NothingToCompare(DomainError):
    """The plan has no landing yet, so there are no dollars to compare with."""

    code = "shadow_without_landing"


@dataclass(frozen=True)
class Delta:
    """One difference. Arrays run over the months `first` … `last` (month numbers).

    `theirs` and `plan` are cents where the check is in money, milli-units where it is in units; `cents` their difference
    in cents of the reporting currency, None in a cell that no price of the plan can value.
    """

    node: NodeKey
    label: str
    kind: ShadowKind
    first: int
    last: int
    theirs: tuple[int, ...]
    plan: tuple[int, ...]
    cents: tuple[int | None, ...]
    explanation: str
    other: str = ""

    @property
    def money_cents(self) -> int:
        """What the difference adds to their total; cells without a price add nothing."""
        return sum(cents for cents in self.cents if cents is not None)

    @property
    def moved_cents(self) -> int:
        """The dollars that stand elsewhere, whatever their sign: the order of the list."""
        return sum(abs(cents) for cents in self.cents if cents is not None)

    @property
    def is_priced(self) -> bool:
        """Whether every cell has a price."""
        return None not in self.cents


@dataclass(frozen=True)
class LostLine:
    """A line that could not be aligned, with its dollars; None where it is written in units."""

    why: Unaligned
    cents: int | None
    amount: Decimal


@dataclass(frozen=True)
class Check:
    """What a file says beside the plan, in cents of the reporting currency.

    theirs − plan = deltas + lost lines + rounding, to the cent. Differences without a price are in none of them and
    are counted apart.
    """

    basis: str
    is_money: bool
    rounded_to: str
    agreement: float
    months: list[int]
    rows: int
    theirs_cents: int
    plan_cents: int
    rounding_cents: int
    rounded_cells: int
    deltas: list[Delta]
    lost: list[LostLine]
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def delta_cents(self) -> int:
        """Sum of the differences."""
        return sum(delta.money_cents for delta in self.deltas)

    @property
    def lost_cents(self) -> int:
        """Sum of the lines that could not be aligned, as far as they are money."""
        return sum(line.cents or 0 for line in self.lost)

    @property
    def unexplained_cents(self) -> int:
        """Their total less the plan's less everything listed; 0, or the check counted something twice."""
        listed = self.delta_cents + self.lost_cents + self.rounding_cents
        return self.theirs_cents - self.plan_cents - listed


def check_file(plan: Plan, content: bytes, *, wanted: str = "") -> Check:
    """Compare a file with a plan; reads, writes nothing. The same file and plan give the same check.

    Args:
        plan: a plan with a landing.
        content: an XLSX workbook or a CSV file.
        wanted: 'units' or 'money' where a person says what the figures are.

    Raises:
        NothingToCompare: the plan has no landing.
        FileRefused: the file cannot be read or nothing of it belongs to the plan.
    """
    side = load_plan_side(plan)
    if not len(side.item_ids):
        raise NothingToCompare("The plan has no landing yet: there are no dollars to compare with.")
    names = load_names()
    return compare(read_against(content, side, names, wanted=wanted), side, names)


def compare(file: TheirFile, side: PlanSide, names: Names) -> Check:
    """The check of a file that was read. Their total counts every line that is money, aligned or not."""
    theirs, plan = _in_small(file), file.plan[file.basis.key]
    cents, plan_cents = _in_cents(file, theirs, side)
    tables = _tables(file, theirs, side)
    found = differences(tables)
    listed = np.zeros(plan.shape, bool)
    for difference in found:
        listed[difference.row, difference.first : difference.last + 1] = True
    deltas = [_delta(file, difference, (theirs, plan, cents), names) for difference in found]
    rounding = np.where(listed | ~file.known, 0, cents.filled(0)).astype(object)
    lost = [LostLine(why, _to_cents(amount) if file.basis.is_money else None, amount) for why, amount in file.unaligned]
    total = int(np.where(file.known, plan_cents, 0).sum())
    moved = int(np.where(file.known, cents.filled(0), 0).sum())
    return Check(
        basis=file.basis.title,
        is_money=file.basis.is_money,
        rounded_to=file.scale.rounded_to,
        agreement=file.scale.agreement,
        months=file.months,
        rows=len(file.coverage.nodes),
        theirs_cents=total + moved + sum(line.cents or 0 for line in lost),
        plan_cents=total,
        rounding_cents=int(rounding.sum()),
        rounded_cells=int((rounding != 0).sum()),
        deltas=sorted(deltas, key=lambda delta: (-delta.moved_cents, delta.label, delta.first)),
        lost=lost,
        faults=file.faults,
        notes=file.notes,
    )


def _to_cents(amount: Decimal) -> int:
    return int((amount * CENTS).to_integral_value(ROUND_HALF_UP))


def _in_small(file: TheirFile) -> Ints:
    """Their figures in the plan's smallest unit: cents or milli-units, halves away from zero."""
    step = MILLION // (CENTS if file.basis.is_money else MILLI)
    away = np.where(file.theirs < 0, -1, 1)
    return np.asarray(away * ((np.abs(file.theirs) + step // 2) // step)).astype(np.int64)


def _in_cents(file: TheirFile, theirs: Ints, side: PlanSide) -> tuple[np.ma.MaskedArray, Ints]:
    """Their figure less the plan's in cents by cell (masked where nothing prices it), and the plan's cents.

    Units are worth the plan's net price of the row in the month, else of the row over all months, else of the company's
    series of the same items.
    """
    gap = theirs - file.plan[file.basis.key]
    if file.basis.is_money:
        return np.ma.masked_array(gap, np.zeros(gap.shape, bool)), file.plan[file.basis.key]
    worth = file.plan["revenue" if file.basis.key == "units" else "upside"]
    units = file.plan[file.basis.key]
    price = np.divide(worth, units, out=np.full(units.shape, np.nan), where=(units > 0) & (worth > 0))
    all_units, all_worth = units.sum(axis=1), worth.sum(axis=1)
    usual = np.divide(all_worth, all_units, out=np.full(len(units), np.nan), where=(all_units > 0) & (all_worth > 0))
    usual = np.where(np.isnan(usual), _item_prices(file, side), usual)
    price = np.where(np.isnan(price), usual[:, None], price)
    exact = np.where(np.isnan(price), 0.0, gap * np.nan_to_num(price))
    cents = (np.sign(exact) * np.floor(np.abs(exact) + 0.5)).astype(np.int64)
    return np.ma.masked_array(cents, np.isnan(price) & (gap != 0)), worth


def _item_prices(file: TheirFile, side: PlanSide) -> NDArray[np.float64]:
    """(rows,) cents per milli-unit of the row's item over all its series; NaN where the plan never sells it."""
    prices = {}
    for item in {node.what_id for node in file.coverage.nodes if node.what == "item"}:
        own = side.item_ids == item
        units, cents = int(side.units[own].sum()), int(side.cents[own].sum())
        if units > 0 and cents > 0:
            prices[item] = cents / units
    found = [prices.get(node.what_id, np.nan) if node.what == "item" else np.nan for node in file.coverage.nodes]
    return np.array(found, np.float64)


def _tables(file: TheirFile, theirs: Ints, side: PlanSide) -> Tables:
    small = CENTS if file.basis.is_money else MILLI
    return Tables(
        theirs=theirs / small,
        plan=file.plan[file.basis.key] / small,
        tolerance=file.scale.tolerance,
        step=file.scale.step,
        known=file.known,
        given=file.coverage.given,
        closed=np.array([month < side.first_month + side.closed for month in file.months]),
        is_money=file.basis.is_money,
    )


def _delta(
    file: TheirFile, difference: Difference, blocks: tuple[Ints, Ints, np.ma.MaskedArray], names: Names
) -> Delta:
    theirs, plan, cents = blocks
    row, span = difference.row, slice(difference.first, difference.last + 1)
    known = file.known[row, span]
    worth = [
        0 if not is_known else None if is_masked else int(value)
        for value, is_masked, is_known in zip(
            cents.data[row, span].tolist(), np.ma.getmaskarray(cents)[row, span].tolist(), known.tolist(), strict=True
        )
    ]
    node = file.coverage.nodes[row]
    other = node_label(file.coverage.nodes[difference.other], names) if difference.other >= 0 else ""
    return Delta(
        node=node,
        label=node_label(node, names),
        kind=difference.kind,
        first=file.months[difference.first],
        last=file.months[difference.last],
        theirs=tuple(np.where(known, theirs[row, span], plan[row, span]).tolist()),
        plan=tuple(plan[row, span].tolist()),
        cents=tuple(worth),
        explanation=explain(difference, other, file.repeated.get(row, []), is_money=file.basis.is_money),
        other=other,
    )
