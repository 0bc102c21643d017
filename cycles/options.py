"""The options of a decision on a form: a title and its dollars, each in a row of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

OPTIONS = 3
#: Field of the form → key of an option, label, and what one unit of the form is in it.
PRICED = {
    "revenue": ("revenue_cents", _("Revenue"), 100),
    "margin": ("margin_cents", _("Margin"), 100),
    "inventory": ("inventory_cents", _("Inventory"), 100),
    "cash": ("cash_cents", _("Cash"), 100),
    "service": ("service_points", _("Service, points"), 100),
}


class OptionRows(forms.Form):
    """Up to three options, each priced as far as it is known; what is left empty is not known, not 0."""

    recommended = forms.ChoiceField(
        required=False,
        label=_("Recommended"),
        choices=[("", _("none")), *((str(row), _("Option %d") % row) for row in range(1, OPTIONS + 1))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the fields of each option."""
        super().__init__(*args, **kwargs)
        for row in range(1, OPTIONS + 1):
            wide = forms.TextInput(attrs={"class": "is-wide"})
            self.fields[f"option_{row}"] = forms.CharField(
                required=False, max_length=200, label=_("Title"), widget=wide
            )
            for name, (_key, label, _unit) in PRICED.items():
                self.fields[f"{name}_{row}"] = forms.DecimalField(
                    required=False, max_digits=16, decimal_places=2, label=label
                )

    def option_groups(self) -> list[tuple[object, list[BoundField]]]:
        """(legend, fields) of each option."""
        rows = range(1, OPTIONS + 1)
        return [
            (_("Option %d") % row, [self[f"option_{row}"], *(self[f"{name}_{row}"] for name in PRICED)]) for row in rows
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse an amount without a title, and a recommendation of an option that is not there."""
        cleaned = super().clean() or {}
        for row in range(1, OPTIONS + 1):
            priced = [name for name in PRICED if cleaned.get(f"{name}_{row}") is not None]
            if priced and not cleaned.get(f"option_{row}"):
                self.add_error(f"option_{row}", _("Its amounts need a title. Say what is done."))
        chosen = cleaned.get("recommended")
        if chosen and not cleaned.get(f"option_{chosen}"):
            self.add_error(
                "recommended", _("Option %(row)s is empty. Write it down or choose another.") % {"row": chosen}
            )
        return cleaned

    def options(self) -> tuple[dict[str, Any], ...]:
        """The options as a decision keeps them; unknown amounts are left out."""
        rows = [row for row in range(1, OPTIONS + 1) if self.cleaned_data[f"option_{row}"]]
        return tuple(self._option(row) for row in rows)

    def _option(self, row: int) -> dict[str, Any]:
        found: dict[str, Any] = {"title": self.cleaned_data[f"option_{row}"]}
        for name, (key, _label, unit) in PRICED.items():
            amount: Decimal | None = self.cleaned_data[f"{name}_{row}"]
            if amount is not None:
                found[key] = int(amount * unit)
        if self.cleaned_data["recommended"] == str(row):
            found["recommended"] = True
        return found
