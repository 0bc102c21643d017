"""A first proposal of a mapping from a sample: names that resemble each other, forms that allow one reading only.

Nothing is read by a guess: a person looks at the proposal, corrects it and saves it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

from catalog.registry import Column, Dataset, FileRefused
from catalog.services.imports.formats import DATE_FORMATS, NotUnderstood, Style, plain_day, plain_number
from catalog.services.imports.mapping import ColumnSource as From
from catalog.services.imports.mapping import MappingDocument, document_of
from catalog.services.imports.open_file import open_table
from catalog.services.imports.table import NUMBER_CELL, UNREADABLE_CELL, Layout

SAMPLE_ROWS = 200
HEADER_ROWS = 8
ALIKE = 0.62
NUMBERS = ("integer", "money", "units", "rate", "decimal")
STYLES = (
    Style(),
    Style(decimal=",", thousands="."),
    Style(thousands=","),
    Style(decimal=",", thousands=" "),
    Style(thousands="'"),
)
#: What other systems call our columns.
WORDS = {
    "sku": ("item", "material", "product", "article", "artikel", "part", "itemcode", "productcode"),
    "month": ("period", "date", "monat", "postingperiod", "datum"),
    "market": ("region", "area", "gebiet", "country", "salesorg"),
    "channel": ("distributionchannel", "kanal", "way"),
    "units": ("quantity", "qty", "menge", "pieces", "stueck"),
    "net_revenue": ("net", "revenue", "umsatz", "netsales", "amount"),
    "list_value": ("gross", "listenwert", "grosssales"),
    "std_cogs": ("cost", "cogs", "kosten", "standardcost"),
    "name": ("description", "bezeichnung", "text"),
}


def proposed_document(dataset: Dataset, content: bytes) -> dict[str, Any]:
    """A document that reads the sample as far as it can be told; {"dataset": …} when the file cannot be opened."""
    opened = _opened(dataset, content)
    if opened is None:
        return {"dataset": dataset.name}
    layout, header, rows = opened
    pairs = matched_columns(dataset.columns, header)
    places = {name: header.index(theirs) for name, theirs in pairs.items()}
    cells = {name: [row[place] for row in rows] for name, place in places.items()}
    kinds = {column.name: column.kind for column in dataset.columns}
    numbers = [text for name, texts in cells.items() if kinds[name] in NUMBERS for text in _texts(texts)]
    days = [text for name, texts in cells.items() if kinds[name] in ("date", "month") for text in _texts(texts)]
    months = any(kinds[name] == "month" for name in cells)
    style = replace(number_style(numbers), dates=day_format(days, is_month=months))
    columns = {name: From(f"{{{theirs}}}") for name, theirs in pairs.items() if name != theirs}
    return document_of(MappingDocument(dataset=dataset.name, layout=layout, style=style, columns=columns))


def matched_columns(columns: Sequence[Column], header: Sequence[str]) -> dict[str, str]:
    """Our column → the most alike of theirs; each is used once, the surest pairs first; required ones before others."""
    scores = [
        (column.required, likeness(column.name, theirs), column.name, theirs)
        for column in columns
        for theirs in header
        if theirs
    ]
    found: dict[str, str] = {}
    for _, score, ours, theirs in sorted(scores, key=lambda entry: (-entry[1], not entry[0], entry[2], entry[3])):
        if score >= ALIKE and ours not in found and theirs not in found.values():
            found[ours] = theirs
    return found


def likeness(ours: str, theirs: str) -> float:
    """How alike two names are, 0 to 1; a known other word counts 0.95."""
    one, other = _plain(ours), _plain(theirs)
    if not other:
        return 0.0
    if one == other:
        return 1.0
    if other in WORDS.get(ours, ()):
        return 0.95
    return SequenceMatcher(None, one, other).ratio()


def number_style(texts: Sequence[str]) -> Style:
    """The one style that reads every text, with the negatives it needs; the plain one when several or none do."""
    negatives = tuple(
        name
        for name, form in (("brackets", r"\(.*\)"), ("trailing", r".*\d-"))
        if any(re.fullmatch(form, text) for text in texts)
    )
    fitting = [style for style in STYLES if _reads_all(texts, replace(style, negatives=negatives))]
    values = {tuple(plain_number(text, replace(style, negatives=negatives)) for text in texts) for style in fitting}
    return replace(fitting[0] if len(values) == 1 else Style(), negatives=negatives)


def day_format(texts: Sequence[str], *, is_month: bool) -> str:
    """The one format that reads every text; '' when they are ISO, or when several formats or none do."""
    fitting = [form for form in DATE_FORMATS if _reads_days(texts, Style(dates=form), is_month)]
    if not texts or "YYYY-MM-DD" in fitting:
        return ""
    days = {tuple(plain_day(text, Style(dates=form), is_month=is_month) for text in texts) for form in fitting}
    return fitting[0] if len(days) == 1 else ""


def _opened(dataset: Dataset, content: bytes) -> tuple[Layout, list[str], list[list[str]]] | None:
    """The layout under which the header resembles the dataset most, its header and first rows."""
    best: tuple[float, Layout, list[str], list[list[str]]] | None = None
    for encoding in ("", "windows-1252"):
        for line in range(1, HEADER_ROWS + 1):
            layout = Layout(encoding=encoding, header_row=line)
            try:
                table = open_table(content, layout, prefer=dataset.name)
                rows = [cells for _, cells in islice(table.rows, SAMPLE_ROWS)]
            except FileRefused:
                continue
            score = len(matched_columns(dataset.columns, table.header)) - line / 100
            if best is None or score > best[0]:
                best = score, layout, table.header, rows
        if best is not None:
            break
    return best[1:] if best else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _texts(cells: Sequence[str]) -> list[str]:
    return [
        text.strip()
        for text in cells
        if text.strip() and not text.startswith(NUMBER_CELL) and UNREADABLE_CELL not in text
    ]


def _reads_all(texts: Sequence[str], style: Style) -> bool:
    try:
        for text in texts:
            plain_number(text, style)
    except NotUnderstood:
        return False
    return True


def _reads_days(texts: Sequence[str], style: Style, is_month: bool) -> bool:
    try:
        for text in texts:
            plain_day(text, style, is_month=is_month)
    except NotUnderstood:
        return False
    return True
