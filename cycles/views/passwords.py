"""The page on which a person sets their own password by the link that an admin gave them."""

from __future__ import annotations

from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse_lazy

from cycles.services.accounts import record_password_set


class SetPassword(PasswordResetConfirmView):
    """One page for people who are not signed in; the link works once, and its token leaves the address at once."""

    template_name = "cycles/set_password.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        """Save the password and the audit row together."""
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            record_password_set(person=form.user)
        return answer
