"""What people fill in on the pages of streams: a returned workbook, an event, an opportunity, a launch."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from catalog.services.imports.limits import MEGABYTE
from demand.forms import TYPED_KINDS
from demand.models import EditKind

LARGEST_FILE_BYTES = 32 * MEGABYTE


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
    """The stream and the reason of one gesture."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in TYPED_KINDS], label=_("Stream"))
    reason = forms.CharField(
        max_length=2_000,
        label=_("Reason"),
        help_text=_("One for the whole file. Everybody reads it beside the numbers, for ever."),
    )

    def clean_kind(self) -> EditKind:
        """Return the stream as the ledger knows it."""
        return EditKind(self.cleaned_data["kind"])
