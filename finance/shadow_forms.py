"""What people fill in for the shadow-model check: the file, a reason, an adjustment, an owner."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from catalog.services.imports.limits import MEGABYTE
from cycles.models import User
from finance.forms import MonthField

LARGEST_FILE_BYTES = 16 * MEGABYTE


class ShadowFileForm(forms.Form):
    """A forecast and whose it is; what its figures are only where the file does not tell."""

    model_name = forms.CharField(
        max_length=80,
        label=_("Whose forecast"),
        help_text=_("a later file under the same name shows what changed"),
    )
    file = forms.FileField(label=_("File"), help_text=_("XLSX or CSV up to 16 MB: items or families by month."))
    figures = forms.ChoiceField(
        choices=[("", _("as the figures tell")), ("units", _("units")), ("money", _("money"))],
        required=False,
        label=_("Figures are"),
    )

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError(_("The file is larger than 16 MB. Hand in the sheet with the forecast only."))
        return file


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label=_("Reason"))


class ShadowAdjustForm(ReasonForm):
    """The name of an adjustment and until when it holds; its dollars are the difference's."""

    title = forms.CharField(max_length=120, label=_("Name"))
    expires_on = MonthField(label=_("Holds until"), help_text=_("after this month it leaves the landing"))
    field_order = ("title", "expires_on", "reason")


class ShadowAssignForm(ReasonForm):
    """Who answers for a difference."""

    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"))
    field_order = ("owner", "reason")

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer people with a role."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        people = User.objects.filter(is_active=True, is_service=False, memberships__isnull=False)
        self.fields["owner"].queryset = people.distinct().order_by("username")  # type: ignore[attr-defined]
