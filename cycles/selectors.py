"""Reads of the cycle: whose role, which plan, which stage, which waiver; everything filtered by who asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet, Sum, Value

from catalog.models import ReferencePlan, ReferenceRow
from cycles.models import (
    Assumption,
    AssumptionCheck,
    AssumptionState,
    AuditRow,
    Decision,
    Membership,
    Plan,
    Run,
    Snapshot,
    Stage,
    User,
    Waiver,
)
from cycles.policy import Role
from cycles.workflow import StageKind, StageStatus


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person may see and edit: a union of (families × markets); None on a side means all of it.

    No rectangle at all means nothing.
    """

    rectangles: tuple[tuple[frozenset[int] | None, frozenset[int] | None], ...]

    @property
    def is_everything(self) -> bool:
        """Whether nothing is hidden."""
        return (None, None) in self.rectangles

    def allows(self, family_id: int | None, market_id: int | None) -> bool:
        """Return whether one family in one market lies inside the scope."""
        return any(
            (families is None or family_id in families) and (markets is None or market_id in markets)
            for families, markets in self.rectangles
        )

    def meets(self, families: frozenset[int] | None, markets: frozenset[int] | None) -> bool:
        """Return whether some family in some market of a place lies inside; None on a side means all of it."""
        return any(
            (mine is None or families is None or bool(mine & families))
            and (here is None or markets is None or bool(here & markets))
            for mine, here in self.rectangles
        )

    def mask(self, family_ids: npt.NDArray[np.int_], market_ids: npt.NDArray[np.int_]) -> npt.NDArray[np.bool_]:
        """Return which of n series lie inside the scope, shape (n,), from their family and market ids, each (n,)."""
        inside = np.zeros(len(family_ids), dtype=bool)
        for families, markets in self.rectangles:
            family_fits = np.ones(len(inside), bool) if families is None else np.isin(family_ids, list(families))
            market_fits = np.ones(len(inside), bool) if markets is None else np.isin(market_ids, list(markets))
            inside |= family_fits & market_fits
        return inside

    def sides(self) -> tuple[Q, Q]:
        """Return filters of the families and of the markets that the scope touches at all; everything where one side is open."""
        families = [side for side, _ in self.rectangles]
        markets = [side for _, side in self.rectangles]
        return _any_of(families), _any_of(markets)

    def condition(self, *, family: str = "item__family", market: str = "market") -> Q:
        """Return the scope as a filter on the given lookups; matches nothing when there is no rectangle."""
        if self.is_everything:
            return Q()
        condition = Q(pk__in=[])
        for families, markets in self.rectangles:
            part = Q()
            if families is not None:
                part &= Q(**{f"{family}__in": families})
            if markets is not None:
                part &= Q(**{f"{market}__in": markets})
            condition |= part
        return condition


def _any_of(sides: list[frozenset[int] | None]) -> Q:
    if any(side is None for side in sides):
        return Q()
    return Q(pk__in=frozenset().union(*(side for side in sides if side is not None)))


@dataclass(frozen=True, slots=True)
class Rights:
    """What the memberships of a person give: roles, and the families and markets they open."""

    roles: frozenset[Role]
    scope: Scope


#: Where the user of one request keeps the rights that were read: absent elsewhere, None until they were.
_KEPT = "_kept_rights"


def keep_rights(user: User) -> None:
    """Let the rights of this very object be read once, however often they are asked: for the user of one request."""
    setattr(user, _KEPT, None)


def rights_of(user: User | AnonymousUser) -> Rights:
    """Return the rights of an active user; nobody else has any. One query."""
    if not isinstance(user, User) or not user.is_active:
        return Rights(frozenset(), Scope(()))
    kept: Rights | None = getattr(user, _KEPT, None)
    if kept is not None:
        return kept
    rights = _read_rights(user)
    if hasattr(user, _KEPT):
        setattr(user, _KEPT, rights)
    return rights


def _read_rights(user: User) -> Rights:
    rows = list(
        user.memberships.order_by("pk")
        .values("pk")
        .annotate(
            of=ArrayAgg("families", filter=Q(families__isnull=False), default=Value([])),
            within=ArrayAgg("markets", filter=Q(markets__isnull=False), default=Value([])),
        )
        .values_list("role", "of", "within")
    )
    rectangles = tuple((frozenset(families) or None, frozenset(markets) or None) for _, families, markets in rows)
    return Rights(frozenset(Role(role) for role, _, _ in rows), Scope(rectangles))


def roles_of(user: User | AnonymousUser) -> frozenset[Role]:
    """Return the roles of an active user; nobody else has any."""
    return rights_of(user).roles


def scope_of(user: User | AnonymousUser) -> Scope:
    """Return the families and markets that the memberships of a user open to them."""
    return rights_of(user).scope


def scope_from(memberships: Iterable[Membership]) -> Scope:
    """Return what these memberships open together; prefetched families and markets are not read again."""
    return Scope(tuple((_ids(m.families), _ids(m.markets)) for m in memberships))


def _ids(related: object) -> frozenset[int] | None:
    ids = frozenset(row.pk for row in related.all())  # type: ignore[attr-defined]
    return ids or None


