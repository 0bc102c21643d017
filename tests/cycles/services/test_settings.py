"""Settings of the company, the rhythm of the month, holidays and a moved due date: what may change when, and its trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from catalog.models import Company
from catalog.services.company import ensure_currency
from cycles.calc.rhythm import DUE_WORKING_DAYS, due_dates
from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing, StatementUnfit
from cycles.models import AuditRow, Plan
from cycles.policy import Role
from cycles.selectors import service_user, stage_of
from cycles.services.cycles import open_cycle
from cycles.services.rhythm import add_holiday, change_rhythm, remove_holiday, reschedule_stage, rhythm
from cycles.services.settings import SETTINGS, Effect, change_company
from cycles.workflow import StageKind
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone
from tests.small_company import small_company

pytestmark = pytest.mark.django_db
MONTH = date(2014, 1, 1)


@pytest.fixture(autouse=True)
def _stand_ins() -> Iterator[None]:
    with alone():
        yield


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def company() -> Company:
    return small_company().company


def test_every_setting_is_a_field_of_the_company_and_of_one_kind(company: Company) -> None:
    assert all(hasattr(company, setting.field) for setting in SETTINGS)
    assert {setting.effect for setting in SETTINGS} == set(Effect)


def test_a_change_is_told_old_and_new_and_the_same_is_nothing(company: Company, cast: Cast) -> None:
    for _ in range(2):
        change_company(values={"name": "Chairs & Co", "dso_days": 45}, actor=cast.admin)
    row = AuditRow.objects.get(code="cycles.company.changed")
    assert (row.before, row.after) == (
        {"name": "Small Company", "dso_days": 30},
        {"name": "Chairs & Co", "dso_days": 45},
    )


@pytest.mark.parametrize("who", ["finance", "demand_planner", "executive", "viewer"])
def test_only_an_admin_changes_the_company(company: Company, cast: Cast, who: str) -> None:
    actor = getattr(cast, who)
    with pytest.raises(NotAllowedToYou):
        change_company(values={"name": "Mine"}, actor=actor)
    with pytest.raises(NotAllowedToYou):
        change_rhythm(beats=rhythm(), actor=actor)
    with pytest.raises(NotAllowedToYou):
        add_holiday(day=MONTH, name="New year", actor=actor)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"dso_days": 366}, "at most 365"),
        ({"default_horizon": 5}, "at least 6"),
        ({"unanswered_fraction": Decimal("1.01")}, "at most 100"),
        ({"history_start": MONTH}, "no settings"),
        ({"abc_a_fraction": Decimal("0.96")}, "may not lie above"),
        ({"xyz_y_fraction": Decimal("0.40")}, "may not lie above"),
    ],
)
def test_a_value_outside_its_limits_is_refused(
    company: Company, cast: Cast, values: dict[str, object], why: str
) -> None:
    with pytest.raises(StatementUnfit, match=why):
        change_company(values=values, actor=cast.admin)
    assert not AuditRow.objects.exists()


def test_currency_is_fixed_by_amounts_and_the_year_by_a_plan(cast: Cast) -> None:
    bare = Company.objects.create(name="Bare", currency_id=ensure_currency("USD").code, history_start=MONTH)
    change_company(values={"currency_id": "EUR", "fiscal_year_start_month": 4}, actor=cast.admin)
    bare.refresh_from_db()
    assert (bare.currency_id, bare.fiscal_year_start_month) == ("EUR", 4)
    open_cycle(month=MONTH, actor=cast.finance)
    for values in ({"currency_id": "USD"}, {"fiscal_year_start_month": 1}):
        with pytest.raises(NotAllowedNow, match="There (are amounts|is a plan) already"):
            change_company(values=values, actor=cast.admin)


def test_amounts_without_a_plan_fix_the_currency(company: Company, cast: Cast) -> None:
    with pytest.raises(NotAllowedNow, match="amounts"):
        change_company(values={"currency_id": "EUR"}, actor=cast.admin)


def test_what_moves_numbers_raises_the_rates_revision_and_waits_once_the_data_are_in(
    company: Company, cast: Cast
) -> None:
    plan = open_cycle(month=MONTH, actor=cast.finance)
    revisions = []
    for values in ({"name": "Other"}, {"discount_window_months": 6}, {"unanswered_amount_cents": 1}):
        change_company(values=values, actor=cast.admin)
        plan.refresh_from_db()
        revisions.append(plan.rates_revision)
    assert revisions == [0, 1, 1]  # of the three only the discount window moves numbers
    plan.stages.filter(kind="data").update(
        status="submitted", submitted_by=cast.finance, submitted_at="2014-01-02T00:00Z"
    )
    for values in ({"dso_days": 10}, {"unanswered_amount_cents": 2}):
        with pytest.raises(NotAllowedNow, match="data of plan 2014-01 are handed in"):
            change_company(values=values, actor=cast.admin)
    change_company(values={"name": "Free", "default_horizon": 12}, actor=cast.admin)


def test_the_horizon_holds_for_the_next_cycle(company: Company, cast: Cast) -> None:
    change_company(values={"default_horizon": 12}, actor=cast.admin)
    assert open_cycle(month=MONTH, actor=cast.finance).horizon == 12


def test_rhythm_owners_and_holidays_make_the_next_cycle(company: Company, cast: Cast) -> None:
    beats = rhythm()
    beats[StageKind.DATA] = replace(beats[StageKind.DATA], working_day=3, owner=cast.finance)
    change_rhythm(beats=beats, actor=cast.admin)
    change_rhythm(beats=beats, actor=cast.admin)
    first = date(2014, 1, 1)  # a Wednesday
    add_holiday(day=first, name="New year", actor=cast.admin)
    plan = open_cycle(month=MONTH, actor=cast.finance)
    stage = stage_of(plan, StageKind.DATA)
    # Thursday 2nd, Friday 3rd, Monday 6th
    assert (stage.due_on, stage.owner) == (date(2014, 1, 6), cast.finance)
    days = (3, *DUE_WORKING_DAYS[1:])
    found = tuple(plan.stages.order_by("position").values_list("due_on", flat=True))
    assert found == due_dates(MONTH, days, {first})
    row = AuditRow.objects.get(code="cycles.rhythm.changed")
    assert (row.before["data"], row.after["data"]) == ("working day 4", "working day 3, finance")


@pytest.mark.parametrize("days", [(4, 4, 14, 17, 20), (0, 9, 14, 17, 20), (4, 9, 14, 17, 26)])
def test_a_rhythm_out_of_order_is_refused(company: Company, cast: Cast, days: tuple[int, ...]) -> None:
    beats = {kind: replace(beat, working_day=day) for (kind, beat), day in zip(rhythm().items(), days, strict=True)}
    with pytest.raises(StatementUnfit):
        change_rhythm(beats=beats, actor=cast.admin)
    with pytest.raises(StatementUnfit):
        change_rhythm(beats={StageKind.DATA: beats[StageKind.DATA]}, actor=cast.admin)


def test_a_holiday_has_one_name_and_can_go_again(company: Company, cast: Cast) -> None:
    holiday = add_holiday(day=MONTH, name="New year", actor=cast.admin)
    with pytest.raises(StatementUnfit, match="New year already"):
        add_holiday(day=MONTH, name="Other", actor=cast.admin)
    with pytest.raises(StatementUnfit):
        add_holiday(day=date(2014, 1, 2), name=" ", actor=cast.admin)
    remove_holiday(holiday_id=holiday.pk, actor=cast.admin)
    codes = list(AuditRow.objects.values_list("code", flat=True))
    assert codes == ["cycles.holiday.added", "cycles.holiday.removed"]


def test_a_due_date_is_moved_by_the_admin_between_its_neighbours(company: Company, cast: Cast) -> None:
    plan = open_cycle(month=MONTH, actor=cast.finance)
    demand, supply = stage_of(plan, StageKind.DEMAND), stage_of(plan, StageKind.SUPPLY)

    def move(day: date, reason: str = "Sick leave", actor: object = cast.admin) -> None:
        reschedule_stage(stage_id=demand.pk, due_on=day, reason=reason, actor=actor)  # type: ignore[arg-type]

    with pytest.raises(NotAllowedToYou):
        move(supply.due_on, actor=cast.finance)
    with pytest.raises(ReasonMissing):
        move(supply.due_on, reason="")
    for day in (date(2014, 1, 1), date(2014, 3, 1)):
        with pytest.raises(StatementUnfit):
            move(day)
    move(supply.due_on)
    row = AuditRow.objects.get(code="cycles.stage.rescheduled")
    assert (row.before, row.after) == ({"due_on": f"{demand.due_on}"}, {"due_on": f"{supply.due_on}"})
    Plan.objects.get(pk=plan.pk).stages.filter(pk=demand.pk).update(
        status="approved", submitted_by=cast.demand_planner, approved_by=cast.finance,
        submitted_at="2014-01-02T00:00Z", approved_at="2014-01-02T00:00Z",
    )  # fmt: skip
    with pytest.raises(NotAllowedNow, match="history"):
        move(demand.due_on)


def test_the_service_admin_may_too(company: Company, cast: Cast) -> None:
    assert change_company(values={"name": "By machine"}, actor=service_user(Role.ADMIN)).name == "By machine"
