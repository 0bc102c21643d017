"""What people fill in on the pages of the cycle."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.registry import datasets
from cycles.registry import audit_codes


class StageForm(forms.Form):
    """The comment of a submission or approval, or the reason of a step back."""

    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False, label=_("Comment"))

    def __init__(self, *args: object, needs_reason: bool = False, **kwargs: object) -> None:
        """Ask for a reason where the step needs one."""
        super().__init__(*args, **kwargs)
        if needs_reason:
            self.fields["text"].label = _("Reason")
            self.fields["text"].required = True


class WaiverForm(forms.Form):
    """Why a blocking finding may pass."""

    code = forms.CharField(widget=forms.HiddenInput, max_length=80)
    subject = forms.CharField(widget=forms.HiddenInput, max_length=200)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label=_("Reason"))


class UploadForm(forms.Form):
    """One file for one dataset."""

    dataset = forms.ChoiceField(label=_("Dataset"))
    file = forms.FileField(label=_("CSV file"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer every registered dataset, in the order in which they load."""
        super().__init__(*args, **kwargs)
        self.fields["dataset"].choices = [(entry.name, entry.title) for entry in datasets()]


class AuditFilterForm(forms.Form):
    """What the audit page is narrowed to."""

    code = forms.ChoiceField(required=False, label=_("What"))
    actor = forms.CharField(required=False, label=_("Who"), max_length=150)
    plan = forms.CharField(required=False, label=_("Plan"), max_length=20)
    since = forms.DateField(required=False, label=_("Since"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer every registered code."""
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", _("Everything")), *((code, code) for code in audit_codes())]


class PreferenceForm(forms.Form):
    """What a person prefers; either of the two may be sent alone."""

    theme = forms.ChoiceField(required=False, choices=[(name, name) for name in ("auto", "light", "dark")])
    display = forms.ChoiceField(required=False, choices=[(name, name) for name in ("units", "value")])


class AssumptionForm(forms.Form):
    """Something that the plan takes for granted."""

    code = forms.RegexField(
        r"^[a-z0-9_.\-]+$", label=_("Short name"), max_length=80, help_text=_("small letters, digits, dots")
    )
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Assumption"))
    source = forms.CharField(required=False, max_length=200, label=_("Source"))


class DecisionForm(forms.Form):
    """A question that somebody has to answer."""

    subject = forms.CharField(max_length=200, label=_("About"))
    question = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Question"))


class AnswerForm(forms.Form):
    """The answer to a decision."""

    choice = forms.CharField(max_length=500, label=_("Decision"))
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))
