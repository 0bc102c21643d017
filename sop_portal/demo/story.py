"""What people do and say in the demo company's two months: edits, actions, an adjustment, decisions. Words and figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.models import Family, Item, Market
from cycles.models import Plan, User
from cycles.policy import Role
from cycles.services.answers import Question
from demand.models import EditKind
from demand.services.cleansing_entry import CleansingWords
from demand.services.ledger import Gesture, Instruction, Mode, Node
from finance.models import ActionDriver, AdjustmentKind, Measure
from finance.selectors.answers import GAP_CODE, Gap, family_gaps
from finance.services.actions import ByMonth, Promise
from finance.services.adjustments import Scope, Wording

SESSION = "demo"
MILLION_CENTS = 100_000_000
HUNDREDTH = MILLION_CENTS // 100

EXCEPTION_REASON = "Looked at with the regional sales leads: the projects behind it are agreed."
CARRIED_REASON = "Still agreed with sales: both hold a month on."
OVERLOAD_REASON = "Overtime up to the agreed limit; what cannot be made before the holidays is offered in January."
SHORTAGE_QUESTION = "%(item)s cannot be made in full before the holidays. Pay for it, or offer its customers January?"
SHORTAGE_UNIT_COST = Decimal(118)
GAP_CHOICE = "Accept as the plan"
GAP_REASON = "The market moved; the family's targets of the year are kept visible, the plan is the honest number."


@dataclass(frozen=True)
class Taken:
    """Something the plan takes for granted."""

    code: str
    text: str
    source: str


ASSUMPTIONS = (
    Taken("fx", "Pound, euro and Canadian dollar stay at the plan rates of October.", "Treasury"),
    Taken("steel", "Steel stays 4 % above the standard of the year until March.", "Purchasing"),
)


def unrepeated_month() -> CleansingWords:
    """June 2026 of dishwashers in Germany: an offer of which nothing is to be read into the next June."""
    return CleansingWords(
        family=Family.objects.get(code="Dishwashers"),
        market=Market.objects.get(code="DE/RETAIL"),
        month=date(2026, 6, 1),
        value_milli=None,
        reason="The buying group's anniversary offer, agreed as a single one.",
    )


def first_month_edits(plan: Plan) -> Iterator[Gesture]:
    """October: one promotion and one cautious family."""
    first = plan.first_month_index
    yield _gesture(
        plan,
        Instruction((_node("Stand mixers", "US/ONLINE"),), (first + 1,), 800),
        "Black Friday offer on stand mixers in the own web shop.",
        EditKind.PROMOTION,
    )
    plan.refresh_from_db()
    yield _gesture(
        plan,
        Instruction((_node("Dishwashers", "DE/RETAIL"),), (first, first + 1), -500),
        "A German buying group runs down its stock.",
        EditKind.OVERRIDE,
    )


def second_month_edits(plan: Plan) -> Iterator[Gesture]:
    """November: promotion, projects, a launch and two cautious families, at cell, market and family level."""
    first = plan.first_month_index
    winter = (first + 2, first + 3, first + 4)
    steps: tuple[tuple[Mode, Instruction, str, EditKind], ...] = (
        (
            Mode.SCALE,
            Instruction((_node("Coffee machines", "DE/RETAIL"),), (first, first + 1), 1000),
            "Christmas leaflet with two German chains.",
            EditKind.PROMOTION,
        ),
        (
            Mode.CHANGE,
            Instruction((_item("CM-900", "US/RETAIL"),), winter, 1_200_000),
            "Listing of the Pro 900 with a second US chain from January.",
            EditKind.NEW_PRODUCT,
        ),
        (
            Mode.CHANGE,
            Instruction((_item("OV-300", "UK/RETAIL"),), (first + 3, first + 4), 900_000),
            "Housing project in Manchester, 70 % likely.",
            EditKind.PIPELINE,
        ),
        (
            Mode.SCALE,
            Instruction((_family("Dishwashers"),), (first, first + 1), -300),
            "Retailers expect a weak December for large appliances.",
            EditKind.OVERRIDE,
        ),
        (
            Mode.CHANGE,
            Instruction((_item("BL-350", "UK/ONLINE"),), (first + 1,), 150_000),
            "Second shipment of the spring offer, agreed with the web shop.",
            EditKind.PROMOTION,
        ),
    )
    for mode, instruction, reason, kind in steps:
        plan.refresh_from_db()
        yield Gesture(mode, (instruction,), reason, plan.revision, SESSION, kind)


def first_month_actions(people: dict[Role, User]) -> tuple[Promise, ...]:
    """October's action; it stays open and is carried on."""
    return (
        Promise(
            title="Move two fitters from cooktops to oven assembly",
            owner=people[Role.SUPPLY_PLANNER],
            due_on=date(2026, 11, 27),
            revenue_cents=60 * MILLION_CENTS // 100,
            margin_cents=21 * MILLION_CENTS // 100,
            months=ByMonth(
                date(2026, 10, 1),
                (20 * HUNDREDTH, 20 * HUNDREDTH, 20 * HUNDREDTH),
                (7 * HUNDREDTH, 7 * HUNDREDTH, 7 * HUNDREDTH),
                (0, 0, 0),
            ),
            driver=ActionDriver.CONSTRAINT,
            probability=80,
            scope=Scope(family_id=_family("Built-in ovens").family_id),
        ),
    )


