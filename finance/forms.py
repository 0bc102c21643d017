"""What people fill in on the finance pages: an adjustment, an action, a decision about a gap, a reforecast, filters."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from catalog.calc.months import month_date, month_index
from catalog.models import Category, Family, Market
from cycles.models import Plan, User
from finance.calc.promises import spread_evenly
from finance.fields import CENTS, AmountsField, MonthField
from finance.models import ActionDriver, ActionState, Adjustment, AdjustmentKind, Measure
from finance.services.actions import ByMonth, Promise
from finance.services.adjustments import Scope, Wording
from finance.services.refusals import AnswerRefused

BY_MONTH = _("Optional: one amount per month from the first, by semicolons or pasted from a sheet; it counts instead.")


class GroupedForm(forms.Form):
    """A form whose fields stand in titled groups; what is in no group comes first."""

    GROUPS: tuple[tuple[object, tuple[str, ...]], ...] = ()

    @property
    def groups(self) -> Iterator[tuple[object, list[BoundField]]]:
        """(legend, bound fields) as the dialog draws them."""
        for legend, names in self.GROUPS:
            yield legend, [self[name] for name in names]

    def refuse(self, refusal: AnswerRefused) -> None:
        """Put a refusal of the service at its field, with value, reason and remedy."""
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, f"“{refusal.value}”: {refusal.reason} {refusal.remedy}")


class ScopeForm(GroupedForm):
    """A node of the hierarchy: nothing chosen is the company."""

    category = forms.ModelChoiceField(Category.objects.all(), required=False, label=_("Category"), empty_label=_("All"))
    family = forms.ModelChoiceField(Family.objects.all(), required=False, label=_("Family"), empty_label=_("All"))
    market = forms.ModelChoiceField(Market.objects.all(), required=False, label=_("Market"), empty_label=_("All"))

    def scope(self) -> Scope:
        """The chosen node."""
        category, family, market = (self.cleaned_data[name] for name in ("category", "family", "market"))
        return Scope(
            category_id=category.pk if category else None,
            family_id=family.pk if family else None,
            market_id=market.pk if market else None,
        )


def people() -> forms.ModelChoiceField:
    """A choice among the people who have a role."""
    field = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Owner"))
    field.help_text = _("who answers for it")
    return field


def offer_people(field: forms.Field) -> None:
    """Fill a choice of people: active ones with a role."""
    found = User.objects.filter(is_active=True, is_service=False, memberships__isnull=False)
    field.queryset = found.distinct().order_by("username")  # type: ignore[attr-defined]


class AdjustmentForm(ScopeForm):
    """One adjustment: by month, or an amount spread over its months; a timing moves it from the first to the last."""

    title = forms.CharField(max_length=120, label=_("Name"), widget=forms.TextInput(attrs={"class": "is-wide"}))
    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in AdjustmentKind], label=_("Kind"))
    measure = forms.ChoiceField(choices=[(m.value, m.label) for m in Measure], label=_("Measure"))
    first_month = MonthField(label=_("From"))
    last_month = MonthField(label=_("To"))
    amount = forms.DecimalField(
        max_digits=16, decimal_places=2, required=False, label=_("Amount"), help_text=_("signed, in full")
    )
    by_month = AmountsField(label=_("Amounts by month"), help_text=BY_MONTH, widget=forms.Textarea(attrs={"rows": 2}))
    owner = people()
    expires_on = MonthField(label=_("Holds until"), help_text=_("after this month it leaves the landing"))
    evidence = forms.CharField(
        max_length=400, label=_("Evidence"), help_text=_("a link, a document's number, or who said so and when"),
        widget=forms.TextInput(attrs={"class": "is-wide"}),
    )  # fmt: skip
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))
    GROUPS = (
        ("", ("title", "kind", "measure")),
        (_("Where"), ("category", "family", "market")),
        (_("How much, when"), ("first_month", "last_month", "amount", "expires_on", "by_month")),
        (_("Who and why"), ("owner", "evidence", "reason")),
    )

    def __init__(
        self, *args: object, plan: Plan, user: User, replaced: Adjustment | None = None, **more: object
    ) -> None:
        """Start from the plan's first month, or from the adjustment that is replaced."""
        super().__init__(*args, **more)  # type: ignore[arg-type]
        offer_people(self.fields["owner"])
        self.initial = {"owner": user.pk} | dict.fromkeys(("first_month", "last_month", "expires_on"), plan.first_month)
        if replaced is not None:
            self.initial = _said(replaced)

    def clean(self) -> dict[str, object]:
        """Refuse months in the wrong order, and an adjustment without an amount."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_month"), cleaned.get("last_month")
        if cleaned.get("by_month"):
            return cleaned
        if first and last and last < first:
            self.add_error("last_month", _("The last month lies before the first. Choose a later one."))
        if cleaned.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", _("An adjustment needs an amount, in full or by month."))
        if cleaned.get("kind") == AdjustmentKind.TIMING and first and first == last:
            self.add_error("last_month", _("A timing moves money between two months. Choose a later one."))
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
            cents=asked["by_month"] or self._spread(),
            expires_on=asked["expires_on"],
            scope=self.scope(),
            evidence=asked["evidence"],
            owner=asked["owner"],
        )

    def _spread(self) -> tuple[int, ...]:
        asked = self.cleaned_data
        total = int(asked["amount"] * CENTS)
        count = month_index(asked["last_month"]) - month_index(asked["first_month"]) + 1
        if asked["kind"] == AdjustmentKind.TIMING:
            return (total, *([0] * (count - 2)), -total)
        return spread_evenly(total, count)


def _said(row: Adjustment) -> dict[str, object]:
    names = ("title", "kind", "measure", "category", "family", "market", "first_month", "expires_on", "evidence")
    last = month_date(month_index(row.first_month) + len(row.cents) - 1)
    amounts = "; ".join(f"{cents / 100:.2f}" for cents in row.cents)
    return {name: getattr(row, name) for name in names} | {
        "owner": row.owner_id, "last_month": last, "by_month": amounts,
    }  # fmt: skip


class ActionForm(ScopeForm):
    """One action with its money by month, its owner and its due date."""

    title = forms.CharField(max_length=160, label=_("Action"), widget=forms.TextInput(attrs={"class": "is-wide"}))
    owner = people()
    due_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label=_("Due"))
    driver = forms.ChoiceField(
        choices=[("", "–"), *((driver.value, driver.label) for driver in ActionDriver)],
        required=False, label=_("Driver"), help_text=_("what of the gap it works on"),
    )  # fmt: skip
    probability = forms.IntegerField(
        min_value=1, max_value=100, required=False, label=_("Probability, %"), help_text=_("empty: 100")
    )
    revenue = forms.DecimalField(max_digits=16, decimal_places=2, required=False, label=_("Revenue"))
    margin = forms.DecimalField(max_digits=16, decimal_places=2, required=False, label=_("Margin"))
    cash = forms.DecimalField(max_digits=16, decimal_places=2, required=False, label=_("Cash"))
    first_month = MonthField(required=False, label=_("From"), help_text=_("empty: the due month"))
    last_month = MonthField(required=False, label=_("To"), help_text=_("empty: the fiscal year's end"))
    revenue_by_month = AmountsField(label=_("Revenue by month"), help_text=BY_MONTH)
    margin_by_month = AmountsField(label=_("Margin by month"))
    cash_by_month = AmountsField(label=_("Cash by month"))
    GROUPS = (
        ("", ("title", "owner", "due_on", "driver", "probability")),
        (_("Where"), ("category", "family", "market")),
        (_("Promised in all, favourable is positive"), ("revenue", "margin", "cash")),
        (_("When"), ("first_month", "last_month", "revenue_by_month", "margin_by_month", "cash_by_month")),
    )

    def __init__(self, *args: object, plan: Plan, **kwargs: object) -> None:
        """Offer the people who can own an action."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.plan = plan
        offer_people(self.fields["owner"])
        self.fields["owner"].required = True
        self.fields["due_on"].initial = plan.first_month

    def clean(self) -> dict[str, object]:
        """Refuse months in the wrong order and rows by month that do not tell where they begin."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_month"), cleaned.get("last_month")
        if last and not first:
            self.add_error("first_month", _("A last month needs a first one."))
        if first and last and last < first:
            self.add_error("last_month", _("The last month lies before the first. Choose a later one."))
        return cleaned

    def promise(self) -> Promise:
        """The action as the service takes it."""
        asked = self.cleaned_data
        totals = {name: int((asked[name] or 0) * CENTS) for name in ("revenue", "margin", "cash")}
        return Promise(
            title=asked["title"],
            owner=asked["owner"],
            due_on=asked["due_on"],
            scope=self.scope(),
            months=self._months(totals),
            driver=ActionDriver(asked["driver"]) if asked["driver"] else None,
            probability=asked["probability"] or 100,
            **{f"{name}_cents": cents for name, cents in totals.items()},
        )

    def _months(self, totals: dict[str, int]) -> ByMonth | None:
        asked = self.cleaned_data
        rows = {name: asked[f"{name}_by_month"] for name in totals}
        first = asked["first_month"] or max(asked["due_on"].replace(day=1), self.plan.first_month)
        longest = max(map(len, rows.values()))
        if not longest and not asked["last_month"]:
            return None if not asked["first_month"] else self._spread(totals, first, self._rest(first))
        if not longest:
            return self._spread(totals, first, month_index(asked["last_month"]) - month_index(first) + 1)
        given = {name: row if row or totals[name] else (0,) * longest for name, row in rows.items()}
        return ByMonth(first, *(row or spread_evenly(totals[name], longest) for name, row in given.items()))

    def _rest(self, first: object) -> int:
        end = self.plan.first_month_index + self.plan.horizon
        return max(min(12, end - month_index(first)), 1)  # type: ignore[arg-type]

    def _spread(self, totals: dict[str, int], first: object, count: int) -> ByMonth:
        return ByMonth(first, *(spread_evenly(cents, count) for cents in totals.values()))  # type: ignore[arg-type]


class GapForm(forms.Form):
    """What is decided about a gap, in words."""

    question = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label=_("Decision"))


class ReforecastForm(GroupedForm):
    """Why the year should get a new reference."""

    question = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), label=_("Why a new reference"),
        help_text=_("finance or an executive decides, not who asks; the budget stays beside it"),
    )  # fmt: skip


class WithdrawForm(GroupedForm):
    """Why an adjustment ends."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))


