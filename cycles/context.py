"""What every page's frame shows: the plan one looks at, its stages, the way about, and how numbers are shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext as _

from catalog.models import Company
from cycles.models import Plan, Run, RunState, Stage, User
from cycles.policy import Role, roles_for
from cycles.registry import panels_of
from cycles.registry.duties import duty_sources
from cycles.registry.places import places
from cycles.selectors import visible_to
from cycles.services.notifications import unread_count
from cycles.services.threads import open_counts
from cycles.workflow import StageKind, StageStatus

DISPLAYS = ("value", "units")
STAGE_ICONS = {
    StageKind.DATA: ("database",),
    StageKind.DEMAND: ("table", "chart-line", "layers-subtract"),
    StageKind.SUPPLY: ("building-factory-2", "truck", "package"),
    StageKind.RECONCILIATION: ("arrows-exchange", "scale", "coins", "layers-subtract"),
    StageKind.EXECUTIVE: ("file-check", "file-text", "chart-bar"),
}


@dataclass(frozen=True, slots=True)
class NavLink:
    """One line of the rail."""

    label: str
    icon: str
    url: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class NavGroup:
    """A titled part of the rail."""

    title: str
    links: list[NavLink] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage as the stepper shows it."""

    stage: Stage
    title: str
    url: str
    is_late: bool
    note: str

    @property
    def is_live(self) -> bool:
        """Whether somebody owes the next step on it: open, or waiting for approval."""
        return self.stage.status in {StageStatus.OPEN, StageStatus.SUBMITTED}

    @property
    def is_approved(self) -> bool:
        """Whether it is signed off."""
        return self.stage.status == StageStatus.APPROVED


def _panel_urls(kind: StageKind, plan: Plan) -> list[tuple[str, str]]:
    """Name and address of each panel of a stage; that each is served is checked at the start (sop_portal/panels.py)."""
    return [(panel.name, reverse(panel.url_name, args=[plan.number])) for panel in panels_of(kind)]


def page_of(stage: Stage | StageKind, plan: Plan) -> str:
    """Return the address of a stage's page: its first panel, or the board where no app has registered one."""
    kind = StageKind(stage.kind) if isinstance(stage, Stage) else stage
    if kind == StageKind.DATA:
        return reverse("cycles:data", args=[plan.number])
    panels = _panel_urls(kind, plan)
    return panels[0][1] if panels else reverse("cycles:board", args=[plan.number])


