"""What an admin fills in about a key."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models import Scope
from integrations.services.keys import USUAL_LIFE, USUAL_OVERLAP, KeyWish

SCOPES = [
    (Scope.READ_PLANS.value, _("Read approved plans")),
    (Scope.ACKNOWLEDGE.value, _("Say what was loaded")),
    (Scope.READ_TRACE.value, _("Read the trace of an approved plan: budget, drivers, edits and people")),
]
LONGEST_OVERLAP_DAYS = 90


class KeyForm(forms.Form):
    """A new key: for what, what it may do, until when, from where."""

    name = forms.CharField(label=_("What it is for"), max_length=80, help_text=_("The system that will use it."))
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=SCOPES, widget=forms.CheckboxSelectMultiple, initial=[Scope.READ_PLANS.value]
    )
    expires_on = forms.DateField(
        label=_("Works until the end of"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    addresses = forms.CharField(
        label=_("From these networks only"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "10.1.0.0/16"}),
        help_text=_("One address or network per line; empty: from anywhere."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer a year."""
        super().__init__(*args, **kwargs)
        self.fields["expires_on"].initial = (timezone.now() + USUAL_LIFE).date()

    def clean_expires_on(self) -> datetime:
        """The last moment of the day, in UTC; a day that is over is refused."""
        last = datetime.combine(self.cleaned_data["expires_on"], time.max, tzinfo=UTC)
        if last <= timezone.now():
            raise forms.ValidationError(_("This day is over; choose a later one."))
        return last

    def clean_addresses(self) -> list[str]:
        """One network per line, each readable as one."""
        lines = [line.strip() for line in self.cleaned_data["addresses"].splitlines() if line.strip()]
        for number, line in enumerate(lines, 1):
            try:
                ipaddress.ip_network(line)
            except ValueError as error:
                said = _("Line %(number)s: %(line)s is neither an address nor a network such as 10.1.0.0/16.")
                raise forms.ValidationError(said % {"number": number, "line": line}) from error
        return lines

    def wish(self) -> KeyWish:
        """What is asked for."""
        given = self.cleaned_data
        return KeyWish(
            given["name"], [Scope(name) for name in given["scopes"]], given["addresses"], given["expires_on"]
        )


class RotateForm(forms.Form):
    """How long both keys work."""

    overlap_days = forms.IntegerField(
        label=_("Days during which the old key still works"),
        min_value=0,
        max_value=LONGEST_OVERLAP_DAYS,
        initial=USUAL_OVERLAP.days,
    )

    def overlap(self) -> timedelta:
        """The time that both work."""
        return timedelta(days=self.cleaned_data["overlap_days"])


class RevokeForm(forms.Form):
    """Why a key ends at once."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))
