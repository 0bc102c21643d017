"""Shortages in the register of decisions: what a planner chose, what was put to the executive, and what waits to be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from cycles.errors import DomainError, NotAllowedNow
from cycles.models import Decision, DecisionState, Plan, User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.answers import Question, ask_again, record_decision
from cycles.services.plans import lock_plan
from supply.models import PinKind, ShortageChoice, ShortageDecision
from supply.selectors import LostItem, lost_items
from supply.services.options import Option, cost_over_standard, priced_lost_item

CODE = "supply.shortage"
MILLI = 1000


class NoSuchChoice(DomainError):
    """The answer is none of the options that were priced; what follows depends on it."""

    code = "no_such_choice"


@dataclass(frozen=True, slots=True)
class AskedShortage:
    """What a planner puts to somebody else: the item that is short, the question, who decides until when, and what a
    subcontracted unit costs over its standard where that is known, in reporting currency."""

    item_id: int
    text: str
    owner: User | None = None
    due_on: date | None = None
    unit_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ShortageQuestion:
    """The decision about one item that is short; ``chosen`` is the option it was answered with, None while open.

    ``is_waiting`` says that the answer asks for entries of the supply ledger which nobody has made yet.
    """

    row: Decision
    chosen: Mapping[str, Any] | None
    is_waiting: bool

    @property
    def is_open(self) -> bool:
        """Whether it waits for its answer."""
        return bool(self.row.state == DecisionState.OPEN)

    @property
    def is_of_others(self) -> bool:
        """Whether somebody else than the one who asked has answered it."""
        return not self.is_open and self.row.taken_by_id != self.row.recorded_by_id

    @property
    def kind(self) -> ShortageChoice:
        """The option that was chosen."""
        return ShortageChoice((self.chosen or {})["kind"])


def question_of(lost: LostItem) -> str:
    """The question in words: what is short, by how much and when."""
    first, last = lost.months[0], lost.months[-1]
    when = f"in {first:%b %Y}" if first == last else f"from {first:%b %Y} to {last:%b %Y}"
    return f"{lost.item.code} is short of {lost.short_milli / MILLI:,.0f} units {when}. What is done about it?"


def shortage_question(
    lost: LostItem, options: Sequence[Option], best: str, *, text: str = "", unit_cost: Decimal | None = None
) -> Question:
    """The shortage as the register of decisions takes it: every possible option with its price, the best recommended.

    Money is the revenue that is lost, with a minus. Subcontracting is priced with its cost where that is known.
    """
    rows = tuple(_option(option, best, unit_cost) for option in options if option.is_possible)
    return Question(CODE, lost.item.code, text or question_of(lost), -lost.revenue_cents, rows)


def _option(option: Option, best: str, unit_cost: Decimal | None) -> dict[str, Any]:
    is_subcontract = option.kind == ShortageChoice.SUBCONTRACT
    cost = cost_over_standard(option, unit_cost) if is_subcontract and unit_cost is not None else 0
    found: dict[str, Any] = {
        "kind": option.kind,
        "title": option.label,
        "revenue_cents": option.revenue_cents,
        "margin_cents": (option.margin_cents or 0) - cost,
        "inventory_cents": option.inventory_cents,
        "cash_cents": (option.cash_cents or 0) - cost,
        "service_points": option.service_points,
        "note": _note(option, unit_cost if is_subcontract else None),
    }
    if is_subcontract and unit_cost is not None:
        found["unit_cost"] = str(unit_cost)
    return found | ({"recommended": True} if option.kind == best else {})


def _note(option: Option, unit_cost: Decimal | None) -> str:
    """What the option asks for, in words."""
    if not option.entries:
        return "The shortage stays and its margin is given up."
    if option.extra_hours_milli:
        return f"{option.extra_hours_milli / MILLI:,.0f} hours beyond the overtime limit."
    units = f"{sum(entry[5] for entry in option.entries) / MILLI:,.0f} units"
    if option.entries[0][0] != PinKind.SUBCONTRACT:
        return f"{units} are made ahead."
    if unit_cost is not None:
        return f"{units} at {unit_cost:,.2f} each over standard."
    most = (option.break_even_cents or 0) / 100
    return f"{units}, before what they cost; it pays up to {most:,.2f} each over standard."


def put_to_executive(*, plan_id: int, asked: AskedShortage, actor: User) -> Decision:
    """Put the options of a shortage to whoever takes decisions, without choosing; audited, and its owner is told.

    Nothing is fixed. Before → after: no question, the actor's own answer, or one whose shortage has changed → open. Supply planners, while
    the supply stage is open, for items inside their families. The same again: an open one gets the new words and prices.

    Raises:
        NotAllowedNow: The options were priced for an earlier plan, or the very shortage was decided already.
        NoSuchOption: It is not short. NotAllowedToYou: By the rights table. ReasonMissing: No question in words.
    """
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.PIN_SUPPLY, plan=plan)
        lost, priced = priced_lost_item(plan, asked.item_id, actor)
        made = shortage_question(
            lost, priced.options[asked.item_id], priced.best(asked.item_id), text=asked.text, unit_cost=asked.unit_cost
        )
        question = Question(
            made.code, made.subject, asked.text, made.money_cents, made.options, asked.due_on, asked.owner
        )
        before = questions_of(plan).get(lost.item.code)
        if before is not None and not before.is_open and before.row.taken_by_id == actor.pk:
            return ask_again(plan=plan, question=question, actor=actor)
        decision = record_decision(plan=plan, question=question, actor=actor)
        if decision.state == DecisionState.TAKEN:
            raise NotAllowedNow(f"{decision.taken_by} has decided this very shortage: {decision.choice}.")
        return decision


def check_choice(decision: Decision, actor: User) -> None:
    """Effect of a taken decision about a shortage: the answer is one of its options; nothing is fixed yet.

    The entries of the ledger are made by a supply planner (`shortages.carry_out`), so that whoever decided has none of
    their own and stays free to approve the plan.

    Raises:
        NoSuchChoice: It is none of them; the decision stays open.
    """
    if _chosen(decision) is None:
        titles = "” or “".join(str(option["title"]) for option in decision.options)
        raise NoSuchChoice(f"“{decision.choice}” is none of the options. Choose “{titles}”.")


def questions_of(plan: Plan) -> dict[str, ShortageQuestion]:
    """The decisions of a plan about shortages by item code. Three queries."""
    rows = plan.decisions.filter(code=CODE).select_related("owner", "taken_by", "recorded_by")
    short = {lost.item.code for lost in lost_items(plan)} if rows else set()
    made = ShortageDecision.objects.filter(plan=plan).values_list("item__code", "choice", "created_at")
    done = list(made) if rows else []
    return {row.subject: _question(row, row.subject in short, done) for row in rows}


def waiting_decisions(plan: Plan) -> list[ShortageQuestion]:
    """Decisions that ask for entries of the supply ledger which nobody has made yet."""
    return [question for question in questions_of(plan).values() if question.is_waiting]


def _question(row: Decision, is_short: bool, done: Iterable[tuple[str, str, datetime]]) -> ShortageQuestion:
    chosen = _chosen(row)
    if chosen is None or not is_short or chosen["kind"] == ShortageChoice.DECLINE:
        return ShortageQuestion(row, chosen, is_waiting=False)
    is_done = any(
        (code, kind) == (row.subject, chosen["kind"]) and row.taken_at is not None and at >= row.taken_at
        for code, kind, at in done
    )
    return ShortageQuestion(row, chosen, is_waiting=not is_done)


def _chosen(row: Decision) -> Mapping[str, Any] | None:
    return next((option for option in row.options if option["title"] == row.choice), None)


def refuse_decided(plan: Plan, item_code: str, actor: User) -> None:
    """Refuse a planner's own choice about what waits for somebody else's answer, or has it.

    Raises:
        NotAllowedNow: Somebody else asked and the answer is awaited; or somebody else than the asker has decided it.
    """
    question = questions_of(plan).get(item_code)
    if question is None:
        return
    row = question.row
    if question.is_open and row.recorded_by_id != actor.pk:
        raise NotAllowedNow(
            f"{row.recorded_by} has put this to {row.owner or 'the executive'}; it waits for its answer."
        )
    if question.is_of_others:
        raise NotAllowedNow(f"{row.taken_by} has decided this: {row.choice}. Carry it out, or put it to them again.")