def visible_to(user: User | AnonymousUser) -> QuerySet[Plan]:
    """Return the plans a user may see: all for anybody with a role, none for a stranger."""
    plans = Plan.objects.select_related("cycle").order_by("first_month")
    return plans if roles_of(user) else plans.none()


#: What concerns everybody in a plan, whatever families and markets are theirs.
OPEN_CODES = ("cycles.cycle.", "cycles.stage.", "cycles.plan.", "cycles.rhythm.", "cycles.holiday.")


def audit_visible_to(user: User | AnonymousUser) -> QuerySet[AuditRow]:
    """Return the audit rows a user may see: all without limits; with limits the own ones and the moves of plans.

    A limited person would otherwise read in before and after what their scope hides. Nothing for a stranger.
    """
    if not roles_of(user) or not isinstance(user, User):
        return AuditRow.objects.none()
    if scope_of(user).is_everything:
        return AuditRow.objects.all()
    seen = Q(actor=user)
    for code in OPEN_CODES:
        seen |= Q(code__startswith=code)
    return AuditRow.objects.filter(seen)


def runs_visible_to(user: User | AnonymousUser) -> QuerySet[Run]:
    """Return the runs a user may see: all for anybody with a role, none for a stranger."""
    runs = Run.objects.select_related("plan", "requested_by")
    return runs if roles_of(user) else runs.none()


def service_user(role: Role) -> User:
    """Return the service user that acts for headless commands in a role.

    Raises:
        User.DoesNotExist: the service users were not set up (`migrate` does it).
    """
    return User.objects.get(is_service=True, memberships__role=role.value)


def latest_plan() -> Plan | None:
    """Return the plan of the latest cycle, None before the first."""
    return Plan.objects.order_by("-first_month").first()


def plan_in_progress() -> Plan | None:
    """Return the latest plan when its executive stage is not approved, else None."""
    plan = latest_plan()
    if plan is None or is_approved(plan):
        return None
    return plan


def is_approved(plan: Plan) -> bool:
    """Return whether the executive stage of the plan is approved now (a reopened plan is not)."""
    return plan.stages.filter(kind=StageKind.EXECUTIVE.value, status=StageStatus.APPROVED.value).exists()


def stage_of(plan: Plan, kind: StageKind) -> Stage:
    """Return one stage of a plan."""
    return plan.stages.get(kind=StageKind(kind).value)


def present_stage(plan: Plan) -> Stage | None:
    """Return the stage that is open or submitted; None when the whole plan is approved."""
    return plan.stages.filter(status__in=[StageStatus.OPEN.value, StageStatus.SUBMITTED.value]).first()


def waivers_of(plan: Plan) -> QuerySet[Waiver]:
    """Return every waiver given in a plan, oldest first; the executive page and `run_cycle` count them."""
    return plan.waivers.select_related("stage", "waived_by").order_by("id")


def open_decisions(plan: Plan) -> QuerySet[Decision]:
    """Return the decisions of a plan that are still to be taken."""
    return plan.decisions.filter(state="open").select_related("owner")


def latest_check(assumption: Assumption) -> AssumptionCheck | None:
    """Return what the actuals last said to an assumption, None while they have not."""
    return assumption.checks.order_by("-id").first()


def broken_check(assumption: Assumption) -> AssumptionCheck | None:
    """Return the last check when it broke the assumption and nobody has confirmed or withdrawn it since."""
    check = latest_check(assumption)
    if check is None or not check.is_broken or assumption.state == AssumptionState.WITHDRAWN:
        return None
    answered = assumption.confirmed_at is not None and assumption.confirmed_at > check.checked_at
    return None if answered and assumption.state == AssumptionState.CONFIRMED else check


def later_checks(assumptions: Iterable[Assumption]) -> dict[int, AssumptionCheck]:
    """Return the last check per assumption, also of what it was carried on to while its measure stayed the same.

    One query for the checks and one per cycle that carried any of them.
    """
    origin = {row.pk: row for row in assumptions}
    first_of = {key: key for key in origin}
    front = list(origin)
    while front:
        carried = Assumption.objects.filter(carried_from__in=front).exclude(pk__in=first_of)
        front = []
        for row in carried:
            root = origin[first_of[row.carried_from_id or 0]]
            if (row.metric, row.first_month, row.last_month) == (root.metric, root.first_month, root.last_month):
                first_of[row.pk] = root.pk
                front.append(row.pk)
    checks = AssumptionCheck.objects.filter(assumption__in=first_of).select_related("plan").order_by("id")
    return {first_of[check.assumption_id]: check for check in checks}


def latest_snapshot(plan: Plan | None = None) -> Snapshot | None:
    """Return the last approved snapshot (of one plan, or of all): the one that ERP pulls."""
    snapshots = Snapshot.objects.order_by("-sequence")
    return (snapshots.filter(plan=plan) if plan else snapshots).first()


def budget_totals() -> dict[str, str]:
    """Return the revenue of every budget year as the tables hold it, in the words of the budget file's totals.

    Money as text in the reporting currency with two decimals: {'revenue FY2014': '51,706,374.13'}.
    """
    years = (
        ReferenceRow.objects.filter(plan__code=ReferencePlan.BUDGET)
        .values_list("plan__fiscal_year")
        .annotate(total=Sum("revenue_cents"))
    )
    return {f"revenue FY{year}": f"{Decimal(total or 0).scaleb(-2):,}" for year, total in years}
