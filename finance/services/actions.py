"""Actions that close a gap: promise one by month, move its state, carry the open ones on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from catalog.calc.months import month_date, month_index
from cycles.errors import ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action as Act
from cycles.registry import Carried
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.notifications import News, tell
from cycles.services.plans import lock_plan
from finance.calc.promises import open_part, spread_evenly
from finance.calc.window import FiscalWindow
from finance.frames.scope_money import Place, landing_by_month
from finance.models import Action, ActionDriver, ActionMove, ActionState
from finance.selectors.ties import window_of
from finance.services.adjustments import Scope
from finance.services.refusals import AnswerRefused

PROMISED = ("revenue_months", "margin_months", "cash_months")
BASE = ("base_revenue_months", "base_margin_months")
CARRIED_FIELDS = (
    "title", "driver", "owner_id", "due_on", "probability", "first_month", *PROMISED, *BASE, "state", "category_id",
    "family_id", "market_id",
)  # fmt: skip
NEEDS_A_NOTE = (ActionState.DROPPED,)


class ActionRefused(AnswerRefused):
    """The promise contradicts itself: no money, months outside the plan, rows of different lengths."""

    code = "action_refused"


@dataclass(frozen=True)
class ByMonth:
    """A promise by month, cents, favourable positive; the rows have one length and begin in `first_month`."""

    first_month: date
    revenue: tuple[int, ...]
    margin: tuple[int, ...]
    cash: tuple[int, ...]


@dataclass(frozen=True)
class Promise:
    """What an action promises: money in cents, favourable positive, by whom and until when.

    `months` says it by month. Without it `revenue_cents`, `margin_cents` and `cash_cents` are spread evenly from the
    due month (the plan's first, if it is later) to the end of that month's fiscal year or of the plan.
    """

    title: str
    owner: User
    due_on: date
    revenue_cents: int = 0
    margin_cents: int = 0
    scope: Scope = Scope()
    cash_cents: int = 0
    months: ByMonth | None = None
    driver: ActionDriver | None = None
    probability: int = 100


def add_action(*, plan: Plan, promise: Promise, actor: User) -> Action:
    """Put an action on the plan's list as proposed; audited. It is not in the plan's numbers.

    The landing of its scope in the promised months is kept with it, so that later cycles can say what came.

    Raises:
        ReasonMissing: it has no title.
        ActionRefused: the promise contradicts itself.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    if not promise.title.strip():
        raise ReasonMissing("Title “”: an action needs a name. Write down what is done.")
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        authorise(actor=actor, action=Act.NAME_ACTION, plan=plan)
        window = window_of(plan)
        months = promise.months or _spread(promise, plan, window)
        _check(promise, months, plan)
        action = Action.objects.create(
            plan=plan,
            title=promise.title.strip(),
            driver=promise.driver.value if promise.driver else "",
            owner=promise.owner,
            due_on=promise.due_on,
            probability=promise.probability,
            category_id=promise.scope.category_id,
            family_id=promise.scope.family_id,
            market_id=promise.scope.market_id,
            created_by=actor,
            **_money(plan, promise.scope, months),
            **still_to_come(months, window),
        )
        _record(action, actor)
    return action


def move_action(*, action_id: int, state: ActionState, actor: User, note: str = "") -> Action:
    """Set the state of an action; a move and an audit row. The same state again changes nothing.

    Raises:
        Action.DoesNotExist: no such action.
        ReasonMissing: dropping it, or opening a closed one again, without a word why.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    with transaction.atomic():
        plan = lock_plan(Action.objects.values_list("plan_id", flat=True).get(pk=action_id))
        authorise(actor=actor, action=Act.NAME_ACTION, plan=plan)
        action = Action.objects.get(pk=action_id)
        before = ActionState(action.state)
        if before == state:
            return action
        if not note.strip() and (state in NEEDS_A_NOTE or (state.is_open and not before.is_open)):
            raise ReasonMissing(f"Note “”: {before.value} → {state.value} needs a reason. Say why.")
        action.state = state.value
        action.save(update_fields=["state"])
        ActionMove.objects.create(action=action, before=before.value, after=state.value, note=note.strip(), actor=actor)
        record_audit(
            actor=actor,
            code="finance.action.moved",
            plan=plan,
            subject=action.title,
            before={"state": before.value},
            after={"state": action.state},
            reason=note.strip(),
        )
    return action


def carry_actions(*, plan: Plan, previous: Plan, actor: User) -> Carried:
    """Take the open actions of the approved plan over, with their promise; closed ones are history.

    What is still to come is counted anew for the months that are open now. The promise and the landing it was given on
    stay as they were.
    """
    window = window_of(plan)
    still_open = previous.actions.filter(state__in=[state.value for state in ActionState if state.is_open])
    for old in still_open:
        values = {name: getattr(old, name) for name in CARRIED_FIELDS}
        Action.objects.create(plan=plan, carried_from=old, created_by=actor, **values, **_left_of(old, window))
    return Carried(len(still_open))


def still_to_come(months: ByMonth, window: FiscalWindow) -> dict[str, int]:
    """Revenue, margin and cash of the months that are open and in the plan's fiscal year, cents."""
    first, last = window.first_month, window.start + 11
    start = month_index(months.first_month)
    rows = {"revenue_cents": months.revenue, "margin_cents": months.margin, "cash_cents": months.cash}
    return {
        name: open_part({start + place: cents for place, cents in enumerate(row)}, first=first, last=last)
        for name, row in rows.items()
    }


def _left_of(old: Action, window: FiscalWindow) -> dict[str, int]:
    if old.first_month is None:
        return {name: getattr(old, name) for name in ("revenue_cents", "margin_cents", "cash_cents")}
    rows = (tuple(getattr(old, name)) for name in PROMISED)
    return still_to_come(ByMonth(old.first_month, *rows), window)


def _money(plan: Plan, scope: Scope, months: ByMonth) -> dict[str, object]:
    place = Place(scope.category_id, scope.family_id, scope.market_id)
    landing = landing_by_month(plan, place, month_index(months.first_month), len(months.revenue))
    return {
        "first_month": months.first_month,
        "revenue_months": list(months.revenue),
        "margin_months": list(months.margin),
        "cash_months": list(months.cash),
        "base_revenue_months": landing.revenue,
        "base_margin_months": landing.margin,
    }


def _spread(promise: Promise, plan: Plan, window: FiscalWindow) -> ByMonth:
    first = max(month_index(promise.due_on.replace(day=1)), plan.first_month_index)
    year_end = window.start + 11 + 12 * ((first - window.start) // 12)
    count = max(min(year_end, plan.first_month_index + plan.horizon - 1) - first + 1, 1)
    totals = (promise.revenue_cents, promise.margin_cents, promise.cash_cents)
    return ByMonth(month_date(first), *(spread_evenly(total, count) for total in totals))


def _check(promise: Promise, months: ByMonth, plan: Plan) -> None:
    rows: Sequence[tuple[int, ...]] = (months.revenue, months.margin, months.cash)
    if len({len(row) for row in rows}) != 1:
        lengths = ", ".join(str(len(row)) for row in rows)
        raise ActionRefused(
            "months", lengths, "Revenue, margin and cash are given for different months.", "Give each month a number."
        )
    if not any(map(any, rows)):
        raise ActionRefused("revenue", "0.00", "The action promises no money.", "Give revenue, margin or cash.")
    first, end = month_index(months.first_month), plan.first_month_index + plan.horizon - 1
    if first < plan.first_month_index or first + len(months.revenue) - 1 > end:
        raise ActionRefused(
            "first_month",
            f"{months.first_month:%Y-%m}, {len(months.revenue)} months",
            "Money is promised for open months of the plan only.",
            f"Keep to {plan.first_month:%Y-%m} to {month_date(end):%Y-%m}.",
        )
    if not 1 <= promise.probability <= 100:
        raise ActionRefused("probability", promise.probability, "It is a percentage.", "Give 1 to 100.")
    if promise.scope.category_id and promise.scope.family_id:
        raise ActionRefused("family", "a family and a category", "It stands at one node.", "Name one of the two.")


def _record(action: Action, actor: User) -> None:
    ActionMove.objects.create(action=action, after=action.state, actor=actor)
    record_audit(
        actor=actor,
        code="finance.action.added",
        plan=action.plan,
        subject=action.title,
        after={
            "action": action.pk,
            "owner": action.owner.username,
            "probability": action.probability,
            "first_month": f"{action.first_month:%Y-%m}",
            **{name: getattr(action, name) for name in PROMISED},
        },
    )
    subject, key = ("action", str(action.pk)), f"action.assigned:{action.pk}"
    tell(News("action.assigned", key, subject, action.title, action.plan, actor), [action.owner])
