"""The admin site: users and their memberships. Plans, ledgers and audit are not edited here."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.forms import BaseModelForm, BaseModelFormSet
from django.http import HttpRequest

from cycles.models import Membership, User
from cycles.services.access_review import scope_words
from cycles.services.audit import record_audit


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    """Roles of a user, with their limits."""

    model = Membership
    extra = 0
    filter_horizontal = ("families", "markets")


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """Users with their roles; a service user is shown but never given a password."""

    inlines = (MembershipInline,)
    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_service")
    readonly_fields = ("is_service",)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A service user is only looked at: it never gets a password or another role."""
        return super().has_change_permission(request, obj) and not (obj is not None and obj.is_service)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody is deleted: ledgers and audit point at people. Make them inactive."""
        return False

    def save_formset(
        self,
        request: HttpRequest,
        form: BaseModelForm,
        formset: BaseModelFormSet,
        change: bool,  # type: ignore[type-arg]
    ) -> None:
        """Save roles with an audit row in the same transaction."""
        person = form.instance
        before = _roles(person)
        super().save_formset(request, form, formset, change)
        if formset.has_changed() and isinstance(request.user, User):
            record_audit(
                actor=request.user,
                code="cycles.membership.granted",
                subject=person.username,
                before=before,
                after=_roles(person),
            )


def _roles(person: User) -> dict[str, str]:
    """The roles of a person as stored, each with its limits in words."""
    return {row.role: scope_words(row) for row in Membership.objects.filter(user=person).order_by("role")}
