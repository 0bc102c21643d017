"""The four weeks of a cycle as the board shows them: working days, windows of the stages, due dates, what is late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cycles.calc.rhythm import calendar_weeks, is_working_day
from cycles.models import Stage
from cycles.workflow import StageStatus


@dataclass(frozen=True, slots=True)
class Day:
    """One day: the stage in whose window it lies, the stage due on it, and what a reader should notice."""

    day: dt.date
    is_working: bool
    is_today: bool
    holiday: str
    window: Stage | None
    due: Stage | None
    late_days: int

    @property
    def css(self) -> str:
        """Classes of its cell."""
        names = ["" if self.is_working else "is-off", "is-today" if self.is_today else ""]
        stage = self.due or self.window
        if stage is not None and self.is_working:
            late = self.late_days > 0
            names += ["in-stage", "is-approved" if stage.status == StageStatus.APPROVED else "is-late" if late else ""]
        return " ".join(name for name in names if name)


def late_days_of(stage: Stage, today: dt.date) -> int:
    """Return by how many days a stage is late: due before today and not approved; 0 when it is in time."""
    return 0 if stage.status == StageStatus.APPROVED else max((today - stage.due_on).days, 0)


def weeks_of(
    stages: Sequence[Stage], *, month: dt.date, today: dt.date, holidays: dict[dt.date, str]
) -> list[list[Day]]:
    """Return the weeks from the cycle's first day to its last due date, Monday to Sunday.

    A stage's window runs from the day after the one before it is due to its own due date, in working days. Of two
    stages due on one day the later one is shown as due.
    """
    if not stages:
        return []
    windows = _windows(stages, month)
    due = {stage.due_on: stage for stage in stages}
    return [
        [_day(day, today, holidays, windows, due.get(day)) for day in week]
        for week in calendar_weeks(month, max(stage.due_on for stage in stages))
    ]


def _windows(stages: Sequence[Stage], month: dt.date) -> list[tuple[dt.date, Stage]]:
    """Each stage with the first day of its window."""
    starts = [month, *(stage.due_on + dt.timedelta(days=1) for stage in stages[:-1])]
    return list(zip(starts, stages, strict=True))


def _day(
    day: dt.date,
    today: dt.date,
    holidays: dict[dt.date, str],
    windows: Collection[tuple[dt.date, Stage]],
    due: Stage | None,
) -> Day:
    window = next((stage for start, stage in windows if start <= day <= stage.due_on), None)
    return Day(
        day=day,
        is_working=is_working_day(day, holidays),
        is_today=day == today,
        holiday=holidays.get(day, ""),
        window=window,
        due=due,
        late_days=late_days_of(due, today) if due else 0,
    )
