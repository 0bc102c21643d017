"""The review's table: a line per family, category, market, region or channel, the largest gap first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import pandas as pd

from catalog.frames.hierarchy import NONE
from catalog.models import Category, Channel, Family, Market, Region
from demand.services.upside.sides import Side, Sides

SHOWN = 60


class By(StrEnum):
    """What a line of the table stands for."""

    CATEGORY = "category"
    FAMILY = "family"
    REGION = "region"
    MARKET = "market"
    CHANNEL = "channel"

    @property
    def column(self) -> str:
        """Its key in a side's frame."""
        return f"{self.value}_id"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Inside:
    """A node that the table is narrowed to: `key` of its level, and its name."""

    by: By
    key: int
    name: str

    @property
    def word(self) -> str:
        """It in an address."""
        return f"{self.by.value}-{self.key}"


@dataclass(frozen=True, slots=True)
class Line:
    """One node: the upside and its references, milli-units or cents; None where a side is not known.

    `key` is −1 for what was given above this level, None for the sum of the lines not shown and for the total.
    """

    key: int | None
    name: str
    note: str
    upside: int
    budget: int | None
    last_cycle: int | None
    last_year: int | None

    @property
    def gap(self) -> int | None:
        """Upside − budget."""
        return None if self.budget is None else self.upside - self.budget

    @property
    def share(self) -> float | None:
        """The gap as a fraction of the budget; None without one."""
        return None if not self.budget or self.gap is None else self.gap / abs(self.budget)

    @property
    def since(self) -> int | None:
        """Upside − last cycle."""
        return None if self.last_cycle is None else self.upside - self.last_cycle

    @property
    def since_share(self) -> float | None:
        """The change since last cycle as a fraction."""
        return None if not self.last_cycle or self.since is None else self.since / abs(self.last_cycle)

    @property
    def growth(self) -> int | None:
        """Upside − last year."""
        return None if self.last_year is None else self.upside - self.last_year

    @property
    def growth_share(self) -> float | None:
        """The change against last year as a fraction."""
        return None if not self.last_year or self.growth is None else self.growth / abs(self.last_year)

    @property
    def rank(self) -> int:
        """What orders the lines: the gap's size, without a budget the change since last cycle or last year."""
        change = next((part for part in (self.gap, self.since, self.growth) if part is not None), self.upside)
        return -abs(change)


@dataclass(frozen=True, slots=True)
class Table:
    """Lines that add to `total` exactly, in milli-units or cents."""

    by: By
    lines: list[Line]
    total: Line


def inside_named(word: str) -> Inside | None:
    """The node of an address, such as `region-3`; None for what is none."""
    level, _, key = word.partition("-")
    if level not in list(By) or not key.isdecimal():
        return None
    names = _names(By(level), [int(key)])
    return Inside(By(level), int(key), names[int(key)][0]) if int(key) in names else None


def table_of(sides: Sides, by: By, *, in_units: bool, inside: Inside | None = None, shown: int | None = SHOWN) -> Table:
    """One line per node with an amount on any side, ranked by the size of the gap; past `shown` the rest is one line.

    Budget given above the level is a line of its own: nothing is shared out, nothing is lost.
    """
    column = "units" if in_units else "cents"
    known = [_narrowed(side, inside) for side in (sides.upside, *sides.references)]
    sums = [_by_node(side, by, column, in_units=in_units) for side in known]
    keys = sorted({key for each in sums if each is not None for key in each.index.tolist()})
    names = _names(by, keys)
    lines = [_line(key, names, [None if each is None else int(each.get(key, 0)) for each in sums]) for key in keys]
    lines = sorted((line for line in lines if _matters(line)), key=lambda line: (line.rank, line.name))
    total = _sum("Total", lines, [side.total(in_units=in_units) for side in known])
    if shown is not None and len(lines) > shown:
        rest = lines[shown - 1 :]
        lines = [*lines[: shown - 1], _sum(f"{len(rest)} more", rest, [total.upside, *_references(total)])]
    return Table(by, lines, total)


def _narrowed(side: Side, inside: Inside | None) -> Side:
    """The part of a side that lies in a node; what was given above it lies in none."""
    if inside is None or side.missing:
        return side
    return replace(side, frame=side.frame[side.frame[inside.by.column] == inside.key])


def _by_node(side: Side, by: By, column: str, *, in_units: bool) -> pd.Series[int] | None:
    if side.total(in_units=in_units) is None:
        return None
    return side.frame.groupby(by.column)[column].sum()


def _names(by: By, keys: list[int]) -> dict[int, tuple[str, str]]:
    """Name and the word below it."""
    if by is By.FAMILY:
        families = Family.objects.filter(pk__in=keys).select_related("category")
        return {row.pk: (row.code, row.category.code) for row in families}
    if by is By.MARKET:
        return {
            row.pk: (row.code, row.region.name) for row in Market.objects.filter(pk__in=keys).select_related("region")
        }
    named = {By.CATEGORY: Category.objects, By.REGION: Region.objects, By.CHANNEL: Channel.objects}[by]
    return {
        key: (name or code, code) for key, code, name in named.filter(pk__in=keys).values_list("id", "code", "name")
    }


def _line(key: int, names: dict[int, tuple[str, str]], amounts: list[int | None]) -> Line:
    name, note = names.get(key, ("Above this level", "given or sold without it"))
    return Line(key if key in names else NONE, name, note if note != name else "", amounts[0] or 0, *amounts[1:])


def _matters(line: Line) -> bool:
    return any((line.upside, *_references(line)))


def _references(line: Line) -> list[int | None]:
    return [line.budget, line.last_cycle, line.last_year]


def _sum(name: str, lines: list[Line], known: list[int | None]) -> Line:
    """The lines added up; a side that is not known stays so."""
    columns = zip(*([line.upside, *_references(line)] for line in lines), strict=True)
    sums = [sum(part or 0 for part in column) for column in columns] or [0, 0, 0, 0]
    amounts = [amount if is_known is not None else None for amount, is_known in zip(sums, known, strict=True)]
    return Line(None, name, "", amounts[0] or 0, *amounts[1:])
