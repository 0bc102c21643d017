"""What people fill in on the finance pages: an adjustment, an action, a decision about a gap."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.calc.months import month_date, month_index
from catalog.calc.rounding import largest_remainder
from catalog.models import Family, Market
from cycles.models import Plan, User
from finance.models import ActionState, AdjustmentKind, Measure
from finance.services.actions import Promise
from finance.services.adjustments import Scope, Wording

CENTS = Decimal(100)


class MonthField(forms.DateField):
    """A month as browsers send it (2014-06), kept as its first day."""

    widget = forms.DateInput(attrs={"type": "month"}, format="%Y-%m")

    def __init__(self, **kwargs: object) -> None:
        """Accept the month alone, or a whole date."""
        super().__init__(input_formats=["%Y-%m", "%Y-%m-%d"], **kwargs)  # type: ignore[arg-type]

    def clean(self, value: object) -> date | None:
        """Return the first day of the month."""
        cleaned = super().clean(value)
        return None if cleaned is None else cleaned.replace(day=1)


class ScopeForm(forms.Form):
    """A node of the hierarchy: nothing chosen is the company."""

    family = forms.ModelChoiceField(Family.objects.all(), required=False, label=_("Family"), empty_label=_("Company"))
    market = forms.ModelChoiceField(Market.objects.all(), required=False, label=_("Market"), empty_label=_("All"))

    def scope(self) -> Scope:
        """The chosen node."""
        family, market = self.cleaned_data["family"], self.cleaned_data["market"]
        return Scope(family_id=family.pk if family else None, market_id=market.pk if market else None)


class AdjustmentForm(ScopeForm):
    """One adjustment: an amount over some months, equally; a timing moves it from the first to the last month."""

    title = forms.CharField(max_length=120, label=_("Name"))
    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in AdjustmentKind], label=_("Kind"))
    measure = forms.ChoiceField(choices=[(m.value, m.label) for m in Measure], label=_("Measure"))
    amount = forms.DecimalField(max_digits=16, decimal_places=2, label=_("Amount"), help_text=_("signed, in full"))
    first_month = MonthField(label=_("From"))
    last_month = MonthField(label=_("To"))
    expires_on = MonthField(label=_("Holds until"), help_text=_("after this month it leaves the landing"))
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))
    field_order = ("title", "kind", "measure", "amount", "first_month", "last_month", "expires_on", "family", "market")

    def __init__(self, *args: object, plan: Plan, **kwargs: object) -> None:
        """Start from the plan's first month."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in ("first_month", "last_month", "expires_on"):
            self.fields[name].initial = plan.first_month

    def clean(self) -> dict[str, object]:
        """Refuse months in the wrong order."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_month"), cleaned.get("last_month")
        if first and last and last < first:
            self.add_error("last_month", _("The last month lies before the first."))
        if cleaned.get("kind") == AdjustmentKind.TIMING and first and first == last:
            self.add_error("last_month", _("A timing moves money between two months."))
        return cleaned

    def wording(self) -> Wording:
        """The adjustment as the service takes it."""
        asked = self.cleaned_data
        return Wording(
            kind=AdjustmentKind(asked["kind"]),
            measure=Measure(asked["measure"]),
            title=asked["title"],
            reason=asked["reason"],
            first_month=asked["first_month"],
            cents=self._cents(),
            expires_on=asked["expires_on"],
            scope=self.scope(),
        )

    def _cents(self) -> tuple[int, ...]:
        asked = self.cleaned_data
        total = int(asked["amount"] * CENTS)
        count = month_index(asked["last_month"]) - month_index(asked["first_month"]) + 1
        if asked["kind"] == AdjustmentKind.TIMING:
            return (total, *([0] * (count - 2)), -total)
        return tuple(largest_remainder([1] * count, total).tolist())


class ActionForm(ScopeForm):
    """One action with its money of the fiscal year, its owner and its due date."""

    title = forms.CharField(max_length=160, label=_("Action"))
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"))
    due_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label=_("Due"))
    revenue = forms.DecimalField(max_digits=16, decimal_places=2, label=_("Revenue"), help_text=_("this fiscal year"))
    margin = forms.DecimalField(max_digits=16, decimal_places=2, label=_("Margin"))
    field_order = ("title", "owner", "due_on", "revenue", "margin", "family", "market")

    def __init__(self, *args: object, plan: Plan, **kwargs: object) -> None:
        """Offer the people who can own an action."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        people = User.objects.filter(is_active=True, is_service=False, memberships__isnull=False)
        self.fields["owner"].queryset = people.distinct().order_by("username")  # type: ignore[attr-defined]
        self.fields["due_on"].initial = month_date(month_index(plan.first_month))

    def promise(self) -> Promise:
        """The action as the service takes it."""
        asked = self.cleaned_data
        return Promise(
            title=asked["title"],
            owner=asked["owner"],
            due_on=asked["due_on"],
            revenue_cents=int(asked["revenue"] * CENTS),
            margin_cents=int(asked["margin"] * CENTS),
            scope=self.scope(),
        )


class GapForm(forms.Form):
    """What is decided about a gap, in words."""

    question = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label=_("Decision"))


class WithdrawForm(forms.Form):
    """Why an adjustment ends."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))


class StateForm(forms.Form):
    """Where an action stands now."""

    state = forms.ChoiceField(
        choices=[(state.value, state.label) for state in ActionState],
        label=_("State"),
        help_text=_("Proposed and agreed actions are open: they answer a gap and stand beside the landing."),
    )
