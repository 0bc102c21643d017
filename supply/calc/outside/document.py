"""The aggregate planning problem as its document states it: items, work centres, people, over some periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.calc.outside.fields import Fields, ProblemFormError
from supply.calc.outside.moves import TransferTerms, read_transfers
from supply.calc.outside.quantities import quantities, ways_of
from supply.calc.outside.stock_terms import RoomTerms, StockTerms, read_room, read_stock_terms
from supply.calc.problem import Floats


@dataclass(frozen=True)
class ItemTerms:
    """One item. Series are (period,): units, or reporting currency per unit; infinite = without limit.

    ``hours`` by work centre are hours per unit, ``other_ways`` those of other ways to make it; ``components`` by item are units in one unit; ``pins`` by period number
    are units to make. ``lost_sale`` None = all demand must be met; ``is_open`` = demand without limit. What ``is_bought``
    comes in as ``subcontract`` does, and is made as well only when it says how. Material, hours and components are those
    of a good unit, scrap included.
    """

    name: str
    demand: Floats
    is_open: bool
    price: Floats | None
    lost_sale: Floats | None
    material: Floats
    holding: Floats
    backlog: Floats | None
    backlog_most: Floats
    opening_backlog: float
    opening_stock: float
    stock_least: Floats
    stock_most: Floats
    subcontract: Floats | None
    subcontract_most: Floats
    make_least: Floats
    make_most: Floats
    lot: float
    is_bought: bool
    hours: dict[str, float]
    other_ways: tuple[dict[str, float], ...]
    components: dict[str, float]
    pins: dict[int, float]
    stock: StockTerms


@dataclass(frozen=True)
class CentreTerms:
    """One work centre: regular ``hours``, ``overtime_most`` and ``shift_most`` hours (period,), currency per hour of each;
    ``idle`` is what a regular hour costs that nobody uses."""

    name: str
    hours: Floats
    rate: Floats
    idle: Floats
    overtime_most: Floats
    overtime_rate: Floats
    shift_most: Floats
    shift_rate: Floats


@dataclass(frozen=True)
class PeopleTerms:
    """People who work on one work centre; per head and period, (period,) each; ``wage`` is paid whether they work or not.

    ``hire_most`` and ``release_most`` heads a period; ``is_busy``: their work centre uses every regular hour."""

    name: str
    centre: str
    opening: float
    hours: Floats
    overtime_hours: Floats
    overtime_rate: Floats
    wage: Floats
    hire: Floats
    release: Floats
    least: Floats
    most: Floats
    hire_most: Floats
    release_most: Floats
    is_busy: bool


@dataclass(frozen=True)
class MarketTerms:
    """A place that several items may serve (the same good at other sites): (period,) units and currency per unit.

    ``lanes`` by item are freight per unit. ``lost_sale`` None = all demand must be met.
    """

    name: str
    demand: Floats
    price: Floats | None
    lost_sale: Floats | None
    lanes: dict[str, float]


@dataclass(frozen=True)
class Document:
    """A whole problem. ``averages_stock``: holding is paid on the mean of opening and closing stock of a period."""

    periods: tuple[str, ...]
    items: tuple[ItemTerms, ...]
    centres: tuple[CentreTerms, ...]
    people: tuple[PeopleTerms, ...]
    markets: tuple[MarketTerms, ...]
    transfers: tuple[TransferTerms, ...]
    averages_stock: bool
    fixed_cost: float
    currency: str
    room: RoomTerms | None

    @property
    def places(self) -> tuple[ItemTerms | MarketTerms, ...]:
        """Everything with a demand: items first, then markets."""
        return (*self.items, *self.markets)


def read_document(given: object) -> Document:
    """Read an aggregate planning problem.

    Raises:
        ProblemFormError: A field is missing, unknown, negative, no number, or contradicts another one.
    """
    fields = Fields(given, "problem")
    periods = _periods(fields)
    months = len(periods)
    centres = [_centre(each, months) for each in fields.objects("resources")]
    people = [_people(each, months) for each in _pools(fields)]
    centres += _centres_of(people, {centre.name for centre in centres})
    names = [centre.name for centre in centres]
    items = tuple(_item(each, periods, names) for each in fields.objects("items"))
    goods = [item.name for item in items]
    if not items:
        raise ProblemFormError("problem.items", [], "names no item", "Give at least one")
    holding_on = fields.text("holding_on", "closing")
    if holding_on not in ("closing", "average"):
        raise ProblemFormError("problem.holding_on", holding_on, "is unknown", "Write closing or average")
    document = Document(
        periods=periods,
        items=items,
        centres=tuple(centres),
        people=tuple(people),
        markets=tuple(_market(each, months, goods) for each in fields.objects("markets")),
        transfers=read_transfers(fields, months, goods),
        averages_stock=holding_on == "average",
        fixed_cost=fields.number("fixed_cost", 0.0),
        currency=fields.text("currency", ""),
        room=read_room(fields, months),
    )
    for name in ("kind", "name", "source", "note"):
        fields.has(name)
    fields.end()
    _check_names(document)
    return document


def _periods(fields: Fields) -> tuple[str, ...]:
    given = fields.raw("periods")
    if isinstance(given, int) and not isinstance(given, bool) and 0 < given <= 600:
        return tuple(str(number + 1) for number in range(given))
    if isinstance(given, list) and given and len({str(name) for name in given}) == len(given):
        return tuple(str(name) for name in given)
    raise ProblemFormError("problem.periods", given, "names no periods", "Give their number or a list of names")


def _pools(fields: Fields) -> list[Fields]:
    given = fields.raw("workforce", [])
    listed = given if isinstance(given, list) else [given]
    return [Fields(each, f"problem.workforce[{row}]") for row, each in enumerate(listed)]


def _centres_of(people: list[PeopleTerms], listed: set[str]) -> list[CentreTerms]:
    """A work centre for every pool that works on none of the listed ones; pools on the same one pay overtime alike."""
    found: dict[str, CentreTerms] = {}
    for pool in people:
        known = found.get(pool.centre)
        if pool.centre in listed and pool.overtime_rate.any():
            reason = "is paid by the resource they work on"
            raise ProblemFormError("problem.workforce.overtime_rate", pool.centre, reason, "Give it at the resource")
        if known is not None and (known.overtime_rate != pool.overtime_rate).any():
            reason = "differs from that of another pool on the same resource"
            given = pool.overtime_rate.tolist()
            raise ProblemFormError(f"problem.workforce.{pool.name}.overtime_rate", given, reason, "Give one rate")
        if pool.centre not in listed and known is None:
            none = np.zeros(len(pool.hours))
            found[pool.centre] = CentreTerms(pool.centre, none, none, none, none, pool.overtime_rate, none, none)
    return list(found.values())


def _centre(fields: Fields, months: int) -> CentreTerms:
    centre = CentreTerms(
        name=fields.text("name"),
        hours=fields.series("hours", months),
        rate=fields.series("rate", months, 0.0),
        idle=fields.series("idle_rate", months, 0.0),
        overtime_most=fields.series("overtime_limit", months, 0.0),
        overtime_rate=fields.series("overtime_rate", months, 0.0),
        shift_most=fields.series("shift_limit", months, 0.0),
        shift_rate=fields.series("shift_rate", months, 0.0),
    )
    fields.end()
    return centre


def _people(fields: Fields, months: int) -> PeopleTerms:
    hours = fields.series("regular_hours", months)
    wage = fields.series("wage", months, 0.0) + fields.series("hourly_wage", months, 0.0) * hours
    least, most = fields.series("least", months, 0.0), fields.series("most", months, np.inf)
    if fields.has("closing"):
        least[-1] = most[-1] = fields.number("closing")
    centre = fields.text("resource", "workforce")
    pool = PeopleTerms(
        name=fields.text("name", centre),
        centre=centre,
        opening=fields.number("opening", 0.0),
        hours=hours,
        overtime_hours=fields.series("overtime_hours", months, 0.0),
        overtime_rate=fields.series("overtime_rate", months, 0.0),
        wage=wage,
        hire=fields.series("hire", months, 0.0),
        release=fields.series("release", months, 0.0),
        least=least,
        most=most,
        hire_most=fields.series("hire_limit", months, np.inf),
        release_most=fields.series("release_limit", months, np.inf),
        is_busy=not fields.flag("idle", default=True),
    )
    fields.end()
    if (least > most).any():
        raise ProblemFormError(f"{fields.place}.least", least.tolist(), "is above most", "Make least ≤ most")
    return pool


def _market(fields: Fields, months: int, items: list[str]) -> MarketTerms:
    market = MarketTerms(
        name=fields.text("name"),
        demand=fields.series("demand", months),
        price=fields.series("price", months) if fields.has("price") else None,
        lost_sale=fields.series("lost_sale", months) if fields.has("lost_sale") else None,
        lanes=quantities(fields, "from"),
    )
    fields.end()
    for name in market.lanes:
        if name not in items:
            raise ProblemFormError(f"{fields.place}.from", name, "is no item", f"Items: {', '.join(items)}")
    if not market.lanes:
        raise ProblemFormError(
            f"{fields.place}.from", {}, "names no item that serves it", "Write {item: freight per unit}"
        )
    return market


def _outside(fields: Fields, months: int) -> tuple[Floats | None, Floats, bool]:
    """Cost and limit of units from outside, and whether they are bought: purchases come after their lead."""
    none = np.zeros(months)
    if not fields.has("purchase"):
        given = fields.series("subcontract", months) if fields.has("subcontract") else None
        return given, fields.series("subcontract_limit", months, np.inf) if given is not None else none, False
    if fields.has("subcontract"):
        reason = "is given beside a purchase cost"
        raise ProblemFormError(f"{fields.place}.subcontract", fields.raw("subcontract"), reason, "Keep one of them")
    limit = fields.series("purchase_limit", months, np.inf)
    limit[: int(fields.number("purchase_lead", 0.0))] = 0.0
    return fields.series("purchase", months), limit, True


def _lateness(fields: Fields, months: int) -> tuple[Floats | None, Floats]:
    """Cost of late units and the most of them at the end of each period; none where demand may not be late."""
    late = fields.series("backlog", months) if fields.has("backlog") else None
    most = fields.series("backlog_limit", months, np.inf if late is not None else 0.0)
    most[-1] = fields.number("closing_backlog", 0.0)
    return late, most


def _item(fields: Fields, periods: tuple[str, ...], centres: list[str]) -> ItemTerms:
    months = len(periods)
    stock_least, stock_most = _stock(fields, months)
    late, late_most = _lateness(fields, months)
    started = 1.0 / (1.0 - fields.share("scrap"))
    ordinary, others = ways_of(fields, centres, started)
    given, given_most, is_bought = _outside(fields, months)
    is_made = not is_bought or any(fields.has(name) for name in ("hours", "material", "components", "make_most"))
    item = ItemTerms(
        name=fields.text("name"),
        demand=fields.series("demand", months, 0.0),
        is_open=not fields.has("demand") and fields.has("price"),
        price=fields.series("price", months) if fields.has("price") else None,
        lost_sale=fields.series("lost_sale", months) if fields.has("lost_sale") else None,
        material=fields.series("material", months, 0.0) * started,
        holding=fields.series("holding", months, 0.0),
        backlog=late,
        backlog_most=late_most,
        opening_backlog=fields.number("opening_backlog", 0.0),
        opening_stock=fields.number("opening_stock", 0.0),
        stock_least=stock_least,
        stock_most=stock_most,
        subcontract=given,
        subcontract_most=given_most,
        make_least=fields.series("make_least", months, 0.0),
        make_most=fields.series("make_most", months, np.inf if is_made else 0.0),
        is_bought=is_bought,
        lot=fields.number("lot", 0.0),
        hours=ordinary,
        other_ways=others,
        components={name: units * started for name, units in quantities(fields, "components").items()},
        pins=_pins(fields, periods),
        stock=read_stock_terms(fields, months),
    )
    fields.end()
    for period, units in item.pins.items():
        if not item.make_least[period] <= units <= item.make_most[period]:
            place = f"{fields.place}.pins.{periods[period]}"
            raise ProblemFormError(place, units, "is outside make_least and make_most", "Change the pin or the limit")
    return item


def _stock(fields: Fields, months: int) -> tuple[Floats, Floats]:
    """Least and most stock at the end of each period; the closing stock is the least of the last one, or both."""
    least, most = fields.series("least_stock", months, 0.0), fields.series("most_stock", months, np.inf)
    if fields.has("closing_stock"):
        least[-1] = max(least[-1], fields.number("closing_stock"))
    if fields.flag("closing_stock_exact"):
        most[-1] = least[-1]
    if (least > most).any():
        raise ProblemFormError(
            f"{fields.place}.least_stock", least.tolist(), "is above most_stock", "Lower one of them"
        )
    return least, most


def _pins(fields: Fields, periods: tuple[str, ...]) -> dict[int, float]:
    pins: dict[int, float] = {}
    for each in fields.objects("pins"):
        period = str(each.raw("period"))
        if period not in periods:
            raise ProblemFormError(f"{each.place}.period", period, "is no period", f"Periods: {', '.join(periods)}")
        pins[periods.index(period)] = each.number("make")
        each.end()
    return pins


def _check_names(document: Document) -> None:
    for kind, names in (
        ("items", [item.name for item in document.items]),
        ("resources", [centre.name for centre in document.centres]),
        ("workforce", [pool.name for pool in document.people]),
        ("markets", [market.name for market in document.markets]),
    ):
        for name in names:
            if names.count(name) > 1:
                raise ProblemFormError(f"problem.{kind}", name, "is there twice", "Give every one a name of its own")
    items = {item.name for item in document.items}
    for item in document.items:
        for component in item.components:
            if component not in items:
                place = f"items.{item.name}.components"
                raise ProblemFormError(place, component, "is no item", "List it among the items, with demand 0")
