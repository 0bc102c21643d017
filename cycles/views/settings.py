"""The company's settings: read by everybody with a role, changed by the admin; the rhythm of the month and holidays."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.models import Company, Currency
from cycles.calc.rhythm import LAST_WORKING_DAY
from cycles.errors import StatementUnfit
from cycles.forms import DayInput
from cycles.models import Holiday, Stage, User
from cycles.policy import Action
from cycles.selectors import visible_to
from cycles.services.access import authorise, is_allowed
from cycles.services.rhythm import Beat, add_holiday, change_rhythm, remove_holiday, reschedule_stage, rhythm
from cycles.services.settings import BY_FIELD, SETTINGS, Setting, change_company, why_fixed
from cycles.views.answering import page
from cycles.views.asking import ask, go_to
from cycles.workflow import StageKind

MONTHS = [(number, f"{number} · {name}") for number, name in enumerate(
    ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
     "December"), 1)]  # fmt: skip

ON_OFF = [(True, "On"), (False, "Off")]


@dataclass(frozen=True, slots=True)
class Line:
    """One setting as the page shows it: what it is, its value in words, and why it cannot be changed, if so."""

    setting: Setting
    shown: str
    unit: str
    fixed: str


class SettingForm(forms.Form):
    """One setting, in the unit in which people say it."""

    value = forms.CharField()

    def __init__(self, *args: object, setting: Setting, company: Company, **kwargs: object) -> None:
        """A field of the setting's kind, holding what it is now."""
        super().__init__(*args, **kwargs)
        self.setting = setting
        field: forms.Field = forms.CharField(max_length=120)
        current = getattr(company, setting.field)
        if isinstance(current, bool):
            field = forms.TypedChoiceField(choices=ON_OFF, coerce=lambda text: text == "True")
        elif choices := Company._meta.get_field(setting.field).choices:
            field = forms.ChoiceField(choices=choices)
        elif setting.field == "reason_codes":
            field = forms.CharField(max_length=1_300, widget=forms.Textarea(attrs={"rows": 4}))
        elif setting.field == "fiscal_year_start_month":
            field = forms.TypedChoiceField(choices=MONTHS, coerce=int)
        elif setting.field == "currency_id":
            field = forms.ChoiceField(choices=[(row.code, row.code) for row in Currency.objects.all()])
        elif setting.is_money:
            field, current = forms.DecimalField(min_value=0, max_digits=16, decimal_places=2), Decimal(current) / 100
        elif setting.is_fraction:
            field = forms.DecimalField(min_value=0, max_value=setting.most, decimal_places=2)
            current = current * 100
        elif setting.least is not None:
            field = forms.IntegerField(min_value=setting.least, max_value=setting.most)
        field.label, field.help_text = setting.title, f"{setting.words} {setting.effect.label}."
        self.fields["value"] = field
        self.initial["value"] = current

    def stored(self) -> object:
        """The value as the company keeps it: cents, a fraction, or as it is."""
        value = self.cleaned_data["value"]
        if self.setting.is_money:
            return int(value * 100)
        return value * Decimal("0.01") if self.setting.is_fraction else value


class RhythmForm(forms.Form):
    """Working day and owner of every stage."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Two fields a stage, holding what they are now."""
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, is_service=False, memberships__isnull=False).distinct()
        for kind, beat in rhythm().items():
            self.fields[f"day_{kind.value}"] = forms.IntegerField(
                min_value=1, max_value=LAST_WORKING_DAY, initial=beat.working_day,
                label=_("%(stage)s: working day") % {"stage": kind.label},
            )  # fmt: skip
            self.fields[f"owner_{kind.value}"] = forms.ModelChoiceField(
                people.order_by("first_name", "username"), required=False, initial=beat.owner, label=_("Owner"),
                empty_label=_("as in the last cycle"),
            )  # fmt: skip

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """A row a stage."""
        return [("", [self[f"day_{kind.value}"], self[f"owner_{kind.value}"]]) for kind in StageKind]

    def beats(self) -> dict[StageKind, Beat]:
        """What was chosen, by stage."""
        chosen = self.cleaned_data
        return {kind: Beat(chosen[f"day_{kind.value}"], chosen[f"owner_{kind.value}"]) for kind in StageKind}


class HolidayForm(forms.Form):
    """A day on which the company does not work."""

    day = forms.DateField(widget=DayInput(), label=_("Day"))
    name = forms.CharField(max_length=80, label=_("Name"))


class DueForm(forms.Form):
    """Another due date for a stage, and why."""

    due_on = forms.DateField(widget=DayInput(), label=_("Due on"))
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))


