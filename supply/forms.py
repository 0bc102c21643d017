"""What people fill in on the supply page: a pin, its release, a decision about an overload."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.calc.months import month_date
from catalog.models import Item, Site
from cycles.models import Plan, User
from cycles.policy import Action, roles_for
from cycles.workflow import StageKind
from supply.models import OverloadChoice, PinKind, ShortageChoice, WorkCentre
from supply.services.ledger import PinEntry

MILLI = 1000


class PinForm(forms.Form):
    """One pinned quantity of an item at a site, or one extra shift of a work centre."""

    kind = forms.ChoiceField(choices=PinKind.choices, label=_("What"))
    item = forms.CharField(required=False, max_length=40, label=_("Item"), help_text=_("its code; not for a shift"))
    site = forms.ModelChoiceField(Site.objects.all(), to_field_name="code", label=_("Site"), required=False)
    work_centre = forms.ModelChoiceField(
        WorkCentre.objects.filter(is_production=True), to_field_name="code", required=False, label=_("Work centre")
    )
    month = forms.TypedChoiceField(coerce=int, label=_("Month"))
    quantity = forms.DecimalField(
        min_value=0, max_digits=15, decimal_places=3, label=_("Quantity"), help_text=_("units, or hours of a shift")
    )
    unit_cost = forms.DecimalField(
        required=False, min_value=0, max_digits=14, decimal_places=4, label=_("Cost per unit over standard")
    )
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))
    base_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        """Offer the months of the plan; its present revision is the base of the gesture."""
        super().__init__(*args, **kwargs)
        months = range(plan.first_month_index, plan.first_month_index + plan.horizon)
        self.fields["month"].choices = [(month, f"{month_date(month):%b %Y}") for month in months]
        self.fields["site"].initial = Site.MAIN
        self.fields["base_revision"].initial = plan.revision

    def clean_item(self) -> Item | None:
        """The item of the code."""
        code = self.cleaned_data["item"].strip()
        item = Item.objects.filter(code=code).first()
        if code and item is None:
            raise forms.ValidationError(_("There is no item of this code."))
        return item

    def clean(self) -> dict[str, Any]:
        """A shift needs its work centre, everything else its item and site."""
        given: dict[str, Any] = super().clean() or {}
        wanted = ("work_centre",) if given.get("kind") == PinKind.EXTRA_SHIFT else ("item", "site")
        for name in wanted:
            if not given.get(name) and name not in self.errors:
                self.add_error(name, _("This is needed."))
        return given

    def entry(self) -> PinEntry:
        """The wish as the ledger takes it."""
        given = self.cleaned_data
        is_shift = given["kind"] == PinKind.EXTRA_SHIFT
        return PinEntry(
            kind=PinKind(given["kind"]),
            month=month_date(given["month"]),
            quantity=int(given["quantity"] * MILLI),
            item_id=None if is_shift else given["item"].pk,
            site_id=None if is_shift else given["site"].pk,
            work_centre_id=given["work_centre"].pk if is_shift else None,
            unit_cost=given["unit_cost"] or Decimal(0),
        )


class ReleaseForm(forms.Form):
    """Why a pin is released."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))
    base_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class OverloadForm(forms.Form):
    """The answer to one overload, or to all that are open."""

    choice = forms.ChoiceField(choices=OverloadChoice.choices, label=_("Decision"))
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))


class OptionForm(forms.Form):
    """Why an option of a shortage is chosen; what a subcontracted unit costs, where it is that."""

    unit_cost = forms.DecimalField(
        min_value=0,
        max_digits=14,
        decimal_places=4,
        label=_("Cost per unit over standard"),
        help_text=_("what the subcontractor asks, less the standard cost"),
    )
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))

    def __init__(self, *args: Any, choice: ShortageChoice, **kwargs: Any) -> None:
        """Ask for the cost where the option is to subcontract."""
        super().__init__(*args, **kwargs)
        if choice != ShortageChoice.SUBCONTRACT:
            del self.fields["unit_cost"]


class QuestionForm(forms.Form):
    """What is put to the executive about a shortage: the question, who decides and until when."""

    text = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}), label=_("Question"))
    unit_cost = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=4,
        label=_("Subcontract: cost per unit over standard"),
        help_text=_(
            "what the subcontractor asks, less the standard cost; left empty, the option stands before its cost"
        ),
    )
    owner = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Who decides"))
    due_on = forms.DateField(
        required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), label=_("Until")
    )

    def __init__(self, *args: Any, has_subcontract: bool, **kwargs: Any) -> None:
        """Offer the people who may take decisions; ask for the cost where there is a subcontractor."""
        super().__init__(*args, **kwargs)
        takers = [role.value for role in roles_for(Action.TAKE_DECISION, StageKind.EXECUTIVE)]
        people = User.objects.filter(is_active=True, is_service=False, memberships__role__in=takers)
        self.fields["owner"].queryset = people.distinct().order_by("first_name", "username")
        if not has_subcontract:
            del self.fields["unit_cost"]


class CarryOutForm(forms.Form):
    """The cost of a subcontracted unit, where the decision does not say it; else nothing is asked."""

    unit_cost = forms.DecimalField(
        min_value=0, max_digits=14, decimal_places=4, label=_("Cost per unit over standard"),
        help_text=_("what the subcontractor asks, less the standard cost"),
    )  # fmt: skip

    def __init__(self, *args: Any, asks_cost: bool, **kwargs: Any) -> None:
        """Leave the cost out where it is known or of no use."""
        super().__init__(*args, **kwargs)
        if not asks_cost:
            del self.fields["unit_cost"]