def second_month_actions(people: dict[Role, User]) -> tuple[Promise, ...]:
    """November's open actions; none of them is in the plan's numbers."""
    return (
        Promise(
            title="Saturday shift on oven assembly until Christmas",
            owner=people[Role.SUPPLY_PLANNER],
            due_on=date(2026, 11, 30),
            revenue_cents=140 * MILLION_CENTS // 100,
            margin_cents=46 * MILLION_CENTS // 100,
            cash_cents=-12 * MILLION_CENTS // 100,
            driver=ActionDriver.CONSTRAINT,
            probability=90,
            scope=Scope(family_id=_family("Built-in ovens").family_id),
        ),
        Promise(
            title="Dishwasher bundle with three US chains in December",
            owner=people[Role.DEMAND_PLANNER],
            due_on=date(2026, 12, 4),
            revenue_cents=95 * MILLION_CENTS // 100,
            margin_cents=22 * MILLION_CENTS // 100,
            driver=ActionDriver.VOLUME,
            probability=60,
            scope=Scope(family_id=_family("Dishwashers").family_id),
        ),
        Promise(
            title="Refrigerators: second price step of 1.5 % in the UK",
            owner=people[Role.FINANCE],
            due_on=date(2026, 12, 1),
            revenue_cents=12 * MILLION_CENTS // 100,
            margin_cents=12 * MILLION_CENTS // 100,
            driver=ActionDriver.PRICE,
            probability=75,
            scope=Scope(family_id=_family("Refrigerators").family_id),
        ),
    )


def adjustment(people: dict[Role, User]) -> Wording:
    """Finance's one named adjustment: a risk that the units do not carry."""
    return Wording(
        kind=AdjustmentKind.RISK,
        measure=Measure.REVENUE,
        title="Strike at the container terminal in December",
        reason="The port union has announced action; one week of deliveries to the UK trade is at risk.",
        first_month=date(2026, 12, 1),
        cents=(-35 * MILLION_CENTS // 100,),
        expires_on=date(2026, 12, 1),
        scope=Scope(market_id=_market("UK/RETAIL")),
        evidence="Notice of the port operator, 12 November; cover note of the forwarder.",
        owner=people[Role.FINANCE],
    )


def open_question(plan: Plan, people: dict[Role, User]) -> Question:
    """The decision that waits for the executive, with the family's gap as it stands."""
    cents = {gap.node.subject: gap.cents for gap in family_gaps(plan)}
    return Question(
        code=GAP_CODE,
        subject="Cooktops",
        text="Cooktops miss their budget since the Essential 150 was delisted. Accept, or bring a successor forward?",
        money_cents=cents.get("Cooktops"),
        options=(
            {"title": "Accept as the plan", "revenue_cents": 0, "margin_cents": 0, "service_points": 0},
            {
                "title": "Bring the Essential 200 induction forward to February",
                "revenue_cents": 180 * MILLION_CENTS // 100,
                "margin_cents": 54 * MILLION_CENTS // 100,
                "inventory_cents": 40 * MILLION_CENTS // 100,
                "cash_cents": -65 * MILLION_CENTS // 100,
                "service_points": 20,
                "note": "Mostly in the next fiscal year; tooling is ordered by the end of November.",
            },
        ),
        due_on=date(2026, 11, 30),
        owner=people[Role.EXECUTIVE],
    )


def gap_question(gap: Gap) -> Question:
    """A large gap put to the executive."""
    side = "above" if gap.cents > 0 else "below"
    return Question(
        code=GAP_CODE,
        subject=gap.node.subject,
        text=f"{gap.node.name} lands {abs(gap.cents) / MILLION_CENTS:.1f} M {side} budget. Accept it as the plan?",
        money_cents=gap.cents,
    )


def _gesture(plan: Plan, instruction: Instruction, reason: str, kind: EditKind) -> Gesture:
    return Gesture(Mode.SCALE, (instruction,), reason, plan.revision, SESSION, kind)


def _node(family: str, market: str) -> Node:
    return Node(family_id=_family(family).family_id, market_id=_market(market))


def _family(code: str) -> Node:
    return Node(family_id=Family.objects.values_list("id", flat=True).get(code=code))


def _item(code: str, market: str) -> Node:
    return Node(item_id=Item.objects.values_list("id", flat=True).get(code=code), market_id=_market(market))


def _market(code: str) -> int:
    return Market.objects.values_list("id", flat=True).get(code=code)