def _short_day(day: dt.date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _note(stage: Stage, *, is_late: bool) -> str:
    if stage.status == StageStatus.APPROVED and stage.approved_at:
        return _("Approved %(day)s") % {"day": _short_day(stage.approved_at.date())}
    if stage.status == StageStatus.SUBMITTED:
        return _("Waits for approval")
    if is_late:
        return _("Late since %(day)s") % {"day": _short_day(stage.due_on)}
    return _("Due %(day)s") % {"day": _short_day(stage.due_on)}


def step_of(stage: Stage, plan: Plan, *, today: dt.date) -> Step:
    """Return how the stepper shows a stage on the day `today`."""
    is_late = stage.status != StageStatus.APPROVED and stage.due_on < today
    return Step(stage, stage.title, page_of(stage, plan), is_late, _note(stage, is_late=is_late))


class Shell:
    """The frame's content for one request; each part is read when the template first asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        """Keep the request; nothing is read yet."""
        self._request = request
        self._user = request.user if request.user.is_authenticated else None

    @property
    def user(self) -> User | None:
        """The person signed in."""
        return self._user if isinstance(self._user, User) else None

    @property
    def path(self) -> str:
        """The page's own path, to mark where one is."""
        return self._request.path

    @cached_property
    def theme(self) -> str:
        """'light', 'dark', or '' when the system decides."""
        chosen = self.user.theme if self.user else "auto"
        return "" if chosen == "auto" else chosen

    @cached_property
    def display(self) -> str:
        """'value' or 'units': what the address says, else what the person chose last."""
        asked = self._request.GET.get("show", "")
        return asked if asked in DISPLAYS else (self.user.display if self.user else DISPLAYS[0])

    @property
    def shows_units(self) -> bool:
        """Whether numbers are shown in units."""
        return self.display == "units"

    @cached_property
    def switch(self) -> list[tuple[str, str]]:
        """The two displays with the address of this page in each."""
        query = self._request.GET.copy()
        links = []
        for display in DISPLAYS:
            query["show"] = display
            links.append((display, f"{self.path}?{query.urlencode()}"))
        return links

    @cached_property
    def company(self) -> Company | None:
        """The company, None before it is set up."""
        return Company.objects.first()

    @property
    def currency(self) -> str:
        """Code of the reporting currency, '' before the company is set up."""
        return self.company.currency_id if self.company else ""

    @cached_property
    def roles(self) -> list[Role]:
        """The person's roles."""
        if not self.user:
            return []
        return [Role(role) for role in self.user.memberships.order_by("role").values_list("role", flat=True)]

    @property
    def role_name(self) -> str:
        """The roles in words, for the box at the foot of the rail."""
        return ", ".join(role.label for role in self.roles) or _("No role yet")

    @cached_property
    def plans(self) -> QuerySet[Plan]:
        """The latest plans, for the cycle picker."""
        return visible_to(self._request.user).reverse()[:24]

    @cached_property
    def plan(self) -> Plan | None:
        """The plan that the address names, else the latest one."""
        match = self._request.resolver_match
        number = match.kwargs.get("number") if match else None
        plans = visible_to(self._request.user)
        return plans.filter(number=number).first() if number else plans.last()

    @cached_property
    def stages(self) -> list[Stage]:
        """The stages of the plan in their order."""
        if not self.plan:
            return []
        people = self.plan.stages.select_related("plan", "owner", "submitted_by", "approved_by")
        return list(people.order_by("position"))

    @cached_property
    def steps(self) -> list[Step]:
        """The stages as the stepper shows them."""
        today = timezone.localdate()
        return [step_of(stage, self.plan, today=today) for stage in self.stages] if self.plan else []

    @cached_property
    def active_runs(self) -> list[Run]:
        """Calculations of this plan that are still to end."""
        if not self.plan:
            return []
        return list(Run.objects.filter(plan=self.plan, state__in=[RunState.QUEUED, RunState.RUNNING]).order_by("id"))

    @cached_property
    def owed(self) -> int:
        """How many things wait for this person in the latest plan, of what a few queries can tell."""
        latest = self.plans.first() if self.plan else None
        if latest is None or self.user is None:
            return 0
        return sum(1 for source in duty_sources(with_slow=False) for _ in source.duties(self.user, latest))

    @cached_property
    def unread(self) -> int:
        """How many notifications this person has not read."""
        return unread_count(self.user) if self.user else 0

    @cached_property
    def talk(self) -> dict[tuple[str, str], int]:
        """How many threads of the plan are open, by kind and key of their subject; for the links to conversations."""
        return open_counts(self.plan) if self.plan else {}

    @cached_property
    def nav(self) -> list[NavGroup]:
        """The rail's groups."""
        work = [
            NavLink(_("My work"), "layout-dashboard", reverse("cycles:my_work"), self.owed),
            NavLink(_("Cycle board"), "checklist", reverse("cycles:home")),
        ]
        records = [
            NavLink(_("Snapshots"), "camera", reverse("cycles:snapshots")),
            NavLink(_("Audit"), "history", reverse("cycles:audit")),
            NavLink(_("People"), "users", reverse("cycles:people")),
            NavLink(_("Company settings"), "settings", reverse("cycles:settings")),
            *self._place_links(),
        ]
        if not self.plan:
            return [NavGroup(_("Work"), work), NavGroup(_("Records"), records)]
        decide = [
            NavLink(_("Decisions"), "gavel", reverse("cycles:decisions", args=[self.plan.number])),
            NavLink(_("Assumptions"), "bulb", reverse("cycles:assumptions", args=[self.plan.number])),
        ]
        return [
            NavGroup(_("Work"), work),
            NavGroup(_("Plan"), self._stage_links(self.plan)),
            NavGroup(_("Answers"), decide),
            NavGroup(_("Records"), records),
        ]

    def _place_links(self) -> list[NavLink]:
        """Pages that higher apps registered for one of the person's roles."""
        mine = [place for place in places() if roles_for(place.action, StageKind.DATA) & set(self.roles)]
        return [NavLink(_(place.name), place.icon, reverse(place.url_name)) for place in mine]

    def _stage_links(self, plan: Plan) -> list[NavLink]:
        """The data page and, for each later stage, the panels that its app registered."""
        links = [NavLink(_("Data"), STAGE_ICONS[StageKind.DATA][0], reverse("cycles:data", args=[plan.number]))]
        for kind in list(StageKind)[1:]:
            icons = STAGE_ICONS[kind]
            for place, panel in enumerate(panels_of(kind)):
                icon = panel.icon or icons[min(place, len(icons) - 1)]
                links.append(NavLink(panel.name, icon, reverse(panel.url_name, args=[plan.number])))
        return links


def shell(request: HttpRequest) -> dict[str, object]:
    """Give templates `shell`; pages that do not use it read nothing."""
    return {"shell": SimpleLazyObject(lambda: Shell(request))}
