"""People and what they may do: users and their memberships."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from cycles.policy import Role


class User(AbstractUser):
    """A person or a service user. Grain: one login. Owned by the admin.

    A service user acts for headless commands, one per role; it has no password and cannot log in. A user that once
    did something is never deleted, only made inactive: audit rows and ledgers point here.
    """

    is_service = models.BooleanField(default=False)
    display = models.CharField(max_length=8, default="value", choices=[("units", "Units"), ("value", "Value")])
    theme = models.CharField(
        max_length=8, default="auto", choices=[("auto", "As the system"), ("light", "Light"), ("dark", "Dark")]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_service_has_no_password",
                condition=Q(is_service=False) | Q(password__startswith="!"),
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        """Two letters for the avatar chip."""
        words = str(self).replace("-", " ").replace("_", " ").split()
        return "".join(word[0] for word in words[:2]).upper()


class Membership(models.Model):
    """A role of a user, perhaps limited to families and markets. Grain: user × role. Owned by the admin.

    No family given = all families, no market given = all markets.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role.value, role.label) for role in Role])
    families = models.ManyToManyField("catalog.Family", blank=True, related_name="+")
    markets = models.ManyToManyField("catalog.Market", blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="membership_once"),
            models.CheckConstraint(name="membership_role_known", condition=Q(role__in=[r.value for r in Role])),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {Role(self.role).label}"