class StateForm(forms.Form):
    """Where an action stands now."""

    state = forms.ChoiceField(
        choices=[(state.value, state.label) for state in ActionState],
        label=_("State"),
        help_text=_("Proposed and agreed actions are open: they answer a gap and stand beside the landing."),
    )
    note = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 2}), label=_("Note"),
        help_text=_("needed to drop an action or to open a closed one again"),
    )  # fmt: skip


class LedgerFilter(forms.Form):
    """Which adjustments the page lists."""

    state = forms.ChoiceField(
        required=False, label=_("State"),
        choices=[("", _("In the landing")), ("ends", _("Ending now")), ("ended", _("Ended")), ("all", _("All"))],
    )  # fmt: skip
    kind = forms.ChoiceField(
        required=False, label=_("Kind"), choices=[("", _("All")), *((k.value, k.label) for k in AdjustmentKind)]
    )
    measure = forms.ChoiceField(
        required=False, label=_("Measure"), choices=[("", _("All")), *((m.value, m.label) for m in Measure)]
    )
    q = forms.CharField(required=False, label=_("Words"))


class ActionFilter(forms.Form):
    """Which actions the page lists."""

    state = forms.ChoiceField(
        required=False, label=_("State"),
        choices=[("", _("Open")), ("closed", _("Done or dropped")), ("all", _("All"))],
    )  # fmt: skip
    owner = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Owner"), empty_label=_("All"))
    q = forms.CharField(required=False, label=_("Words"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the people who can own an action."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offer_people(self.fields["owner"])
