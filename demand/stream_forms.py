"""What people fill in on the pages of streams: a returned workbook, an event, an opportunity, a launch."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from catalog.calc.reason_codes import reason_codes
from catalog.models import Company, Family, Item, Market
from catalog.services.imports.limits import MEGABYTE
from cycles.models import User
from cycles.selectors import scope_of
from demand.calc.event_shape import Shape
from demand.calc.launch import CurveKind
from demand.forms import TYPED_KINDS
from demand.models import EditKind
from demand.services.event_entry import EventWords
from demand.services.launches import LaunchWords

LARGEST_FILE_BYTES = 32 * MEGABYTE


def _code_input() -> forms.TextInput:
    """An item by its code, with the list of codes to choose from."""
    return forms.TextInput(attrs={"list": "item-codes", "autocomplete": "off"})


class WorkbookForm(forms.Form):
    """A workbook of the plan that comes back."""

    file = forms.FileField(
        label=_("Workbook"),
        help_text=_("The .xlsx that “Excel out” made, with your changes in its white cells; up to 32 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError(_("The file is larger than 32 MB. Hand in the workbook of the plan only."))
        return file


class GestureForm(forms.Form):
    """The stream, the company's reason code and the reason of one gesture; the code may stay open."""

    reason_code = forms.ChoiceField(required=False, label=_("Reason code"))
    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in TYPED_KINDS], label=_("Stream"))
    reason = forms.CharField(
        max_length=2_000,
        label=_("Reason"),
        help_text=_("One for the whole file. Everybody reads it beside the numbers, for ever."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the codes of the company."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        codes = reason_codes(Company.objects.current().reason_codes)
        self.fields["reason_code"].choices = [("", _("None")), *((code, code) for code in codes)]  # type: ignore[attr-defined]

    def clean_kind(self) -> EditKind:
        """Return the stream as the ledger knows it."""
        return EditKind(self.cleaned_data["kind"])


class DayInput(forms.DateInput):
    """A day as the browser's own calendar gives it."""

    input_type = "date"

    def __init__(self) -> None:
        """Write the value as ISO, which is what the browser's calendar reads."""
        super().__init__(format="%Y-%m-%d")


class PlaceForm(forms.Form):
    """An item or a family, and some markets, inside what a person sees."""

    family = forms.ModelChoiceField(Family.objects.none(), required=False, label=_("Family"))
    item = forms.ModelChoiceField(
        Item.objects.none(), required=False, label=_("or item"), to_field_name="code",
        widget=_code_input(),
    )  # fmt: skip
    markets = forms.ModelMultipleChoiceField(
        Market.objects.none(),
        required=False,
        label=_("Markets"),
        help_text=_("none ticked: all in which it is planned"),
        widget=forms.CheckboxSelectMultiple(),
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        """Offer what the person's limits touch; whether a pair lies inside them is the service's to say."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        families, markets = scope_of(user).sides()
        own = Family.objects.filter(families)
        self.fields["family"].queryset = own  # type: ignore[attr-defined]
        self.fields["item"].queryset = Item.objects.filter(is_sold=True, family__in=own)  # type: ignore[attr-defined]
        self.fields["markets"].queryset = Market.objects.filter(markets)  # type: ignore[attr-defined]

    @property
    def item_codes(self) -> list[tuple[str, str]]:
        """Codes and names to choose from while typing."""
        return list(self.fields["item"].queryset.values_list("code", "name"))  # type: ignore[attr-defined]

    def place(self) -> dict[str, Any]:
        """Item, family and markets as ids."""
        given = self.cleaned_data
        return {
            "item_id": given["item"].pk if given.get("item") else None,
            "family_id": given["family"].pk if given.get("family") else None,
            "market_ids": tuple(market.pk for market in given["markets"]),
        }


class EventForm(PlaceForm):
    """A promotion in words: where, when, how much, in which shape."""

    name = forms.CharField(max_length=120, label=_("Name"))
    first_day = forms.DateField(widget=DayInput(), label=_("From"))
    last_day = forms.DateField(widget=DayInput(), label=_("To"), help_text=_("both days inclusive"))
    lift_percent = forms.DecimalField(
        required=False, min_value=0, max_value=1_000, decimal_places=2, label=_("Lift, %"),
        help_text=_("of the baseline of its days"),
    )  # fmt: skip
    lift_units = forms.DecimalField(
        required=False, min_value=0, max_value=10**9, decimal_places=3, label=_("or units in all")
    )
    shape = forms.ChoiceField(choices=[(shape.value, shape.label) for shape in Shape], label=_("Shape"))
    discount_percent = forms.DecimalField(
        required=False, min_value=0, max_value=99, decimal_places=2, label=_("Off the net price, %"),
        help_text=_("while it lasts"),
    )  # fmt: skip
    dip_percent = forms.DecimalField(
        required=False, min_value=0, max_value=100, decimal_places=2, label=_("Dip after it, %"),
        help_text=_("of its units that are missing afterwards"),
    )  # fmt: skip
    dip_months = forms.IntegerField(required=False, min_value=1, max_value=6, initial=1, label=_("Months of the dip"))
    field_order = (
        "name", "family", "item", "markets", "first_day", "last_day", "lift_percent", "lift_units", "shape",
        "discount_percent", "dip_percent", "dip_months",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for exactly one of family and item, one of lift and units, and days in order."""
        given = super().clean() or {}
        if bool(given.get("family")) == bool(given.get("item")) and not {"family", "item"} & set(self.errors):
            self.add_error("family", _("Name a family or an item, one of them."))
        if bool(given.get("lift_percent")) == bool(given.get("lift_units")):
            self.add_error("lift_percent", _("Give a lift in % or units, one of them, above 0."))
        if given.get("first_day") and given.get("last_day") and given["last_day"] < given["first_day"]:
            self.add_error("last_day", _("It ends before it begins."))
        return given

    def words(self) -> EventWords:
        """The event as the service takes it."""
        given = self.cleaned_data
        return EventWords(
            name=given["name"],
            first_day=given["first_day"],
            last_day=given["last_day"],
            shape=Shape(given["shape"]),
            lift4=int((given["lift_percent"] or 0) * 100),
            units_milli=int((given["lift_units"] or 0) * 1000),
            discount4=int((given["discount_percent"] or 0) * 100),
            dip4=int((given["dip_percent"] or 0) * 100),
            dip_months=given["dip_months"] or 1,
            **self.place(),
        )


class DealForm(forms.Form):
    """How much of a deal the baseline holds already, and why it belongs into the plan."""

    overlap_percent = forms.DecimalField(
        required=False, min_value=0, max_value=100, decimal_places=2, initial=0, label=_("Overlap with the baseline, %"),
        help_text=_("the part that the statistics hold already: it is not added twice"),
    )  # fmt: skip
    reason = forms.CharField(max_length=2_000, label=_("Reason"))

    @property
    def overlap4(self) -> int:
        """The overlap in ten-thousandths."""
        return int((self.cleaned_data["overlap_percent"] or 0) * 100)


class WordForm(forms.Form):
    """A reason, no more."""

    reason = forms.CharField(max_length=2_000, label=_("Reason"))


class LaunchForm(forms.Form):
    """A new product: where, from when, its peak and its curve, and what it takes from another item."""

    item = forms.ModelChoiceField(Item.objects.none(), to_field_name="code", label=_("Item"), widget=_code_input())
    markets = forms.ModelMultipleChoiceField(
        Market.objects.none(), label=_("Markets"), widget=forms.CheckboxSelectMultiple()
    )
    first_month = forms.DateField(
        input_formats=["%Y-%m"], widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"), label=_("First month")
    )
    months = forms.IntegerField(min_value=1, max_value=36, initial=12, label=_("Months"))
    peak_units = forms.DecimalField(
        min_value=0,
        max_value=10**9,
        decimal_places=3,
        label=_("Peak, units a month"),
        help_text=_("over all its markets"),
    )
    curve = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in CurveKind], label=_("Curve"))
    ramp_months = forms.IntegerField(required=False, min_value=1, max_value=36, initial=6, label=_("Ramp, months"))
    like_item = forms.ModelChoiceField(
        Item.objects.none(), required=False, to_field_name="code", label=_("Like item"), widget=_code_input()
    )
    percentages = forms.CharField(
        required=False, max_length=400, label=_("Typed curve, %"), help_text=_("10; 30; 60; 100: the last one holds on")
    )
    taken_from = forms.ModelChoiceField(
        Item.objects.none(), required=False, to_field_name="code", label=_("Takes from item"), widget=_code_input()
    )
    taken_percent = forms.DecimalField(
        required=False, min_value=0, max_value=100, decimal_places=2, label=_("Share taken, %"),
        help_text=_("of the new item's units"),
    )  # fmt: skip
    reason = forms.CharField(max_length=2_000, label=_("Reason"))

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        """Offer what the person's limits touch; whether a pair lies inside them is the service's to say."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        families, markets = scope_of(user).sides()
        items = Item.objects.filter(is_sold=True, family__in=Family.objects.filter(families))
        for name in ("item", "like_item", "taken_from"):
            self.fields[name].queryset = items  # type: ignore[attr-defined]
        self.fields["markets"].queryset = Market.objects.filter(markets)  # type: ignore[attr-defined]

    @property
    def item_codes(self) -> list[tuple[str, str]]:
        """Codes and names to choose from while typing."""
        return list(self.fields["item"].queryset.values_list("code", "name"))  # type: ignore[attr-defined]

    def clean_percentages(self) -> tuple[float, ...]:
        """Read the typed curve; anything that is no number is refused."""
        parts = self.cleaned_data["percentages"].replace("%", " ").replace(";", " ").split()
        try:
            return tuple(float(part.replace(",", ".")) for part in parts)
        except ValueError:
            raise forms.ValidationError(_("Percentages like 10; 30; 60; 100.")) from None

    def clean(self) -> dict[str, Any]:
        """Ask for what the kind of curve needs, and for both of item and share where it takes from another."""
        given = super().clean() or {}
        needed = {"ramp": "ramp_months", "like": "like_item", "typed": "percentages"}.get(given.get("curve", ""))
        if needed and not given.get(needed) and needed not in self.errors:
            self.add_error(needed, _("This curve needs it."))
        if any(part < 0 for part in given.get("percentages") or ()):
            self.add_error("percentages", _("No percentage is below 0."))
        if bool(given.get("taken_from")) != bool(given.get("taken_percent")):
            self.add_error("taken_percent", _("Name the item and the share, both or neither."))
        if given.get("item") and given.get("item") == given.get("taken_from"):
            self.add_error("taken_from", _("An item takes nothing from itself."))
        return given

    def words(self) -> LaunchWords:
        """The launch as the service takes it."""
        given = self.cleaned_data
        return LaunchWords(
            item_id=given["item"].pk,
            market_ids=tuple(market.pk for market in given["markets"]),
            first_month=given["first_month"],
            months=given["months"],
            peak_milli=int(given["peak_units"] * 1000),
            curve=CurveKind(given["curve"]),
            reason=given["reason"],
            ramp_months=given["ramp_months"] or 1,
            like_item_id=given["like_item"].pk if given["like_item"] else None,
            percentages=given["percentages"],
            taken_from_id=given["taken_from"].pk if given["taken_from"] else None,
            taken4=int((given["taken_percent"] or 0) * 100),
        )