def _shown(setting: Setting, company: Company) -> str:
    value = getattr(company, setting.field)
    if setting.is_money:
        return f"{Decimal(value) / 100:,.2f}"
    if setting.is_fraction:
        return f"{(value * 100).normalize():f}"
    if isinstance(value, bool):
        return str(dict(ON_OFF)[value])
    if choices := Company._meta.get_field(setting.field).choices:
        return str(dict(choices)[value])
    return dict(MONTHS)[value] if setting.field == "fiscal_year_start_month" else str(value)


@page
@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """Show every setting with its unit, meaning and effect; what is fixed says why."""
    authorise(actor=request.user, action=Action.VIEW)
    company = Company.objects.first()
    unit_of = {"money": company.currency_id if company else ""}
    lines = [
        Line(setting, _shown(setting, company), unit_of.get(setting.unit, setting.unit), why_fixed(setting))
        for setting in SETTINGS
        if company
    ]
    context = {
        "company": company, "lines": lines, "beats": [(kind.label, beat) for kind, beat in rhythm().items()],
        "holidays": Holiday.objects.order_by("day"),
        "may_change": is_allowed(actor=request.user, action=Action.SET_UP),
    }  # fmt: skip
    return render(request, "cycles/settings.html", context)


@page
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, field: str) -> HttpResponse:
    """Ask for another value of one setting and keep it."""
    authorise(actor=request.user, action=Action.SET_UP)
    company = get_object_or_404(Company)
    setting = BY_FIELD.get(field) or get_object_or_404(Company, pk=0)
    form = SettingForm(request.POST if request.method == "POST" else None, setting=setting, company=company)
    if request.method == "POST" and form.is_valid():
        try:
            change_company(values={setting.field: form.stored()}, actor=request.user)
        except StatementUnfit as error:
            form.add_error("value", str(error))
        else:
            return _done(request, _("%(what)s is changed.") % {"what": setting.title})
    return ask(request, heading=setting.title, form=form, back=reverse("cycles:settings"))


@page
@require_http_methods(["GET", "POST"])
def beat(request: HttpRequest) -> HttpResponse:
    """Ask for the working day and the owner of every stage and keep them for new cycles."""
    authorise(actor=request.user, action=Action.SET_UP)
    form = RhythmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            change_rhythm(beats=form.beats(), actor=request.user)
        except StatementUnfit as error:
            form.add_error(None, str(error))
        else:
            return _done(request, _("The rhythm of new cycles is changed."))
    return ask(request, heading=_("Rhythm of the month"), form=form, back=reverse("cycles:settings"))


@page
@require_http_methods(["GET", "POST"])
def holiday(request: HttpRequest) -> HttpResponse:
    """Ask for a day and its name, and add the holiday."""
    authorise(actor=request.user, action=Action.SET_UP)
    form = HolidayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            add_holiday(day=form.cleaned_data["day"], name=form.cleaned_data["name"], actor=request.user)
        except StatementUnfit as error:
            form.add_error("day", str(error))
        else:
            return _done(request, _("The holiday is added."))
    return ask(request, heading=_("Add a holiday"), form=form, back=reverse("cycles:settings"))


@page
@require_POST
def drop_holiday(request: HttpRequest, holiday_id: int) -> HttpResponse:
    """Make a holiday a working day again."""
    authorise(actor=request.user, action=Action.SET_UP)
    remove_holiday(holiday_id=get_object_or_404(Holiday, pk=holiday_id).pk, actor=request.user)
    messages.success(request, _("The holiday is a working day again."))
    return HttpResponseRedirect(reverse("cycles:settings"))


@page
@require_http_methods(["GET", "POST"])
def due(request: HttpRequest, stage_id: int) -> HttpResponse:
    """Ask for another due date of a stage and the reason, and keep it."""
    stage = get_object_or_404(Stage, pk=stage_id, plan__in=visible_to(request.user))
    authorise(actor=request.user, action=Action.SET_UP)
    back = reverse("cycles:board", args=[stage.plan.number])
    form = DueForm(request.POST if request.method == "POST" else None, initial={"due_on": stage.due_on})
    if request.method == "POST" and form.is_valid():
        try:
            reschedule_stage(stage_id=stage.pk, actor=request.user, **form.cleaned_data)
        except StatementUnfit as error:
            form.add_error("due_on", str(error))
        else:
            messages.success(request, _("The due date is moved."))
            return go_to(request, back)
    return ask(request, heading=_("Due date of %(stage)s") % {"stage": stage.title}, form=form, back=back)


def _done(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return go_to(request, reverse("cycles:settings"))
