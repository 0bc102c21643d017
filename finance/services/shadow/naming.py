"""Which item, family and market a line of their sheet means: by code, else by name, else a reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd

from finance.frames.shadow import Names
from finance.services.shadow.layout import HEADING, SheetTable

TOTAL = re.compile(
    r"(?:^|\b)(?:grand |sub-?)?(?:total|totals|subtotal|sum|summe|gesamt|gesamtsumme|insgesamt|overall)(?:\b|$)", re.I
)
EVERYTHING = {"company", "all", "all items", "all markets", "all products"}
WHAT = ("item", "family", "category")
WHERE = ("market", "region", "channel")
ENOUGH = 0.3
LOOKED_AT = 400
WORDS = {
    "item": ("item", "sku", "product", "code", "article", "material", "artikel", "part"),
    "family": ("family", "group", "familie", "line", "range"),
    "category": ("category", "kategorie", "segment"),
    "market": ("market", "markt", "place"),
    "region": ("region", "area", "territory", "country"),
    "channel": ("channel", "kanal"),
}


@dataclass(frozen=True, order=True)
class NodeKey:
    """A node of the hierarchy that a line may stand for: what (item, family, category, '') and where."""

    what: str = ""
    what_id: int = 0
    where: str = ""
    where_id: int = 0


@dataclass(frozen=True)
class Unaligned:
    """A line that could not be aligned: line, what it says, reason and remedy."""

    line: int
    label: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Columns:
    """Which columns of a sheet name what; a role may be told by several columns (code and name), the surest first."""

    roles: dict[str, tuple[str, ...]]


class Directory:
    """Codes and names by role, in exact and in plain spelling; a spelling that two things share belongs to neither."""

    def __init__(self, names: Names) -> None:
        self._exact: dict[str, dict[str, set[int]]] = {role: {} for role in (*WHAT, *WHERE)}
        self._plain: dict[str, dict[str, set[int]]] = {role: {} for role in (*WHAT, *WHERE)}
        self._written: dict[str, str] = {}
        self._known: dict[tuple[str, str], set[int]] = {}
        markets = names.markets
        self._add("item", names.items, "item_id", ("code", "name"))
        self._add("family", names.families, "family_id", ("code", "name"))
        self._add("category", names.categories, "category_id", ("code", "name"))
        self._add("market", markets, "market_id", ("code",))
        self._add("region", markets.drop_duplicates("region_id"), "region_id", ("region", "region_name"))
        self._add("channel", markets.drop_duplicates("channel_id"), "channel_id", ("channel", "channel_name"))
        for region in ("region", "region_name"):
            for channel in ("channel", "channel_name"):
                labels = markets[region].astype(str) + " " + markets[channel].astype(str)
                self._add("market", markets.assign(both=labels), "market_id", ("both",))
        self.market_of = dict(
            zip(zip(markets["region_id"], markets["channel_id"], strict=True), markets["market_id"], strict=True)
        )
        codes = zip(names.items["item_id"], names.items["code"], strict=True)
        self._codes = {spelled(code): int(key) for key, code in codes}

    def _add(self, role: str, frame: pd.DataFrame, key: str, columns: Sequence[str]) -> None:
        for column in columns:
            for place, text in zip(frame[key].tolist(), frame[column].astype(str).tolist(), strict=True):
                self._written.setdefault(spelled(text), text)
                for table, spelling in ((self._exact, spelled(text)), (self._plain, plainly(text))):
                    if spelling:
                        table[role].setdefault(spelling, set()).add(int(place))

    def find(self, role: str, text: str) -> set[int]:
        """Ids that a text can mean in a role: one when it is clear, several when two share the name, none else.

        A code counts before a name; then spelling without signs; then a code beside a name ("1042 - Lamp").
        """
        if (role, text) not in self._known:
            self._known[role, text] = self._look_up(role, text) if text else set()
        return self._known[role, text]

    def _look_up(self, role: str, text: str) -> set[int]:
        if role == "item" and spelled(text) in self._codes:
            return {self._codes[spelled(text)]}
        found = self._exact[role].get(spelled(text)) or self._plain[role].get(plainly(text))
        if found or role != "item":
            return found or set()
        parts = [*re.split(r"\s+[-–|:/]\s+|\s*[|;]\s*|\s*\(|\)\s*", text), text.split()[0]]
        codes = {self._codes[spelled(part)] for part in parts if spelled(part) in self._codes}
        if codes:
            return codes
        return set().union(*(self._exact[role].get(spelled(part), set()) for part in parts if len(part) > 3))

    def closest(self, role: str, text: str) -> str:
        """The most alike code or name, '' when nothing resembles the text."""
        near = get_close_matches(spelled(text), list(self._exact[role]), n=1, cutoff=0.7)
        return self._written.get(near[0], near[0]) if near else ""


def spelled(text: str) -> str:
    """A text without capitals and extra spaces."""
    return " ".join(text.casefold().split())


def plainly(text: str) -> str:
    """Letters and digits only."""
    return re.sub(r"[^0-9a-z\u00c0-\u024f]", "", text.casefold())


def find_columns(table: SheetTable, directory: Directory) -> Columns:
    """Which columns name items, families, categories and places: those most of whose texts are found there.

    A column tells one role at most; the finest role that it can tell wins, its heading decides between equals.
    """
    scores: dict[str, dict[str, float]] = {role: {} for role in (*WHAT, *WHERE)}
    for column in table.columns:
        texts = {line.labels.get(column, "") for line in table.lines} - {""}
        texts = {text for text in sorted(texts)[:LOOKED_AT] if not TOTAL.search(text)}
        if not texts:
            continue
        for role in scores:
            hits = sum(bool(directory.find(role, text)) for text in texts) / len(texts)
            if hits >= ENOUGH:
                heading = column != HEADING and any(word in column.casefold() for word in WORDS[role])
                scores[role][column] = hits + 0.15 * heading
    roles: dict[str, list[str]] = {}
    for column in table.columns:
        told = [(round(scores[role].get(column, 0.0), 3), -rank, role) for rank, role in enumerate((*WHAT, *WHERE))]
        best = max(told)
        if best[0]:
            roles.setdefault(best[2], []).append(column)
    ordered = {role: tuple(sorted(found, key=lambda c: -scores[role][c])) for role, found in roles.items()}
    return Columns(ordered)


@dataclass(frozen=True)
class Named:
    """What the labels of the lines mean: a node, None for a sub-total, or a reason, by position of the line."""

    nodes: dict[int, NodeKey]
    totals: list[int]
    unaligned: dict[int, Unaligned]


def name_lines(table: SheetTable, columns: Columns, directory: Directory) -> Named:
    """The node of every line; totals and what cannot be aligned are told apart.

    A blank place under a filled one repeats it, as merged cells do, unless that item was given there already.
    """
    nodes: dict[int, NodeKey] = {}
    totals: list[int] = []
    unaligned: dict[int, Unaligned] = {}
    last_place: tuple[str, int] = ("", 0)
    last_what: tuple[str, int] = ("", 0)
    seen: set[tuple[NodeKey, int]] = set()
    for position, line in enumerate(table.lines):
        shown = _label(line.labels, columns)
        if _is_total(line.labels, columns, directory):
            totals.append(position)
            continue
        place = _found(line.labels, columns, WHERE, directory)
        what = _found(line.labels, columns, WHAT, directory)
        place = _market_of(place, directory)
        if what == [] and place and last_what[0]:
            what = [last_what]
        month = min((month for _, month in line.cells), default=0)
        if what and len(what) == 1 and place == [] and last_place[0]:
            kept = NodeKey(*what[0], *last_place)
            place = [last_place] if (kept, month) not in seen else []
        fault = _fault(line.line, shown, (what, place), line.labels, columns, directory)
        if fault is not None:
            unaligned[position] = fault
            continue
        last_what = what[0] if what else last_what
        last_place = place[0] if place else last_place
        node = NodeKey(*(what[0] if what else ("", 0)), *(place[0] if place else ("", 0)))
        seen.add((node, month))
        nodes[position] = node
    return Named(nodes, totals, unaligned)


def _label(labels: dict[str, str], columns: Columns) -> str:
    told = [labels.get(column, "") for role in (*WHAT, *WHERE) for column in columns.roles.get(role, ())]
    told = [text for text in told if text] or [text for name, text in labels.items() if text and name != HEADING]
    return " · ".join(dict.fromkeys(told))[:120]


def _is_total(labels: dict[str, str], columns: Columns, directory: Directory) -> bool:
    """Whether a line adds others up: it says so in the place of an item, a family or a market, and names none."""
    keys = [column for role in (*WHAT, *WHERE) for column in columns.roles.get(role, ()) if column != HEADING]
    told = [labels.get(column, "") for column in keys] or list(labels.values())
    if not any(told):
        told = [text for name, text in labels.items() if name != HEADING]
    words = [text for text in told if TOTAL.search(text) or spelled(text) in EVERYTHING]
    return any(not directory.find("item", text) for text in words)


Told = list[tuple[str, int]] | None


def _found(labels: dict[str, str], columns: Columns, roles: Iterable[str], directory: Directory) -> Told:
    """(role, id) of the finest role that a line tells; [] when its cells are blank, None when none is understood.

    Several when a name is shared. Region and channel may both be told. A text that its column's own role does not know
    may be a wider one: the family that sums up the items above it.
    """
    columns_of = {role: columns.roles.get(role, ()) for role in roles}
    blank = not any(labels.get(column) for held in columns_of.values() for column in held)
    places: list[tuple[str, int]] = []
    for role, held in columns_of.items():
        found = next((ids for column in held if (ids := directory.find(role, labels.get(column, "")))), set())
        if found and role not in ("region", "channel"):
            return [(role, key) for key in sorted(found)]
        places += [(role, min(found))] if found else []
    if not places and not blank:
        texts = [text for held in columns_of.values() for column in held if (text := labels.get(column, ""))]
        wider = ((role, ids) for role in columns_of for text in texts if (ids := directory.find(role, text)))
        role, found = next(wider, ("", set()))
        return [(role, key) for key in sorted(found)] if found else None
    return places


def _market_of(place: Told, directory: Directory) -> Told:
    """Region and channel together are a market."""
    if place is None or len(place) != 2 or {role for role, _ in place} != {"region", "channel"}:
        return place
    keys = dict(place)
    market = directory.market_of.get((keys["region"], keys["channel"]))
    return None if market is None else [("market", int(market))]


def _fault(
    line: int,
    shown: str,
    told: tuple[Told, Told],
    labels: dict[str, str],
    columns: Columns,
    directory: Directory,
) -> Unaligned | None:
    what, place = told
    if what is not None and len(what) > 1:
        return Unaligned(line, shown, "Two items or families are called this.", "Write the code.")
    if what is None or (not what and (not columns.roles or any(role in columns.roles for role in WHAT))):
        text = next((labels[c] for role in WHAT for c in columns.roles.get(role, ()) if labels.get(c)), "")
        if not text:
            return Unaligned(line, shown, "The line names no item and no family.", "Write the code of the item.")
        near = directory.closest("item", text) or directory.closest("family", text)
        remedy = f"Did you mean {near}? Write the code." if near else "Write the code or the name as in Products."
        return Unaligned(line, shown, "There is no item and no family of this code or name.", remedy)
    if place is None:
        return Unaligned(
            line, shown, "There is no market of this code or name.", "Write region/channel, as in Markets."
        )
    return None
