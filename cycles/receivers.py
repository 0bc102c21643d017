"""What the cycle does when something happened elsewhere: service users exist after every migration."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_migrate
from django.dispatch import receiver

from cycles.services.people import ensure_service_users


@receiver(post_migrate, dispatch_uid="cycles.service_users")
def set_up_service_users(sender: Any, using: str, **_: Any) -> None:
    """Create the service users once the cycle's tables are there."""
    if getattr(sender, "name", "") == "cycles":
        ensure_service_users(using)
