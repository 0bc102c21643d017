"""A seeded generator of private forecasts: a plan without a database, and real workbooks of it with known deltas.

Every workbook is written as people write them: units or money, months across or down, items or families, with or
without markets, codes or names, headings, blank rows, totals and notes, numbers and months in many forms.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import xlsxwriter

from finance.calc.shadow import ShadowKind
from finance.frames.shadow import Names, PlanSide

FIRST_MONTH = 2013 * 12 + 4  # May 2013
CLOSED, OPEN = 6, 18
ITEMS, FAMILIES, MARKETS = 60, 8, 6
SMALLEST_CHANGE = 3
KINDS = tuple(kind for kind in ShadowKind if kind not in (ShadowKind.EXTRA, ShadowKind.OTHER))


@dataclass(frozen=True)
class Company:
    """A plan and its names, as the frames would load them."""

    side: PlanSide
    names: Names


@dataclass(frozen=True)
class Seeded:
    """One delta that was put in: the rows that it stands on (two when swapped), months by position, both inclusive."""

    kind: ShadowKind
    rows: tuple[int, ...]
    first: int
    last: int


@dataclass(frozen=True)
class Form:
    """How a workbook is written."""

    is_money: bool = True
    level: str = "item"
    with_markets: bool = False
    is_long: bool = False
    is_csv: bool = False
    by_name: bool = False
    decimal: str = "."
    thousands: str = ""
    brackets: bool = False
    as_text: bool = False
    decimals: int = 2
    months: str = "Nov 2013"
    dressed: bool = False
    shuffled: bool = False
    factor: float = 1.0


@dataclass
class Sheet:
    """The rows of a workbook before it is written: keys, values (rows, months), and which rows are left out."""

    labels: list[tuple[str, ...]]
    values: np.ndarray
    plan: np.ndarray
    left_out: set[int] = field(default_factory=set)
    repeated: set[int] = field(default_factory=set)


def company(seed: int = 7) -> Company:
    """60 items in 8 families and 2 categories, 3 regions × 2 channels; 6 closed and 18 open months from May 2013."""
    rng = np.random.default_rng(seed)
    items = pd.DataFrame(
        {
            "item_id": np.arange(1, ITEMS + 1),
            "code": [f"BK-{number:04d}" for number in range(1, ITEMS + 1)],
            "name": [
                f"{('Road', 'Hill', 'City', 'Tour')[n % 4]} frame {n // 4 + 1}, {40 + n} cm" for n in range(ITEMS)
            ],
            "family_id": np.arange(ITEMS) % FAMILIES + 1,
        }
    )
    families = pd.DataFrame(
        {
            "family_id": np.arange(1, FAMILIES + 1),
            "code": [f"FAM-{letter}" for letter in "ABCDEFGH"],
            "name": [
                f"{word} line" for word in ("Alpine", "Beach", "Cargo", "Dirt", "Elder", "Fold", "Gravel", "Hybrid")
            ],
            "category_id": np.arange(FAMILIES) % 2 + 1,
        }
    )
    categories = pd.DataFrame({"category_id": [1, 2], "code": ["BIKES", "FRAMES"], "name": ["Bikes", "Frames"]})
    places = [(region, channel) for region in range(3) for channel in range(2)]
    markets = pd.DataFrame(
        {
            "market_id": np.arange(1, MARKETS + 1),
            "code": [f"{('US-NW', 'US-SE', 'EU')[r]}/{('RESELLER', 'ONLINE')[c]}" for r, c in places],
            "region_id": [r + 1 for r, _ in places],
            "region": [("US-NW", "US-SE", "EU")[r] for r, _ in places],
            "region_name": [("Northwest", "Southeast", "Europe")[r] for r, _ in places],
            "channel_id": [c + 1 for _, c in places],
            "channel": [("RESELLER", "ONLINE")[c] for _, c in places],
            "channel_name": [("Resellers", "Online shop")[c] for _, c in places],
        }
    )
    sold = rng.random((ITEMS, MARKETS)) < 0.55
    sold[:, 0] = True
    item_at, market_at = np.nonzero(sold)
    size = rng.gamma(2.0, 60.0, (len(item_at), 1)) + 5
    season = 1 + 0.3 * np.sin(np.arange(CLOSED + OPEN) / 12 * 2 * np.pi + item_at[:, None])
    units = np.round(size * season * rng.uniform(0.7, 1.3, (len(item_at), CLOSED + OPEN)), 2)
    price = np.round(rng.uniform(20, 900, ITEMS), 2)[item_at, None] * np.round(
        rng.uniform(0.8, 1.0, (len(item_at), 1)), 4
    )
    milli = np.round(units * 1000).astype(np.int64)
    cents = np.round(units * price * 100).astype(np.int64)
    short = rng.random(milli.shape) < 0.02
    short[:, :CLOSED] = False
    wanted, upside = np.where(short, milli * 2, milli), np.where(short, cents * 2, cents)
    side = PlanSide(
        item_ids=item_at + 1, market_ids=market_at + 1, first_month=FIRST_MONTH, closed=CLOSED,
        loaded=np.ones(CLOSED + OPEN, bool), units=milli, cents=cents, wanted_units=wanted, upside_cents=upside,
    )  # fmt: skip
    return Company(side, Names(items, families, categories, markets))


def sheet_of(base: Company, form: Form) -> Sheet:
    """The plan at the level of a form, without deltas; values in units or in currency."""
    side, names = base.side, base.names
    block = side.cents / 100 if form.is_money else side.units / 1000
    item_row = {key: place for place, key in enumerate(names.items["item_id"].tolist())}
    column = "name" if form.by_name else "code"
    added: dict[tuple[str, ...], np.ndarray] = {}
    for place, (item, market) in enumerate(zip(side.item_ids.tolist(), side.market_ids.tolist(), strict=True)):
        frame = names.items.iloc[item_row[item]]
        label = str(frame[column])
        if form.level == "family":
            label = str(names.families.iloc[int(frame["family_id"]) - 1][column])
        key = (label, str(names.markets.iloc[market - 1]["code"])) if form.with_markets else (label,)
        added[key] = added.get(key, 0) + block[place]
    values = np.array(list(added.values()))
    return Sheet(list(added), values.copy(), values)


def seed_deltas(sheet: Sheet, form: Form, *, count: int, rng: np.random.Generator) -> list[Seeded]:
    """Put up to `count` deltas into rows of their own; only such as are seen through the rounding of the form."""
    free = rng.permutation(len(sheet.labels)).tolist()
    kinds = [kind for kind in KINDS if form.is_money or kind != ShadowKind.PRICE]
    seeded: list[Seeded] = []
    while len(seeded) < count and len(free) > 1:
        kind = kinds[int(rng.integers(len(kinds)))]
        rows = (free.pop(), free.pop()) if kind == ShadowKind.SWAPPED else (free.pop(),)
        first, last = _put(sheet, kind, rows, rng)
        seeded.append(Seeded(kind, rows, first, last))
    smallest = SMALLEST_CHANGE * 10.0**-form.decimals * form.factor
    seen = np.abs(sheet.values - sheet.plan) > smallest
    return [delta for delta in seeded if all(seen[row].any() or row in sheet.left_out for row in delta.rows)]


def _put(sheet: Sheet, kind: ShadowKind, rows: tuple[int, ...], rng: np.random.Generator) -> tuple[int, int]:
    """Change the rows; the months (positions, inclusive) that the delta touches."""
    months = sheet.values.shape[1]
    row, plan = rows[0], sheet.plan[rows[0]]
    first = int(rng.integers(0, months - 6)) if rng.random() < 0.6 else 0
    last = int(rng.integers(first + 3, months)) if first else months - 1
    span = slice(first, last + 1)
    if kind == ShadowKind.SHIFTED:
        return _shifted(sheet, row, rng)
    if kind == ShadowKind.MISSING:
        sheet.values[row] = 0
        if rng.random() < 0.7:
            sheet.left_out.add(row)
        return 0, months - 1
    if kind == ShadowKind.STALE:
        first = int(rng.integers(CLOSED))
        last = min(first + int(rng.integers(2)), CLOSED - 1)
        factor = rng.choice([0.82, 0.91, 1.07, 1.18])
        sheet.values[row, first : last + 1] = plan[first : last + 1] * factor
        return first, last
    if kind == ShadowKind.SWAPPED:
        sheet.values[rows[0], span], sheet.values[rows[1], span] = sheet.plan[rows[1], span], sheet.plan[row, span]
        return first, last
    if kind == ShadowKind.DOUBLE and rng.random() < 0.4:
        sheet.values[row] = plan * 2
        sheet.repeated.add(row)
        return 0, months - 1
    factors = {
        ShadowKind.PRICE: float(rng.choice([0.8, 0.93, 1.06, 1.15, 1.3])),
        ShadowKind.THOUSANDS: 0.001,
        ShadowKind.DOUBLE: 2.0,
        ShadowKind.SIGN: -1.0,
    }
    sheet.values[row, span] = plan[span] * factors[kind]
    return first, last


def _shifted(sheet: Sheet, row: int, rng: np.random.Generator) -> tuple[int, int]:
    plan, months = sheet.plan[row], sheet.values.shape[1]
    way = rng.integers(3)
    if way == 0:
        by = int(rng.choice([1, 2, -1]))
        moved = np.roll(plan, by)
        moved[slice(0, by) if by > 0 else slice(by, None)] = 0
        sheet.values[row] = moved
        return 0, months - 1
    first = int(rng.integers(CLOSED, months - 5))
    last = first + (1 if way == 1 else 4)
    if way == 1:
        sheet.values[row, first], sheet.values[row, last] = 0, plan[first] + plan[last]
    else:
        sheet.values[row, first : last + 1] = np.roll(plan[first : last + 1], 1)
    return first, last


NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def month_text(month: int, style: str) -> str:
    """A month number in a style named by how it writes November 2013."""
    year, number = month // 12, month % 12 + 1
    texts = {
        "Nov 2013": f"{NAMES[number - 1]} {year}",
        "2013-11": f"{year}-{number:02d}",
        "11/2013": f"{number}/{year}",
        "Nov-13": f"{NAMES[number - 1]}-{year % 100}",
        "201311": f"{year}{number:02d}",
        "01.11.2013": f"01.{number:02d}.{year}",
        "11/01/2013": f"{number:02d}/01/{year}",
        "2013-11-01": f"{year}-{number:02d}-01",
        "2013M11": f"{year}M{number:02d}",
    }
    return texts[style]


MONTH_STYLES = (
    "Nov 2013", "2013-11", "11/2013", "Nov-13", "201311", "01.11.2013", "11/01/2013", "2013-11-01", "2013M11", "date",
)  # fmt: skip


def random_form(rng: np.random.Generator) -> Form:
    """Any combination that people write; numbers as text only with a mark that says which sign is the decimal one."""
    is_csv = bool(rng.random() < 0.4)
    decimal, thousands = [(".", ""), (".", ","), (",", "."), (",", " "), (".", "'")][int(rng.integers(5))]
    style = MONTH_STYLES[int(rng.integers(len(MONTH_STYLES) - is_csv))]
    level = str(rng.choice(["item", "item", "family"]))
    return Form(
        is_money=bool(rng.random() < 0.6),
        level=level,
        with_markets=level == "family" or bool(rng.random() < 0.5),
        is_long=bool(rng.random() < 0.4),
        is_csv=is_csv,
        by_name=bool(rng.random() < 0.4),
        decimal=decimal,
        thousands=thousands,
        brackets=bool(rng.random() < 0.5),
        as_text=is_csv or bool(rng.random() < 0.3),
        decimals=int(rng.choice([2, 2, 0])),
        months=style,
        dressed=bool(rng.random() < 0.6),
        shuffled=bool(rng.random() < 0.5),
    )


def written(value: float, form: Form) -> str:
    """A number as the form writes it."""
    text = f"{abs(value):,.{form.decimals}f}".replace(",", "\0").replace(".", form.decimal)
    text = text.replace("\0", form.thousands)
    negative = value < 0 and round(abs(value), form.decimals) > 0
    return (f"({text})" if form.brackets else f"-{text}") if negative else text


def grid_of(sheet: Sheet, form: Form, rng: np.random.Generator) -> list[list[object]]:
    """The cells of the workbook: text, numbers, or ('month', number) for a real date."""
    order = [row for row in range(len(sheet.labels)) if row not in sheet.left_out]
    order = rng.permutation(order).tolist() if form.shuffled else order
    heads = ["Family" if form.level == "family" else "Product", *(["Market"] if form.with_markets else [])]
    months = [FIRST_MONTH + place for place in range(sheet.values.shape[1])]
    rows: list[list[object]] = []
    if form.is_long:
        rows.append([*heads, "Month", "Amount" if form.is_money else "Quantity", *(["Remark"] if form.dressed else [])])
        for row in order:
            for place, month in enumerate(months):
                for share in _shares(sheet, row, place):
                    tail = [f"see note {row}"] if form.dressed else []
                    rows.append([*sheet.labels[row], _month(month, form), _cell(share, form), *tail])
        return rows
    if form.dressed:
        rows += [["Forecast of the regional team"], ["Status: draft, May be changed"], []]
    rows.append([*heads, *(_month(month, form) for month in months), *(["Total", "Notes"] if form.dressed else [])])
    for place, row in enumerate(order):
        copies = 2 if row in sheet.repeated else 1
        cells = [_cell(value / copies, form) for value in sheet.values[row]]
        tail: list[object] = [_cell(float(sheet.values[row].sum()), form), "ok"] if form.dressed else []
        rows += [[*sheet.labels[row], *cells, *tail]] * copies
        if form.dressed and place % 15 == 14:
            rows.append([])
    if form.dressed:
        blank = [""] * (len(heads) - 1)
        rows.append(["Grand total", *blank, *(_cell(float(value), form) for value in sheet.values.sum(axis=0)), "", ""])
    return rows


def _shares(sheet: Sheet, row: int, place: int) -> list[float]:
    value = float(sheet.values[row, place])
    return [value / 2, value / 2] if row in sheet.repeated else [value]


def _month(month: int, form: Form) -> object:
    return ("month", month) if form.months == "date" else month_text(month, form.months)


def _cell(value: float, form: Form) -> object:
    value = value / form.factor
    return written(value, form) if form.as_text else round(value, form.decimals)


def workbook(sheet: Sheet, form: Form, rng: np.random.Generator) -> bytes:
    """The bytes of the XLSX or CSV file."""
    rows = grid_of(sheet, form, rng)
    return _csv(rows, form) if form.is_csv else _xlsx(rows)


def _csv(rows: list[list[object]], form: Form) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";" if form.decimal == "," else ",").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[list[object]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page, day = book.add_worksheet("Forecast"), book.add_format({"num_format": "mmm yy"})
    for line, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, tuple):
                serial = (pd.Timestamp(cell[1] // 12, cell[1] % 12 + 1, 1) - pd.Timestamp(1899, 12, 30)).days
                page.write_number(line, column, serial, day)
            elif isinstance(cell, str):
                page.write_string(line, column, cell)
            elif cell is not None:
                page.write_number(line, column, float(cell))
    book.close()
    return out.getvalue()


@dataclass(frozen=True)
class Case:
    """One workbook with what was put into it."""

    content: bytes
    sheet: Sheet
    form: Form
    seeded: list[Seeded]


def dirty_case(base: Company, seed: int) -> Case:
    """A workbook with 0 to 40 deltas."""
    rng = np.random.default_rng(seed)
    form = random_form(rng)
    sheet = sheet_of(base, form)
    seeded = seed_deltas(sheet, form, count=int(rng.integers(0, 41)), rng=rng)
    return Case(workbook(sheet, form, rng), sheet, form, seeded)


def clean_case(base: Company, seed: int) -> Case:
    """A workbook that says what the plan says, re-ordered and re-formatted, in whole units or in hundredths."""
    rng = np.random.default_rng(10_000 + seed)
    form = replace(random_form(rng), shuffled=True, factor=float(rng.choice([1, 1, 1, 1000])))
    form = replace(form, decimals=2 if form.factor > 1 else form.decimals)
    sheet = sheet_of(base, form)
    return Case(workbook(sheet, form, rng), sheet, form, [])
