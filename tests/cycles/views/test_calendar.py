"""The four weeks: windows, due dates, weekends, holidays, today, and who is late by how many days."""

from __future__ import annotations

from datetime import date

from cycles.calc.rhythm import calendar_weeks
from cycles.models import Holiday, Plan, Stage
from cycles.views.calendar import Day, late_days_of, weeks_of
from cycles.workflow import StageKind
from tests.cycles.views.conftest import SignedIn

MONTH = date(2014, 1, 1)
# Wednesday 1 January 2014; without holidays the working days 4, 9, 14, 17, 20 of January 2014
DUE = (date(2014, 1, 6), date(2014, 1, 13), date(2014, 1, 20), date(2014, 1, 23), date(2014, 1, 28))


def stages(**status: str) -> list[Stage]:
    return [
        Stage(kind=kind.value, position=kind.position, due_on=due, status=status.get(kind.value, "not_started"))
        for kind, due in zip(StageKind, DUE, strict=True)
    ]


def days(today: date, *, holidays: dict[date, str] | None = None, **status: str) -> dict[date, Day]:
    weeks = weeks_of(stages(**status), month=MONTH, today=today, holidays=holidays or {})
    return {day.day: day for week in weeks for day in week}


def test_weeks_are_whole_and_cover_the_cycle() -> None:
    weeks = calendar_weeks(MONTH, DUE[-1])
    assert [(week[0], week[-1]) for week in (weeks[0], weeks[-1])] == [
        (date(2013, 12, 30), date(2014, 1, 5)),
        (date(2014, 1, 27), date(2014, 2, 2)),
    ]
    assert len(weeks) == 5
    assert calendar_weeks(DUE[1], MONTH.replace(year=2013)) == []


def test_each_day_lies_in_the_window_of_the_stage_that_is_due_next() -> None:
    found = days(MONTH)
    assert found[date(2014, 1, 3)].window.kind == "data"
    assert found[date(2014, 1, 7)].window.kind == "demand"
    assert found[DUE[2]].due.kind == "supply"
    assert found[date(2013, 12, 31)].window is None
    assert found[date(2014, 1, 30)].window is None


def test_late_is_past_due_and_not_approved() -> None:
    today = date(2014, 1, 15)
    found = days(today, data="approved", demand="open")
    assert [found[day].late_days for day in DUE[:3]] == [0, (today - DUE[1]).days, 0]
    assert late_days_of(stages()[1], DUE[1]) == 0  # the due date itself is in time
    assert ("is-approved" in found[DUE[0]].css, "is-late" in found[DUE[1]].css) == (True, True)


def test_weekends_and_holidays_are_free_and_today_is_marked() -> None:
    found = days(date(2014, 1, 2), holidays={MONTH: "New year"})
    assert [found[day].is_working for day in (MONTH, date(2014, 1, 2), date(2014, 1, 4))] == [False, True, False]
    assert found[MONTH].holiday == "New year"
    assert [day for day in found if found[day].is_today] == [date(2014, 1, 2)]
    assert "in-stage" not in found[date(2014, 1, 4)].css


def test_the_board_names_who_is_late_and_by_how_much(plan: Plan, signed_in: SignedIn) -> None:
    Holiday.objects.create(day=date(2014, 1, 15), name="Founders' day")
    text = signed_in("viewer").get("/cycles/").content.decode()
    assert "5 stages late" in text
    assert "Data is " in text
    assert "Demand planner or Finance owes it since Mon 6 Jan" in text
    assert "Founders&#x27; day" in text
    assert "Move the due date" not in text
    assert "Move the due date of Demand" in signed_in("admin").get("/cycles/").content.decode()


def test_a_due_date_is_moved_on_the_board(plan: Plan, signed_in: SignedIn) -> None:
    stage = plan.stages.get(kind="demand")
    path, admin = f"/cycles/stages/{stage.pk}/due/", signed_in("admin")
    early = admin.post(path, {"due_on": "2014-01-02", "reason": "x"}, headers={"HX-Request": "true"})
    assert early.status_code == 422
    assert "An earlier stage is due after this day." in early.content.decode()
    assert admin.post(path, {"due_on": "2014-01-15", "reason": "Ill"}).status_code == 302
    stage.refresh_from_db()
    assert stage.due_on == date(2014, 1, 15)
