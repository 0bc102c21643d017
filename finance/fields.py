"""Fields of the finance forms: a month as browsers send it, and amounts by month as they are typed or pasted."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

CENTS = Decimal(100)
LONGEST = 36
AMOUNT = re.compile(r"^[+\-−]?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,2})?$")


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


class AmountsField(forms.CharField):
    """One amount per month in full currency units, separated by semicolons, tabs or lines; kept as cents."""

    default_error_messages = {
        "amount": _(
            "“%(value)s” in place %(place)s is no amount. Write 1250.50 or 1,250.50, months apart by semicolons."
        ),
        "many": _("%(count)s amounts are more than a plan has months. Give at most %(most)s."),
    }

    def __init__(self, **kwargs: object) -> None:
        """A field that may stay empty."""
        super().__init__(required=False, **kwargs)  # type: ignore[arg-type]
        self.widget.attrs["placeholder"] = "-1000; 400; 600"

    def clean(self, value: object) -> tuple[int, ...]:  # type: ignore[override]
        """Return cents per month; () where nothing is given."""
        text = super().clean(value)
        parts = [part.strip() for part in re.split(r"[;\t\r\n]+|\s{2,}", text) if part.strip()]
        if len(parts) > LONGEST:
            raise ValidationError(self.error_messages["many"], params={"count": len(parts), "most": LONGEST})
        return tuple(self._cents(part, place) for place, part in enumerate(parts, start=1))

    def _cents(self, text: str, place: int) -> int:
        if not AMOUNT.match(text):
            raise ValidationError(self.error_messages["amount"], params={"value": text, "place": place})
        return int(Decimal(text.replace(",", "").replace("−", "-")) * CENTS)
